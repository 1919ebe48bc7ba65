import 'server-only';
import type { StreamFrame } from '@/lib/contract/stream';
import { orderLoops } from '@/lib/domain/order-loops';
import { boardOf, statusOf } from '@/server/loops/live-cluster';
import { clusterOf, runtime } from '@/server/runtime-slot';
import { VERSION } from '@/server/version';
import { eventStream } from './event-stream';
import { StreamSlots } from './stream-slots';

const STREAMS = new StreamSlots();

/**
 * Opens the stream of a cluster for one viewer: hello, snapshot, then changes. `client` is the peer's address. Throws `not-found` for
 * an unknown cluster, `too-many-streams` where this client or all together hold as many as are served.
 */
export function openStream(
  cluster: string,
  namespaces: readonly string[] | null,
  client: string,
  signal: AbortSignal,
): Response {
  const { live, hub } = clusterOf(cluster);
  const giveBack = STREAMS.take(client);
  const snapshot = (): StreamFrame => {
    const page = boardOf(live, namespaces, hub.sequence);
    return { kind: 'snapshot', page: { ...page, loops: orderLoops(page.loops) } };
  };
  const hello = (): StreamFrame => ({
    kind: 'hello',
    version: VERSION,
    sequence: hub.sequence,
    cluster: statusOf(live),
  });
  return eventStream({
    hub,
    namespaces,
    signal,
    first: () => [hello(), snapshot()],
    snapshot,
    closers: runtime().closers,
    onEnd: giveBack,
  });
}
