import type { Category } from '@/lib/domain/causes';
import { formatDay, formatMinute } from '@/lib/format/clock';
import { countOf, formatCount } from '@/lib/format/count';

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
const DAY_MS = 24 * HOUR_MS;

/** One span of time and what was counted in it, by category. `at` is its start, ISO-8601. */
export interface Span {
  readonly at: string;
  readonly counts: Partial<Record<Category, number>>;
}

/** What the spans count, and how long each is. */
export interface SpanMeaning {
  /** `Crashes`, `Ends`: the plural, as it begins a sentence. */
  readonly noun: string;
  readonly spanMs: number;
  /** Since when something is recorded, epoch milliseconds; absent where that is not known. */
  readonly recordedSince?: number;
}

export interface StackedSpans {
  readonly parts: readonly { readonly category: Category; readonly path: string; readonly count: number }[];
  /** The highest span: its count, and the edges of its bar in percent from the left; null where nothing was counted. */
  readonly peak: {
    readonly count: number;
    readonly span: number;
    readonly left: number;
    readonly right: number;
  } | null;
  /** So much of the plot, from the left, lies before anything was recorded: 0 to 100 percent. */
  readonly unrecorded: number;
  readonly axis: readonly { readonly text: string; readonly left: number; readonly isWide: boolean }[];
  readonly words: string;
}

/** Draws spans of equal length, oldest first, stacked by category, one path per category. `now` is epoch milliseconds. */
export function stackSpans(spans: readonly Span[], now: number, meaning: SpanMeaning): StackedSpans {
  const sums = spans.map(({ counts }) => STACK.reduce((sum, category) => sum + (counts[category] ?? 0), 0));
  const most = Math.max(0, ...sums);
  const step = WIDTH / Math.max(1, spans.length);
  const bases = spans.map(() => HEIGHT);
  const parts = STACK.map((category) => {
    let path = '';
    let total = 0;
    spans.forEach(({ counts }, span) => {
      const count = counts[category] ?? 0;
      if (count === 0) return;
      total += count;
      const height = Math.max(SHORTEST_PART, (count / most) * TALLEST);
      const base = bases[span] ?? HEIGHT;
      bases[span] = base - height;
      const width = round(step * (1 - GAP));
      path += `M${round(span * step)} ${round(base)}h${width}v${-round(height)}h-${width}z`;
    });
    return { category, path, count: total };
  }).filter((part) => part.count > 0);
  return {
    parts,
    peak: peakOf(sums, most),
    unrecorded: unrecordedOf(spans, sums, meaning),
    axis: axisOf(spans, now, meaning.spanMs),
    words: wordsOf(spans, sums, most, meaning),
  };
}

/** Up to the first thing that is known, also where that had happened before the record began and was told by the cluster. */
function unrecordedOf(spans: readonly Span[], sums: readonly number[], meaning: SpanMeaning): number {
  const { recordedSince, spanMs } = meaning;
  const from = Date.parse(spans[0]?.at ?? '');
  if (recordedSince === undefined || Number.isNaN(from)) return 0;
  const firstKnown = sums.findIndex((sum) => sum > 0);
  const until = firstKnown < 0 ? recordedSince : Math.min(recordedSince, from + firstKnown * spanMs);
  return round(Math.min(100, Math.max(0, ((until - from) / (spans.length * spanMs)) * 100)));
}

function peakOf(sums: readonly number[], most: number): StackedSpans['peak'] {
  if (most === 0) return null;
  const span = sums.lastIndexOf(most);
  const step = 100 / sums.length;
  return { count: most, span, left: round(span * step), right: round((span + 1 - GAP) * step) };
}

/** The beginning at the left end, `now` at the right, and between them round hours or days (UTC), at most about seven. */
function axisOf(spans: readonly Span[], now: number, spanMs: number): StackedSpans['axis'] {
  const first = spans[0];
  if (!first) return [];
  const from = Date.parse(first.at);
  const length = spans.length * spanMs;
  const isShort = length <= 26 * HOUR_MS;
  const every = isShort ? 6 * HOUR_MS : Math.ceil(length / (7 * DAY_MS)) * DAY_MS;
  const marks = [];
  for (let at = Math.ceil(from / every) * every; at < now; at += every) {
    const left = ((at - from) / length) * 100;
    // The ends of the axis have words of their own.
    if (left > 13 && left < 95) {
      marks.push({
        text: isShort ? formatMinute(at) : formatDay(at),
        left: round(left),
        isWide: left < 30 || left > 80,
      });
    }
  }
  const begin = spanMs < DAY_MS ? `${formatDay(from)} ${formatMinute(from)}` : formatDay(from);
  return [{ text: begin, left: 0, isWide: false }, ...marks, { text: 'now', left: 100, isWide: false }];
}

/** "Crashes per hour": what the picture shows. */
export function spanTitle({ noun, spanMs }: SpanMeaning): string {
  return `${noun} per ${unitOf(spanMs)}`;
}

function unitOf(spanMs: number): string {
  return spanMs < DAY_MS ? 'hour' : 'day';
}

function wordsOf(spans: readonly Span[], sums: readonly number[], most: number, meaning: SpanMeaning): string {
  const unit = unitOf(meaning.spanMs);
  const { recordedSince } = meaning;
  const isCut = recordedSince !== undefined && recordedSince > Date.parse(spans[0]?.at ?? '') + meaning.spanMs;
  const known = isCut ? `, recorded since ${formatDay(recordedSince)} ${formatMinute(recordedSince)} UTC` : '';
  const begin = `${spanTitle(meaning)} over ${countOf(spans.length, unit)}${known}`;
  const all = sums.reduce((sum, count) => sum + count, 0);
  if (all === 0) return `${begin}: none.`;
  const peakAt = Date.parse(spans[sums.lastIndexOf(most)]?.at ?? '');
  const peak = unit === 'hour' ? `in the hour from ${formatMinute(peakAt)} UTC` : `on ${formatDay(peakAt)}`;
  const last = sums.at(-1) ?? 0;
  return (
    `${begin}, stacked by category: ${formatCount(all)} in all, most ${peak} (${formatCount(most)}), ` +
    `${last === 0 ? 'none' : formatCount(last)} in the last ${unit}.`
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
