import type { Totals } from '@/lib/contract/loop';
import type { Category } from '@/lib/domain/causes';
import { formatDay, formatMinute } from '@/lib/format/clock';
import { formatCount } from '@/lib/format/count';

/** Bottom to top of the stack, and left to right of the legend. */
const STACK = [
  'dependency',
  'configuration',
  'resource',
  'kubernetes',
  'image',
  'application',
  'unknown',
] as const satisfies readonly Category[];

/** Short names for the legend. */
export const CATEGORY_WORDS: Readonly<Record<Category, string>> = {
  dependency: 'Dependency',
  configuration: 'Configuration',
  resource: 'Resource',
  kubernetes: 'Kubernetes',
  image: 'Image',
  application: 'Application',
  unknown: 'Unknown',
};

/** The plot is drawn 960 × 44 and stretched. */
const WIDTH = 960;
const HEIGHT = 44;
const TALLEST = 42;
const SHORTEST_PART = 0.6;
const GAP = 0.2;
const HOUR_MS = 3_600_000;

export interface DayPaths {
  readonly parts: readonly { readonly category: Category; readonly path: string; readonly crashes: number }[];
  /** The highest hour: its crashes, and the edges of its bar in percent from the left; null where nothing crashed. */
  readonly peak: {
    readonly crashes: number;
    readonly hour: number;
    readonly left: number;
    readonly right: number;
  } | null;
  readonly axis: readonly { readonly text: string; readonly left: number; readonly isWide: boolean }[];
  readonly words: string;
}

/** Draws 24 hours of crashes, stacked by category, one path per category. `now` is epoch milliseconds. */
export function dayPaths(hours: Totals['crashesPerHour'], now: number): DayPaths {
  const sums = hours.map(({ counts }) => STACK.reduce((sum, category) => sum + (counts[category] ?? 0), 0));
  const most = Math.max(0, ...sums);
  const step = WIDTH / Math.max(1, hours.length);
  const bases = hours.map(() => HEIGHT);
  const parts = STACK.map((category) => {
    let path = '';
    let crashes = 0;
    hours.forEach(({ counts }, hour) => {
      const count = counts[category] ?? 0;
      if (count === 0) return;
      crashes += count;
      const height = Math.max(SHORTEST_PART, (count / most) * TALLEST);
      const base = bases[hour] ?? HEIGHT;
      bases[hour] = base - height;
      const width = round(step * (1 - GAP));
      path += `M${round(hour * step)} ${round(base)}h${width}v${-round(height)}h-${width}z`;
    });
    return { category, path, crashes };
  }).filter((part) => part.crashes > 0);
  return { parts, peak: peakOf(sums, most), axis: axisOf(hours, now), words: wordsOf(hours, sums, most) };
}

function peakOf(sums: readonly number[], most: number): DayPaths['peak'] {
  if (most === 0) return null;
  const hour = sums.lastIndexOf(most);
  const step = 100 / sums.length;
  return { crashes: most, hour, left: round(hour * step), right: round((hour + 1 - GAP) * step) };
}

/** A name at every sixth hour of the clock, the day at the left end, `now` at the right. */
function axisOf(hours: Totals['crashesPerHour'], now: number): DayPaths['axis'] {
  const first = hours[0];
  if (!first) return [];
  const from = Date.parse(first.at);
  const span = hours.length * HOUR_MS;
  const sixHours = 6 * HOUR_MS;
  const marks = [];
  for (let at = Math.ceil(from / sixHours) * sixHours; at < now; at += sixHours) {
    const left = ((at - from) / span) * 100;
    // The ends of the axis have words of their own.
    if (left > 13 && left < 95)
      marks.push({ text: formatMinute(at), left: round(left), isWide: left < 30 || left > 80 });
  }
  return [
    { text: `${formatDay(from)} ${formatMinute(from)}`, left: 0, isWide: false },
    ...marks,
    { text: 'now', left: 100, isWide: false },
  ];
}

function wordsOf(hours: Totals['crashesPerHour'], sums: readonly number[], most: number): string {
  const all = sums.reduce((sum, count) => sum + count, 0);
  if (all === 0) return 'Crashes per hour over 24 hours: none.';
  const peak = hours[sums.lastIndexOf(most)];
  const last = sums.at(-1) ?? 0;
  return (
    `Crashes per hour over 24 hours, stacked by category: ${formatCount(all)} in all, ` +
    `most in the hour from ${peak ? formatMinute(Date.parse(peak.at)) : ''} UTC (${formatCount(most)}), ` +
    `${last === 0 ? 'none' : formatCount(last)} in the last hour.`
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
