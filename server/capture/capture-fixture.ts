/** A pod with containers that restarted five times and wait, for tests. */
export function failingPod(namespace: string, name: string, ...containers: readonly string[]) {
  const names = containers.length > 0 ? containers : ['app'];
  return {
    kind: 'Pod',
    metadata: { namespace, name, uid: `${namespace}-${name}`, creationTimestamp: '2026-03-01T11:00:00Z' },
    spec: { containers: names.map((one) => ({ name: one, image: 'app:1' })) },
    status: {
      phase: 'Running',
      containerStatuses: names.map((one) => ({
        name: one,
        restartCount: 5,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 1, reason: 'Error', finishedAt: '2026-03-01T11:58:22Z' } },
      })),
    },
  };
}
