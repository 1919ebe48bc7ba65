import 'server-only';
import type { PodLine } from '@/lib/contract/pod';
import { kubectlStatus } from '@/lib/domain/kubectl-status';
import { toInstant } from '@/lib/domain/time';
import { clusterOf } from '@/server/runtime-slot';

/** Every known pod with kubectl's STATUS and RESTARTS, for scripts. Throws `not-found` for an unknown cluster. */
export function listPods(cluster: string, options: { namespaces: readonly string[] | null }): readonly PodLine[] {
  const { live } = clusterOf(cluster);
  const lines: PodLine[] = [];
  for (const pod of live.pods.values()) {
    if (options.namespaces && !options.namespaces.includes(pod.namespace)) continue;
    const { status, restarts, lastRestartAt, ready, total } = kubectlStatus(pod, live.serverMinor);
    lines.push({
      namespace: pod.namespace,
      name: pod.name,
      uid: pod.uid,
      ready: `${ready}/${total}`,
      status,
      restarts,
      lastRestartAt: toInstant(lastRestartAt),
    });
  }
  return lines;
}
