import 'server-only';
import type { StreamFrame } from '@/lib/contract/stream';
import { orderLoops } from '@/lib/domain/order-loops';
import { sightOf } from '@/lib/domain/viewer';
import { boardOf, statusOf } from '@/server/loops/live-cluster';
import type { ReadContext } from '@/server/read/context';
import { clusterOf, runtime } from '@/server/runtime-slot';
import { VERSION } from '@/server/version';
import { CLIENT_HEADER } from './client-header';
import { eventStream } from './event-stream';
import { StreamSlots } from './stream-slots';

const STREAMS = new StreamSlots();

/**
 * Opens the stream of a cluster, or of some namespaces of it (null: all), for one viewer: hello, snapshot, then changes, until the request
 * is given up; all of it by what the viewer might see when it was opened. Throws `not-found` for an unknown cluster, `too-many-streams`
 * where this client or all together hold as many as are served.
 */
export function openStream(
  { viewer }: ReadContext,
  { cluster, namespaces }: { readonly cluster: string; readonly namespaces: readonly string[] | null },
  request: Request,
): Response {
  const { live, hub } = clusterOf(viewer, cluster);
  const sight = sightOf(viewer, cluster, namespaces);
  const giveBack = STREAMS.take(request.headers.get(CLIENT_HEADER) ?? '');
  const snapshot = (): StreamFrame => {
    const page = boardOf(live, sight, hub.sequence);
    return { kind: 'snapshot', page: { ...page, loops: orderLoops(page.loops) } };
  };
  const hello = (): StreamFrame => ({
    kind: 'hello',
    version: VERSION,
    sequence: hub.sequence,
    cluster: statusOf(live, viewer),
  });
  return eventStream({
    hub,
    sight,
    signal: request.signal,
    first: () => [hello(), snapshot()],
    snapshot,
    closers: runtime().closers,
    onEnd: giveBack,
  });
}
