import type { Diagnosis, RunBody } from '@/lib/contract/diagnosis';
import type { Loop } from '@/lib/contract/loop';
import { FAILING_STATES } from '@/lib/domain/order-loops';
import { formatDuration } from '@/lib/format/duration';
import { clockOrDay, type Tick, ticksBetween } from './time-axis';

type Pod = Diagnosis['pods'][number];

/** A word under the marks of a lane, at `left` percent of the axis, centred. */
interface LaneWord {
  readonly kind: 'exit' | 'took' | 'missed';
  readonly left: number;
  readonly text: string;
  readonly title: string;
}

/** One recorded end of a run, for pressing. `left` in percent. */
interface LaneCrash {
  readonly runId: string;
  readonly left: number;
}

/**
 * One replica on the time axis. Paths are in seconds from the axis' start (y from 0 to 44), to be stretched by a viewBox;
 * an empty path has nothing to draw.
 */
export interface Lane {
  readonly key: string;
  readonly pod: string;
  /** The part of the pod's name that tells it from its siblings. */
  readonly short: string;
  readonly note: { readonly text: string; readonly tone: 'failing' | 'held' | 'muted' };
  readonly sub: string;
  readonly runs: string;
  readonly crashes: string;
  readonly waits: string;
  readonly missed: string;
  /** Time in which no container started. */
  readonly idle: string;
  /** The dashed wait from now to the next restart, and its window. */
  readonly ahead: string;
  readonly next: string;
  readonly words: readonly LaneWord[];
  readonly ends: readonly LaneCrash[];
  /** What stands in the lane where it has no run. */
  readonly say: string;
  /** The lane in one sentence, for those who do not see it. */
  readonly aria: string;
}

/** All lanes of a loop on one axis. Instants are epoch milliseconds. */
export interface LaneChart {
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly ticks: readonly Tick[];
  readonly lanes: readonly Lane[];
  /** Which marks occur, for the key. */
  readonly has: {
    readonly run: boolean;
    readonly crash: boolean;
    readonly wait: boolean;
    readonly missed: boolean;
    readonly idle: boolean;
    readonly next: boolean;
  };
}

export interface LaneInput {
  readonly loop: Loop;
  /** Recorded runs of the loop, any order. */
  readonly runs: readonly RunBody[];
  /** Pods of the workload, alive or gone. */
  readonly pods: readonly Pod[];
  readonly now: number;
  /** Run whose words go first where space is short. */
  readonly selectedRun: string | null;
}

const HEIGHT_MID = 14;
/** Share of the axis that a percent of words may assume: about the narrowest track on which they are shown. */
const TRACK_PX = 640;

const ms = (instant: string | null): number | null => (instant === null ? null : Date.parse(instant));

interface TimedRun {
  readonly run: RunBody;
  readonly start: number | null;
  readonly end: number | null;
}

function order(a: TimedRun, b: TimedRun): number {
  return a.run.restartIndex - b.run.restartIndex || (a.start ?? a.end ?? 0) - (b.start ?? b.end ?? 0);
}

/** Gives the tail of a pod's name that its workload's name does not hold, or the whole name. */
export function shortPodName(pod: string, workload: { readonly kind: string; readonly name: string }): string {
  if (workload.kind === 'Pod' || workload.kind === 'StatefulSet' || !pod.startsWith(`${workload.name}-`)) return pod;
  return pod.slice(pod.lastIndexOf('-') + 1) || pod;
}

/** Lays out recorded runs as one lane for each replica. Nothing is invented: what was not seen is drawn as missed. */
export function layOutLanes(input: LaneInput): LaneChart {
  const { loop, now } = input;
  const byPod = new Map<string, TimedRun[]>();
  for (const run of input.runs) {
    const timed = { run, start: ms(run.startedAt), end: ms(run.finishedAt) };
    const list = byPod.get(run.podUid);
    if (list) list.push(timed);
    else byPod.set(run.podUid, [timed]);
  }
  for (const list of byPod.values()) list.sort(order);

  const { from, to } = spanOf(input, [...byPod.values()].flat());
  const axis = axisOf(from, to);
  const pods = new Map(input.pods.map((pod) => [pod.uid, pod]));
  const keys = [...new Set([...byPod.keys(), ...input.pods.map((pod) => pod.uid)])];
  const lanes = keys
    .map((uid) => layOutLane(input, axis, uid, pods.get(uid), byPod.get(uid) ?? []))
    .sort((a, b) => rank(a, loop) - rank(b, loop) || b.ends.length - a.ends.length || (a.pod < b.pod ? -1 : 1));
  return {
    from,
    to,
    now,
    ticks: ticksBetween(from, to).filter((tick) => axis.percent(tick.at) > 3 && axis.percent(tick.at) < 97),
    lanes,
    has: {
      run: lanes.some((lane) => lane.runs !== ''),
      crash: lanes.some((lane) => lane.crashes !== ''),
      wait: lanes.some((lane) => lane.waits !== ''),
      missed: lanes.some((lane) => lane.missed !== ''),
      idle: lanes.some((lane) => lane.idle !== ''),
      next: lanes.some((lane) => lane.next !== ''),
    },
  };
}

