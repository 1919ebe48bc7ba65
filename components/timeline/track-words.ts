import { isPullStale } from '@/components/backoff/countdown';
import { formatClock, formatClockOrDay } from '@/lib/format/clock';
import { formatDuration } from '@/lib/format/duration';
import type { TimeSpan } from '@/lib/url/time-span';
import { beganAt, type Track, type TrackRun } from './track';
import { arrivalOf, type DenseBlock, missedSpan } from './track-paths';
import { percentIn } from './view';
import { waitWords } from './wait-words';

/** A word under the marks of a lane, at `left` percent of the axis, centred. */
export interface LaneWord {
  readonly kind: 'exit' | 'took' | 'missed' | 'old' | 'many' | 'odd' | 'due';
  readonly left: number;
  readonly text: string;
  readonly title: string;
}

/** The narrowest track on which words are shown, in pixels: so much room they may take. */
const TRACK_PX = 640;
/** A view with more crashes than this in one lane has no room for their codes. */
const CODES_MAX = 150;

export interface WordInput {
  readonly track: Track;
  readonly view: TimeSpan;
  readonly blocks: readonly DenseBlock[];
  readonly now: number;
  /** Restart index and end of the run that is selected, its words go first. */
  readonly isSelected: (run: TrackRun) => boolean;
}

/** Places words where there is room: exit codes first, the selected run's and the newest before older ones, then the waits. */
export function wordsOf({ track, view, blocks, now, isSelected }: WordInput): readonly LaneWord[] {
  const { lane, runs } = track;
  const taken: (readonly [number, number])[] = [];
  const words: LaneWord[] = [];
  const place = (kind: LaneWord['kind'], from: number, to: number, text: string, title: string) => {
    if (to < view.from || from > view.to) return;
    const half = ((text.length * 6.4) / 2 + 4) * (100 / TRACK_PX);
    const middle = percentIn(view, (Math.max(from, view.from) + Math.min(to, view.to)) / 2);
    // What enters from the left edge is named at the edge, were it ever so short; what comes next stands at the right one.
    const left = kind === 'old' ? Math.max(half, middle) : kind === 'due' ? Math.min(100 - half, middle) : middle;
    if (left - half < 0 || left + half > 100.5) return;
    if (taken.some(([a, b]) => left + half > a && left - half < b)) return;
    taken.push([left - half, left + half]);
    words.push({ kind, left, text, title });
  };

  for (const { from, to, crashes } of blocks) {
    const each = crashes > 1 ? (to - from) / (crashes - 1) : 0;
    place('many', from, to, `${crashes} crashes`, `${crashes} crashes, one each ${formatDuration(each)}`);
  }
  const isDense = (end: number) => blocks.some(({ from, to }) => end >= from && end <= to);
  const shown = runs.filter(
    ({ end, exitCode }) =>
      end !== null && exitCode !== null && end >= view.from && end <= view.to && (blocks.length === 0 || !isDense(end)),
  );
  if (lane.replaced) {
    const end = Date.parse(lane.replaced.deletedAt);
    const { pod, revision } = lane.replaced;
    place(
      'old',
      view.from,
      end,
      revision === '' ? pod : `rev ${revision}`,
      `pod ${pod}, deleted ${formatClockOrDay(end, now)}`,
    );
  }
  if (lane.next !== null) {
    const [from, to] = [Date.parse(lane.next.from), Date.parse(lane.next.to)];
    const begins = formatClockOrDay(from, now);
    // The hour is said once: there is little room right of now.
    const ends = formatClock(to);
    const short = begins.slice(0, 3) === ends.slice(0, 3) ? ends.slice(3) : ends;
    place('due', from, to, `${begins}–${short}`, `next restart between ${begins} and ${ends} UTC`);
  }
  const arrival = arrivalOf(track);
  if (arrival !== null && runs.length > 0) {
    const to = arrival.to ?? now;
    const took = `${formatDuration(to - arrival.from)} to start`;
    place('took', arrival.from, to, took, lane.pullText === '' ? `nothing ran for ${took}` : lane.pullText);
  }
  const first = shown.filter(isSelected);
  const coded = shown.length > CODES_MAX ? [] : shown.toReversed();
  for (const run of [...first, ...coded]) {
    const end = run.end ?? 0;
    const title = `exit ${run.exitCode} at ${formatClockOrDay(end, now)}`;
    if (words.some((word) => word.kind === 'exit' && word.left === percentIn(view, end))) continue;
    place('exit', end, end, String(run.exitCode), title);
  }
  for (let i = runs.length - 1; i >= 0; i -= 1) {
    const run = runs[i];
    if (run === undefined || (run.wait?.to ?? run.end ?? now) < view.from) continue;
    if ((runs[i - 1]?.end ?? 0) > view.to) continue;
    const span = missedSpan(track, runs[i - 1], run);
    if (span && span.count > 0 && span.to > span.from) {
      const many = span.count === 1 ? '1 restart' : `${span.count} restarts`;
      place('missed', span.from, span.to, `${many} not seen`, `${many} by the pod's own counter; nobody recorded when`);
    }
    if (shown.length > CODES_MAX || run.end === null || run.wait?.to == null) continue;
    if (blocks.length > 0 && isDense(run.end) && run.end !== blocks.at(-1)?.to) continue;
    const took = formatDuration(run.wait.to - run.end);
    const isOdd = run.wait.kind !== 'back-off' && run.wait.kind !== 'free' && run.wait.nominalMs > 0;
    place(isOdd ? 'odd' : 'took', run.end, run.wait.to, took, waitWords(run));
  }
  return words;
}

