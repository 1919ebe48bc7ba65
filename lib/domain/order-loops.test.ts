import { describe, expect, it } from 'vitest';
import type { LoopState } from './loop';
import { isNotServing, type OrderedLoop, orderLoops } from './order-loops';

function loop(id: string, state: LoopState, failing: number, total: number, since: string): OrderedLoop {
  return { id, state, replicas: { failing, total }, since };
}

const order = (...loops: OrderedLoop[]): string[] => orderLoops(loops).map((one) => one.id);

describe('orderLoops', () => {
  it('puts what does not serve before what still serves, however many replicas fail there', () => {
    expect(
      order(loop('three-of-twelve', 'looping', 3, 12, '2026-01-01'), loop('one-of-one', 'looping', 1, 1, '2026-01-01')),
    ).toEqual(['one-of-one', 'three-of-twelve']);
  });

  it('puts many failing replicas before one, and the newer before the older', () => {
    expect(
      order(
        loop('old', 'slow', 1, 3, '2026-01-01T10:00:00Z'),
        loop('new', 'starting', 1, 6, '2026-01-01T14:00:00Z'),
        loop('many', 'looping', 2, 3, '2026-01-01T09:00:00Z'),
      ),
    ).toEqual(['many', 'new', 'old']);
  });

  it('sinks what holds, recovered or is gone below everything that fails', () => {
    expect(
      order(
        loop('gone', 'gone', 0, 0, '2026-01-04'),
        loop('recovered', 'recovered', 0, 3, '2026-01-03'),
        loop('holding', 'holding', 0, 2, '2026-01-02'),
        loop('never', 'never-started', 1, 6, '2026-01-01'),
      ),
    ).toEqual(['never', 'holding', 'recovered', 'gone']);
  });

  it('gives the same order whatever the order it was given', () => {
    const loops = ['c', 'a', 'b'].map((id) => loop(id, 'looping', 1, 2, '2026-01-01'));
    expect(order(...loops)).toEqual(['a', 'b', 'c']);
    expect(order(...[...loops].reverse())).toEqual(['a', 'b', 'c']);
  });
});

describe('isNotServing', () => {
  it('needs a replica to fail, and all of them', () => {
    expect(isNotServing(loop('x', 'looping', 2, 2, ''))).toBe(true);
    expect(isNotServing(loop('x', 'looping', 1, 2, ''))).toBe(false);
    expect(isNotServing(loop('x', 'looping', 0, 0, ''))).toBe(false);
    expect(isNotServing(loop('x', 'recovered', 1, 1, ''))).toBe(false);
  });
});
