import { describe, expect, it } from 'vitest';
import { EXAMPLE_NOW, examplePage } from '@/lib/contract/example-loops';
import type { Totals } from '@/lib/contract/loop';
import { type Span, stackSpans } from './stacked-spans';

function hours(counts: Record<number, Totals['crashesPerHour'][number]['counts']>): Totals['crashesPerHour'] {
  return Array.from({ length: 24 }, (_, hour) => ({
    at: new Date(EXAMPLE_NOW - (24 - hour) * 3_600_000).toISOString(),
    counts: counts[hour] ?? {},
  }));
}

const draw = (spans: readonly Span[]) => stackSpans(spans, EXAMPLE_NOW, { noun: 'Crashes', spanMs: 3_600_000 });

describe('stackSpans', () => {
  it('stacks the categories of an hour on one another, the highest hour at full height', () => {
    const { parts, peak } = draw(hours({ 2: { resource: 1, dependency: 3 }, 5: { resource: 2 } }));
    expect(parts).toEqual([
      { category: 'dependency', count: 3, path: 'M80 44h32v-31.5h-32z' },
      { category: 'resource', count: 3, path: 'M80 12.5h32v-10.5h-32zM200 44h32v-21h-32z' },
    ]);
    expect(peak).toMatchObject({ count: 4, span: 2 });
  });

  it('keeps one crash visible beside thousands', () => {
    const { parts } = draw(hours({ 0: { image: 1 }, 1: { image: 9000 } }));
    expect(parts[0]?.path).toContain('M0 44h32v-0.6h-32z');
  });

  it('draws nothing where nothing crashed, and says so', () => {
    expect(draw(hours({}))).toMatchObject({
      parts: [],
      peak: null,
      words: 'Crashes per hour over 24 hours: none.',
    });
  });

  it('names the ends of the axis and every sixth hour between', () => {
    expect(draw(hours({})).axis.map((mark) => mark.text)).toEqual([
      '11 Nov 14:02',
      '18:00',
      '00:00',
      '06:00',
      '12:00',
      'now',
    ]);
  });

  it('tells those who cannot see it when it was worst and how it is now', () => {
    expect(draw(examplePage().totals.crashesPerHour).words).toMatch(
      /most in the hour from 13:02 UTC \(234\), 234 in the last hour/,
    );
  });

  it('names days where the spans are days', () => {
    const day = 86_400_000;
    const last = EXAMPLE_NOW - (EXAMPLE_NOW % day);
    const spans = Array.from({ length: 8 }, (_, index) => ({
      at: new Date(last - (7 - index) * day).toISOString(),
      counts: index === 3 ? { image: 2 } : {},
    }));
    const { axis, words } = stackSpans(spans, EXAMPLE_NOW, { noun: 'Ends', spanMs: day });
    expect(axis.map((mark) => mark.text)).toEqual(['5 Nov', '7 Nov', '9 Nov', '11 Nov', 'now']);
    expect(words).toMatch(/^Ends per day over 8 days.*most on 8 Nov \(2\), none in the last day/);
  });

  it('tells hours that nobody watched from hours without a crash', () => {
    const meaning = { noun: 'Crashes', spanMs: 3_600_000, recordedSince: EXAMPLE_NOW - 6 * 3_600_000 };
    const stack = stackSpans(hours({ 20: { image: 2 } }), EXAMPLE_NOW, meaning);
    expect(stack.unrecorded).toBe(75);
    expect(stack.words).toMatch(/^Crashes per hour over 24 hours, recorded since 12 Nov 08:02 UTC, stacked/);
    expect(stackSpans(hours({ 12: { image: 2 } }), EXAMPLE_NOW, meaning).unrecorded).toBe(50);
    expect(draw(hours({})).unrecorded).toBe(0);
  });
});
