import { describe, expect, it } from 'vitest';
import { examplePage } from '@/lib/contract/example-loops';
import type { Loop } from '@/lib/contract/loop';
import type { StreamFrame } from '@/lib/contract/stream';
import { applyFrame, applyFrames } from './apply-frame';

const page = examplePage();
const first = page.loops[0];
if (!first) throw new Error('the example page has rows');

function change(sequence: number, upserts: Loop[], removed: string[] = []): StreamFrame {
  return { kind: 'change', sequence, asOf: '2026-11-12T14:03:00.000Z', upserts, removed };
}

describe('applyFrame', () => {
  it('replaces the page by a snapshot', () => {
    const next = { ...page, sequence: 7, loops: [] };
    expect(applyFrame(page, { kind: 'snapshot', page: next })).toBe(next);
    expect(applyFrame(undefined, { kind: 'snapshot', page: next })).toBe(next);
  });

  it('changes a row in its place and leaves every other row the same object', () => {
    const after = applyFrame(page, change(101, [{ ...first, restarts: 99 }]));
    expect(after?.loops[0]?.restarts).toBe(99);
    expect(after?.loops).toHaveLength(page.loops.length);
    expect(after?.loops.slice(1).every((loop, index) => loop === page.loops[index + 1])).toBe(true);
    expect(after).toMatchObject({ sequence: 101, asOf: '2026-11-12T14:03:00.000Z', totals: page.totals });
  });

  it('appends a new row and takes a removed one away', () => {
    const fresh = { ...first, id: 'deployments/shop/new/new' };
    const after = applyFrame(page, change(101, [fresh], [first.id]));
    expect(after?.loops.at(-1)).toBe(fresh);
    expect(after?.loops.some((loop) => loop.id === first.id)).toBe(false);
  });

  it('keeps a row that one frame removes and brings back', () => {
    const after = applyFrame(page, change(101, [{ ...first, restarts: 1 }], [first.id]));
    expect(after?.loops[0]).toMatchObject({ id: first.id, restarts: 1 });
  });

  it('takes totals and coverage where a change brings them', () => {
    const totals = { ...page.totals, looping: 1 };
    const after = applyFrame(page, { ...change(101, []), totals, coverage: [] } as StreamFrame);
    expect(after).toMatchObject({ totals: { looping: 1 }, coverage: [] });
    expect(after?.loops).toBe(page.loops);
  });

  it('ignores a change that the snapshot already held', () => {
    expect(applyFrame(page, change(100, [{ ...first, restarts: 0 }]))).toBe(page);
  });

  it('waits for the snapshot after a gap, and before the first one', () => {
    expect(applyFrame(page, { kind: 'gap', reason: 'slow reader' })).toBe(page);
    expect(applyFrame(undefined, change(1, [first]))).toBeUndefined();
  });

  it('applies a burst in order', () => {
    const after = applyFrames(page, [
      change(101, [{ ...first, restarts: 7 }]),
      change(102, [{ ...first, restarts: 8 }]),
    ]);
    expect(after?.loops[0]?.restarts).toBe(8);
  });
});
