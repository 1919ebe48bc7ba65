import 'server-only';
import type { StreamFrame } from '@/lib/contract/stream';
import { orderLoops } from '@/lib/domain/order-loops';
import { pipelineOf, runtime } from '@/server/runtime-slot';
import { VERSION } from '@/server/version';
import { eventStream } from './event-stream';

/** Opens the stream of a cluster for one viewer: hello, snapshot, then changes. Throws `not-found` for an unknown cluster. */
export function openStream(cluster: string, namespaces: readonly string[] | null, signal: AbortSignal): Response {
  const pipeline = pipelineOf(cluster);
  const snapshot = (): StreamFrame => {
    const page = pipeline.page(namespaces);
    return { kind: 'snapshot', page: { ...page, loops: orderLoops(page.loops) } };
  };
  const hello = (): StreamFrame => ({
    kind: 'hello',
    version: VERSION,
    sequence: pipeline.hub.sequence,
    cluster: pipeline.status(),
  });
  return eventStream({
    hub: pipeline.hub,
    namespaces,
    signal,
    first: () => [hello(), snapshot()],
    snapshot,
    closers: runtime().closers,
  });
}
