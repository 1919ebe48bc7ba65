import { describe, expect, it } from 'vitest';
import { exampleLoops } from '@/lib/contract/example-loops';
import { SORT_KEYS } from '@/lib/url/board';
import { nextSort, sortLoops, sortWords } from './sort-loops';

const names = (...args: Parameters<typeof sortLoops>): string[] => sortLoops(...args).map((loop) => loop.workload.name);
const loops = exampleLoops();

describe('sortLoops', () => {
  it('stands worst first without a choice', () => {
    expect(names(loops, null).slice(0, 3)).toEqual(['ledger-api', 'orders-worker', 'webhook-dispatcher']);
    expect(names(loops, null).at(-1)).toBe('backfill');
  });

  it('sorts by a column both ways', () => {
    expect(names(loops, '-restarts').slice(0, 3)).toEqual(['pdf-render', 'ocr', 'log-agent']);
    expect(names(loops, 'restarts').slice(0, 2)).toEqual(['nightly-report', 'storefront']);
    expect(names(loops, 'since')[0]).toBe('pdf-render');
    expect(names(loops, '-since')[0]).toBe('recommender');
  });

  it('keeps what has no value last both ways', () => {
    const unknown = loops.map((loop) => (loop.workload.name === 'ocr' ? { ...loop, verdict: null } : loop));
    expect(names(unknown, 'cause').at(-1)).toBe('ocr');
    expect(names(unknown, '-cause').at(-1)).toBe('ocr');
  });

  it('orders equal rows worst first, and loses none', () => {
    for (const key of SORT_KEYS) expect(names(loops, key).toSorted()).toEqual(names(loops, null).toSorted());
    expect(names(loops, 'status').slice(0, 2)).toEqual(['ledger-api', 'orders-worker']);
  });
});

describe('nextSort', () => {
  it('goes from the telling direction to the other and back to worst first', () => {
    expect(nextSort(null, 'restarts')).toBe('-restarts');
    expect(nextSort('-restarts', 'restarts')).toBe('restarts');
    expect(nextSort('restarts', 'restarts')).toBeNull();
    expect(nextSort('-restarts', 'ns')).toBe('ns');
  });

  it('has words for the line above the list', () => {
    expect(sortWords(null)).toBe('worst first');
    expect(sortWords('-restarts')).toBe('most restarts first');
  });
});
