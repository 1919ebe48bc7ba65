import 'server-only';
import type { Cluster } from '@/lib/contract/cluster';
import { statusOf } from '@/server/loops/live-cluster';
import { clustersOf } from '@/server/runtime-slot';
import type { ReadContext } from './context';

/** The clusters that the viewer may see with their state, in the order of configuration. */
export function listClusters({ viewer }: ReadContext): readonly Cluster[] {
  return [...clustersOf(viewer).values()].map(({ live }) => statusOf(live, viewer));
}
