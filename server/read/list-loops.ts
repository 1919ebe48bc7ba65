import 'server-only';
import type { LoopsPage } from '@/lib/contract/loop';
import { orderLoops } from '@/lib/domain/order-loops';
import { sightOf } from '@/lib/domain/viewer';
import { boardOf } from '@/server/loops/live-cluster';
import { clusterOf } from '@/server/runtime-slot';
import type { ReadContext } from './context';

/** A cluster, or some namespaces of it; null: all that the viewer may see. */
export interface ClusterQuery {
  readonly cluster: string;
  readonly namespaces: readonly string[] | null;
}

/** The board of a cluster, worst first. Throws `not-found` for an unknown cluster. */
export function listLoops({ viewer }: ReadContext, { cluster, namespaces }: ClusterQuery): LoopsPage {
  const { live, hub } = clusterOf(viewer, cluster);
  const page = boardOf(live, sightOf(viewer, cluster, namespaces), hub.sequence);
  return { ...page, loops: orderLoops(page.loops) };
}
