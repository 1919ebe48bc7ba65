import 'server-only';
import type { StreamFrame } from '@/lib/contract/stream';
import { orderLoops } from '@/lib/domain/order-loops';
import { boardOf, statusOf } from '@/server/loops/live-cluster';
import { clusterOf, runtime } from '@/server/runtime-slot';
import { VERSION } from '@/server/version';
import { CLIENT_HEADER } from './client-header';
import { eventStream } from './event-stream';
import { StreamSlots } from './stream-slots';

const STREAMS = new StreamSlots();

/**
 * Opens the stream of a cluster for one viewer: hello, snapshot, then changes, until the request is given up. Throws `not-found` for an
 * unknown cluster, `too-many-streams` where this client or all together hold as many as are served.
 */
export function openStream(cluster: string, namespaces: readonly string[] | null, request: Request): Response {
  const { live, hub } = clusterOf(cluster);
  const giveBack = STREAMS.take(request.headers.get(CLIENT_HEADER) ?? '');
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
    signal: request.signal,
    first: () => [hello(), snapshot()],
    snapshot,
    closers: runtime().closers,
    onEnd: giveBack,
  });
}