/** What stands in a lane that has no mark, or beside its only one. */
export function sayOf({ lane, runs }: Track, isNeverStarted: boolean, now: number): string {
  if (lane.pull) {
    const pulls = `${lane.pull.failures} failed ${lane.pull.failures === 1 ? 'pull' : 'pulls'}`;
    return isPullStale(lane.pull, now)
      ? `${lane.status}: at least ${pulls}, later ones were not told of`
      : `${lane.status}: ${pulls}, tries each ${formatDuration(lane.pull.nominalMs)}`;
  }
  const [only, ...more] = runs;
  if (only && more.length === 0 && only.index === 0 && only.start !== null && only.end === null && lane.isReady)
    return `one run since ${formatClockOrDay(only.start, now)}, no crash`;
  if (only) return '';
  if (!lane.isAlive) return 'gone before a run of it was recorded';
  if (lane.isReady && lane.restarts === 0)
    return lane.createdAt === null
      ? 'no crash'
      : `one run since ${formatClockOrDay(Date.parse(lane.createdAt), now)}, no crash`;
  if (lane.isReady) return 'runs now; its restarts were not seen';
  return isNeverStarted ? `never started: ${lane.status}` : `no run recorded yet: ${lane.status}`;
}

/** The lane in one sentence, for those who do not see it. */
export function ariaOf({ lane, short, runs }: Track, note: string, now: number): string {
  const ended = runs.filter(({ end }) => end !== null);
  const [first, last] = [ended[0], ended.at(-1)];
  const parts = [`Replica ${short === lane.pod ? lane.pod : `${short} (${lane.pod})`}: ${note}`];
  if (lane.revision !== '') parts.push(`revision ${lane.revision}`);
  if (ended.length === 0) parts.push(runs.length === 0 ? 'no run recorded' : 'one run, still alive, no crash recorded');
  else {
    const codes = [...new Set(ended.map(({ exitCode }) => exitCode).filter((code) => code !== null))];
    parts.push(`${ended.length} recorded ${ended.length === 1 ? 'crash' : 'crashes'}, exit ${codes.join(' and ')}`);
    if (first && last && first !== last)
      parts.push(`first ${formatClockOrDay(first.end ?? 0, now)}, last ${formatClockOrDay(last.end ?? 0, now)}`);
    else if (last) parts.push(`at ${formatClockOrDay(last.end ?? 0, now)}`);
    const waits = ended.flatMap(({ end, wait }) => (end !== null && wait?.to ? [wait.to - end] : []));
    if (waits.length > 0)
      parts.push(`waits from ${formatDuration(Math.min(...waits))} to ${formatDuration(Math.max(...waits))}`);
  }
  const missed = runs.reduce(
    (sum, run, i) => sum + (missedSpan({ lane, short, runs }, runs[i - 1], run)?.count ?? 0),
    0,
  );
  if (missed > 0) parts.push(`${missed} more restarts not seen`);
  if (lane.next)
    parts.push(
      `next restart between ${formatClockOrDay(Date.parse(lane.next.from), now)} and ${formatClockOrDay(Date.parse(lane.next.to), now)}`,
    );
  const alive = runs.at(-1);
  if (alive?.end === null && lane.isAlive) parts.push(`running since ${formatClockOrDay(beganAt(alive) ?? now, now)}`);
  return parts.join('; ');
}
