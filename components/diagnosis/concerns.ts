import type { Loop } from '@/lib/contract/loop';
import type { StreamFrame } from '@/lib/contract/stream';

/** Tells whether a frame says something new about the loops of a workload. Their ids start with `prefix`. */
export function concerns(frame: StreamFrame, prefix: string, known: readonly Loop[]): boolean {
  if (frame.kind === 'change') {
    return (
      frame.upserts.some((loop) => loop.id.startsWith(prefix)) || frame.removed.some((id) => id.startsWith(prefix))
    );
  }
  if (frame.kind !== 'snapshot') return false;
  const present = frame.page.loops.filter((loop) => loop.id.startsWith(prefix));
  return (
    present.length !== known.length ||
    present.some((loop) => JSON.stringify(loop) !== JSON.stringify(known.find((other) => other.id === loop.id)))
  );
}