/** The worst replica first, then those that crashed, then the rest; gone ones last of their kind. */
function rank(lane: Lane, loop: Loop): number {
  const first = lane.pod === loop.pod ? 0 : 1;
  return first + (lane.note.text === 'gone' ? 2 : 0) + (lane.ends.length === 0 ? 4 : 0);
}

function spanOf(input: LaneInput, runs: readonly TimedRun[]): { from: number; to: number } {
  const { loop, now } = input;
  const end = Math.max(now, ms(loop.nextRestart?.to ?? null) ?? now);
  const ends = runs.flatMap((run) => (run.end === null ? [] : [run.end]));
  const starts = runs.flatMap((run) => (run.start === null ? [] : [run.start]));
  const since = Date.parse(loop.since);
  const firstEnd = Math.min(...ends, ...(ends.length === 0 ? [since] : []));
  const length = Math.max(end - firstEnd, 10_000);
  // A first run of days would squeeze the loop into the last pixels: it enters from the left edge instead.
  const isCutOff = runs.some(({ run, start }) => run.missedBefore > 0 && (start ?? since) - firstEnd < 0.1 * length);
  const room = isCutOff ? 0.16 : 0.03;
  const from = Math.max(Math.min(firstEnd, ...starts), firstEnd - 0.25 * length) - room * length;
  return { from, to: end + 0.03 * (end - from) };
}

interface Axis {
  readonly from: number;
  readonly to: number;
  x(at: number): number;
  percent(at: number): number;
}

function axisOf(from: number, to: number): Axis {
  const inside = (at: number) => Math.min(Math.max(at, from), to);
  return {
    from,
    to,
    x: (at) => Math.round((inside(at) - from) / 100) / 10,
    percent: (at) => Math.round(((inside(at) - from) / (to - from)) * 100_000) / 1000,
  };
}

function layOutLane(input: LaneInput, axis: Axis, uid: string, pod: Pod | undefined, runs: readonly TimedRun[]): Lane {
  const { loop, now } = input;
  const name = pod?.pod ?? runs[0]?.run.pod ?? uid;
  const gone = pod === undefined || !pod.alive;
  const path = { runs: '', crashes: '', waits: '', missed: '', idle: '', ahead: '', next: '' };
  const line = (a: number, b: number) => `M${axis.x(a)} ${HEIGHT_MID}H${axis.x(b)}`;
  const thinnest = (axis.to - axis.from) / 500;
  const waits: { from: number; to: number; missed: number }[] = [];
  const ends: LaneCrash[] = [];

  for (const [index, { run, start, end }] of runs.entries()) {
    const shownEnd = end ?? (run.log === 'running' && !gone ? now : start);
    if (start !== null && shownEnd !== null && shownEnd > axis.from) {
      path.runs += line(Math.min(start, shownEnd - thinnest), shownEnd);
    }
    if (end !== null) {
      path.crashes += `M${axis.x(end)} 5V23`;
      ends.push({ runId: run.id, left: axis.percent(end) });
    }
    const earlier = runs[index - 1];
    const before = earlier?.end ?? null;
    const begin = start ?? end;
    if (begin === null) continue;
    // The end of the run before was not seen: somewhere between the two starts lie its end and the wait.
    if (earlier?.start && before === null && begin > earlier.start) {
      path.missed += line(earlier.start, begin);
      continue;
    }
    if (before !== null && begin > before) waits.push({ from: before, to: begin, missed: run.missedBefore });
    else if (run.missedBefore > 0)
      waits.push({
        from: Math.max(axis.from, begin - 0.12 * (axis.to - axis.from)),
        to: begin,
        missed: run.missedBefore,
      });
  }
  for (const wait of waits) {
    if (wait.missed > 0) path.missed += line(wait.from, wait.to);
    else path.waits += line(wait.from, wait.to);
  }
  const last = runs.at(-1);
  const next = name === loop.pod && !gone ? loop.nextRestart : null;
  if (last?.end !== undefined && last.end !== null && !gone && isLooping(loop)) {
    path.waits += line(last.end, now);
    if (next) {
      const [windowFrom, windowTo] = [Date.parse(next.from), Date.parse(next.to)];
      if (windowFrom > now) path.ahead = line(now, windowFrom);
      const left = axis.x(windowFrom);
      path.next = `M${left} 7H${Math.max(axis.x(windowTo), left + (axis.to - axis.from) / 150_000)}V21H${left}z`;
    }
  }
  if (runs.length === 0 && loop.state === 'never-started' && !gone && pod?.ready === false) {
    path.idle = line(Date.parse(loop.since), now);
  }

  const short = shortPodName(name, loop.workload);
  const note = noteOf(pod, gone, runs.length);
  return {
    key: uid,
    pod: name,
    short,
    note,
    sub: pod?.node || runs.at(-1)?.run.node || 'no node',
    ...path,
    words: wordsOf(input, axis, runs, waits),
    ends,
    say: runs.length === 0 ? sayOf(input, pod, gone) : '',
    aria: ariaOf(name, short, note.text, runs, waits, now),
  };
}

