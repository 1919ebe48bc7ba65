import 'server-only';
import type { PodLine } from '@/lib/contract/pod';
import { kubectlStatus } from '@/lib/domain/kubectl-status';
import { toInstant } from '@/lib/domain/time';
import { sightOf } from '@/lib/domain/viewer';
import { clusterOf } from '@/server/runtime-slot';
import type { ReadContext } from './context';
import type { ClusterQuery } from './list-loops';

/** Every known pod with kubectl's STATUS and RESTARTS, for scripts. Throws `not-found` for an unknown cluster. */
export function listPods({ viewer }: ReadContext, { cluster, namespaces }: ClusterQuery): readonly PodLine[] {
  const { live } = clusterOf(viewer, cluster);
  const sight = sightOf(viewer, cluster, namespaces);
  const lines: PodLine[] = [];
  for (const pod of live.pods.values()) {
    if (!sight.shows(pod.namespace)) continue;
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
