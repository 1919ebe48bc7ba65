import { describe, expect, it } from 'vitest';
import { EXAMPLE_NOW, exampleLoops } from '@/lib/contract/example-loops';
import type { Loop } from '@/lib/contract/loop';
import { nextTone, nextWords } from './next-words';

function row(name: string, change: Partial<Loop> = {}): Loop {
  const loop = exampleLoops().find((one) => one.workload.name === name);
  if (!loop) throw new Error(`no ${name} in the example`);
  return { ...loop, ...change };
}

describe('the words for what comes next', () => {
  it('gives the window while it is ahead or open', () => {
    expect(nextWords(row('checkout'), EXAMPLE_NOW)).toBe('14:03:22–14:03:40');
    expect(nextTone(row('checkout'), EXAMPLE_NOW)).toBe('range');
    expect(nextWords(row('checkout'), EXAMPLE_NOW + 60_000)).toBe('14:03:22–14:03:40');
  });

  it('says overdue once the window is past, though the server has not said so yet', () => {
    expect(nextWords(row('checkout'), EXAMPLE_NOW + 79_000)).toBe('overdue 10s');
    expect(nextTone(row('checkout'), EXAMPLE_NOW + 79_000)).toBe('waiting');
    expect(nextWords(row('geo-sync'), EXAMPLE_NOW)).toBe('overdue 83s');
  });

  it('counts how long a run lives and how long one holds', () => {
    expect(nextWords(row('media-api'), EXAMPLE_NOW)).toBe('running 21s');
    expect(nextWords(row('cart'), EXAMPLE_NOW)).toBe('held 6m31s');
    expect(nextTone(row('cart'), EXAMPLE_NOW)).toBe('held');
  });

  it('counts the wait where no window is known, and says nothing where nothing is known', () => {
    expect(nextWords(row('checkout', { nextRestart: null }), EXAMPLE_NOW)).toBe('waiting 4m8s');
    expect(nextWords(row('storefront'), EXAMPLE_NOW)).toBe('');
    expect(nextWords(row('gateway'), EXAMPLE_NOW)).toBe('');
    expect(nextWords(row('backfill'), EXAMPLE_NOW)).toBe('');
  });
});