function isLooping(loop: Loop): boolean {
  return FAILING_STATES.some((state) => state === loop.state);
}

function noteOf(pod: Pod | undefined, gone: boolean, runs: number): Lane['note'] {
  if (gone || !pod) return { text: 'gone', tone: 'muted' };
  if (pod.ready && runs === 0) return { text: 'ready', tone: 'held' };
  if (pod.restarts === 0) return { text: pod.ready ? 'ready' : 'not ready', tone: pod.ready ? 'held' : 'failing' };
  return {
    text: `${pod.restarts} ${pod.restarts === 1 ? 'restart' : 'restarts'}`,
    tone: pod.ready ? 'muted' : 'failing',
  };
}

function sayOf({ loop, now }: LaneInput, pod: Pod | undefined, gone: boolean): string {
  if (gone) return 'gone before a run of it was recorded';
  if (loop.state === 'never-started' && pod && !pod.ready)
    return `never started: ${pod.status} since ${clockOrDay(Date.parse(loop.since), now)}`;
  return pod?.ready ? 'no crash seen' : `no run recorded yet: ${pod?.status ?? 'unknown'}`;
}

/** Places exit codes first, the selected run's and the newest before older ones, then how long the waits took. */
function wordsOf(
  { selectedRun }: LaneInput,
  axis: Axis,
  runs: readonly TimedRun[],
  waits: readonly { from: number; to: number; missed: number }[],
): readonly LaneWord[] {
  const taken: (readonly [number, number])[] = [];
  const words: LaneWord[] = [];
  const place = (kind: LaneWord['kind'], at: number, text: string, title: string) => {
    const half = ((text.length * 6.4) / 2 + 4) * (100 / TRACK_PX);
    const left = axis.percent(at);
    if (left - half < 0 || left + half > 100.5) return;
    if (taken.some(([a, b]) => left + half > a && left - half < b)) return;
    taken.push([left - half, left + half]);
    words.push({ kind, left, text, title });
  };
  const ended = runs.filter((run) => run.end !== null && run.run.exitCode !== null);
  const first = ended.filter(({ run }) => run.id === selectedRun);
  for (const { run, end } of [...first, ...ended.toReversed()]) {
    if (end === null || words.some((word) => word.left === axis.percent(end))) continue;
    place('exit', end, String(run.exitCode), `exit ${run.exitCode}${run.reason === '' ? '' : `, ${run.reason}`}`);
  }
  for (const wait of waits.toReversed()) {
    const middle = (Math.max(wait.from, axis.from) + wait.to) / 2;
    const took = formatDuration(wait.to - wait.from);
    if (wait.missed > 0)
      place('missed', middle, `${wait.missed} missed`, `${wait.missed} restarts that nobody recorded`);
    else place('took', middle, took, `waited ${took}`);
  }
  return words;
}

function ariaOf(
  pod: string,
  short: string,
  note: string,
  runs: readonly TimedRun[],
  waits: readonly { missed: number }[],
  now: number,
): string {
  const ended = runs.filter((run) => run.end !== null);
  const last = ended.at(-1);
  const first = ended[0];
  const parts = [`Replica ${short === pod ? pod : `${short} (${pod})`}: ${note}`];
  if (ended.length === 0) parts.push(runs.length === 0 ? 'no run recorded' : 'one run, still alive, no crash recorded');
  else {
    const codes = [...new Set(ended.map(({ run }) => run.exitCode).filter((code) => code !== null))];
    parts.push(`${ended.length} recorded ${ended.length === 1 ? 'crash' : 'crashes'}, exit ${codes.join(' and ')}`);
    if (first?.end && last?.end && first !== last)
      parts.push(`first ${clockOrDay(first.end, now)}, last ${clockOrDay(last.end, now)}`);
    else if (last?.end) parts.push(`at ${clockOrDay(last.end, now)}`);
  }
  const missed = waits.reduce((sum, wait) => sum + wait.missed, 0);
  if (missed > 0) parts.push(`${missed} more restarts not seen`);
  return parts.join('; ');
}
