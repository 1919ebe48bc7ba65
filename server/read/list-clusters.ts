import 'server-only';
import type { Cluster } from '@/lib/contract/cluster';
import { statusOf } from '@/server/loops/live-cluster';
import { runtime } from '@/server/runtime-slot';

/** All configured clusters with their state, in the order of configuration. */
export function listClusters(): readonly Cluster[] {
  return [...runtime().clusters.values()].map(({ live }) => statusOf(live));
}
