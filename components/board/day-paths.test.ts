import { describe, expect, it } from 'vitest';
import type { Totals } from '@/lib/contract/loop';
import { dayPaths } from './day-paths';
import { EXAMPLE_NOW, examplePage } from './example-loops';

function hours(counts: Record<number, Totals['crashesPerHour'][number]['counts']>): Totals['crashesPerHour'] {
  return Array.from({ length: 24 }, (_, hour) => ({
    at: new Date(EXAMPLE_NOW - (24 - hour) * 3_600_000).toISOString(),
    counts: counts[hour] ?? {},
  }));
}

describe('dayPaths', () => {
  it('stacks the categories of an hour on one another, the highest hour at full height', () => {
    const { parts, peak } = dayPaths(hours({ 2: { resource: 1, dependency: 3 }, 5: { resource: 2 } }), EXAMPLE_NOW);
    expect(parts).toEqual([
      { category: 'dependency', crashes: 3, path: 'M80 44h32v-31.5h-32z' },
      { category: 'resource', crashes: 3, path: 'M80 12.5h32v-10.5h-32zM200 44h32v-21h-32z' },
    ]);
    expect(peak).toMatchObject({ crashes: 4, hour: 2 });
  });

  it('keeps one crash visible beside thousands', () => {
    const { parts } = dayPaths(hours({ 0: { image: 1 }, 1: { image: 9000 } }), EXAMPLE_NOW);
    expect(parts[0]?.path).toContain('M0 44h32v-0.6h-32z');
  });

  it('draws nothing where nothing crashed, and says so', () => {
    expect(dayPaths(hours({}), EXAMPLE_NOW)).toMatchObject({
      parts: [],
      peak: null,
      words: 'Crashes per hour over 24 hours: none.',
    });
  });

  it('names the ends of the axis and every sixth hour between', () => {
    expect(dayPaths(hours({}), EXAMPLE_NOW).axis.map((mark) => mark.text)).toEqual([
      '11 Nov 14:02',
      '18:00',
      '00:00',
      '06:00',
      '12:00',
      'now',
    ]);
  });

  it('tells those who cannot see it when it was worst and how it is now', () => {
    expect(dayPaths(examplePage().totals.crashesPerHour, EXAMPLE_NOW).words).toMatch(
      /most in the hour from 13:02 UTC \(234\), 234 in the last hour/,
    );
  });
});
