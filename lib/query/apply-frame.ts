import type { Loop, LoopsPage } from '@/lib/contract/loop';
import type { StreamFrame } from '@/lib/contract/stream';

/**
 * The page after one frame of the stream. Pure. Rows that a frame does not name keep their identity and place; new
 * rows come last. A `change` that the page already holds (by sequence) leaves it as it is, and so do `hello` and `gap`: the
 * `snapshot` that follows a gap brings what was left out. Without a page only a snapshot can give one.
 */
export function applyFrame(page: LoopsPage | undefined, frame: StreamFrame): LoopsPage | undefined {
  switch (frame.kind) {
    case 'snapshot':
      return frame.page;
    case 'change':
      return page && frame.sequence > page.sequence ? applyChange(page, frame) : page;
    case 'hello':
    case 'gap':
      return page;
  }
}

function applyChange(page: LoopsPage, frame: Extract<StreamFrame, { kind: 'change' }>): LoopsPage {
  return {
    ...page,
    sequence: frame.sequence,
    asOf: frame.asOf,
    totals: frame.totals ?? page.totals,
    coverage: frame.coverage ?? page.coverage,
    loops: mergeLoops(page.loops, frame.upserts, frame.removed),
  };
}

function mergeLoops(loops: Loop[], upserts: readonly Loop[], removed: readonly string[]): Loop[] {
  if (upserts.length === 0 && removed.length === 0) return loops;
  const changed = new Map(upserts.map((loop) => [loop.id, loop]));
  const gone = new Set(removed.filter((id) => !changed.has(id)));
  const kept = loops.filter((loop) => !gone.has(loop.id)).map((loop) => take(changed, loop.id) ?? loop);
  return [...kept, ...changed.values()];
}

function take(loops: Map<string, Loop>, id: string): Loop | undefined {
  const loop = loops.get(id);
  loops.delete(id);
  return loop;
}

/** The page after several frames, in their order. */
export function applyFrames(page: LoopsPage | undefined, frames: readonly StreamFrame[]): LoopsPage | undefined {
  return frames.reduce(applyFrame, page);
}
