import 'server-only';
import type { LoopsPage } from '@/lib/contract/loop';
import { orderLoops } from '@/lib/domain/order-loops';
import { boardOf } from '@/server/loops/live-cluster';
import { clusterOf } from '@/server/runtime-slot';

/** The board of a cluster, worst first. `namespaces` null: all that are watched. Throws `not-found` for an unknown cluster. */
export function listLoops(cluster: string, options: { namespaces: readonly string[] | null }): LoopsPage {
  const { live, hub } = clusterOf(cluster);
  const page = boardOf(live, options.namespaces, hub.sequence);
  return { ...page, loops: orderLoops(page.loops) };
}
