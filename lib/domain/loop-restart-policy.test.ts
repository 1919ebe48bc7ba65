import { describe, expect, it } from 'vitest';
import { judgeLoop } from './loop-state';
import { nextRestart } from './next-restart';
import { at, container, ended, pod, terminated, waiting } from './pod-fixture';
import type { ContainerRestart, PodSnapshot } from './pod-snapshot';

const NOON = at('12:00:00');
const RULE_42 = [{ action: 'Restart', operator: 'In', codes: [42] }];

/** A pod whose only container ended at noon, after one restart, under these policies. */
function endedPod(restartPolicy: string, restart: ContainerRestart, exitCode: number): PodSnapshot {
  const state = terminated({ exitCode, containerId: 'containerd://1' });
  const lastTermination = ended({
    exitCode,
    startedAt: at('11:59:50'),
    finishedAt: at('11:59:56'),
    containerId: 'containerd://0',
  });
  return pod([container({ restartCount: 1, state, lastTermination })], {
    restartPolicy,
    specContainers: [{ name: 'app', type: 'app', image: '', restart }],
  });
}

const judge = (one: PodSnapshot) =>
  judgeLoop({ container: 'app', pods: [one], runs: [], now: NOON, previous: null }).standing?.state ?? null;

function nextOf(one: PodSnapshot) {
  const [app] = one.app;
  return app === undefined
    ? null
    : nextRestart({ pod: one, container: app, runs: [], backoff: { kubeletMinor: 36 }, now: NOON });
}

describe('a container with a restart policy of its own', () => {
  it.each([
    ['a rule that restarts on 42, in a pod that never restarts', 'Never', { policy: 'Never', rules: RULE_42 }, 42],
    ['Always, ended well in a pod of OnFailure', 'OnFailure', { policy: 'Always', rules: [] }, 0],
    ['OnFailure, in a pod that never restarts', 'Never', { policy: 'OnFailure', rules: [] }, 1],
  ] as const)('is on the board with a next restart: %s', (_, podPolicy, restart, exitCode) => {
    const one = endedPod(podPolicy, restart, exitCode);
    expect(judge(one)).toBe('starting');
    expect(nextOf(one)?.wait.nominalMs).toBe(10_000);
  });

  it.each([
    ['Never, in a pod that always restarts', 'Always', { policy: 'Never', rules: [] }, 1],
    ['a rule for another exit code', 'Always', { policy: 'Never', rules: RULE_42 }, 1],
    ['OnFailure, ended well', 'Always', { policy: 'OnFailure', rules: [] }, 0],
  ] as const)('is not expected to start again: %s', (_, podPolicy, restart, exitCode) => {
    const one = endedPod(podPolicy, restart, exitCode);
    expect(judge(one)).toBeNull();
    expect(nextOf(one)).toBeNull();
  });

  it('shows the next restart while the kubelet backs off', () => {
    const state = waiting('CrashLoopBackOff', 'back-off 40s restarting failed container=app pod=web_shop(uid)');
    const app = container({ restartCount: 3, state, lastTermination: ended({ exitCode: 42 }) });
    const restart = { policy: 'Never', rules: RULE_42 };
    const one = pod([app], {
      restartPolicy: 'Never',
      specContainers: [{ name: 'app', type: 'app', image: '', restart }],
    });
    expect(nextOf(one)?.wait.dueAt).toBe(NOON + 40_000);
  });
});
