import { isPullStale } from '@/components/backoff/countdown';
import type { TimeSpan } from '@/lib/url/time-span';
import { beganAt, type Track, type TrackRun } from './track';

/**
 * What is drawn of a replica, as paths in seconds from `origin` (y from 0 to 44), to be stretched by a viewBox. An empty path has
 * nothing to draw.
 */
export interface TrackPaths {
  /** The pod of an earlier revision. */
  readonly earlier: string;
  /** Ends that are no crashes: of the pod before, and of the pod itself where it is gone. */
  readonly stops: string;
  readonly runs: string;
  readonly crashes: string;
  /** So many crashes that they would run into each other. */
  readonly dense: string;
  /** Waits up to the nominal delay, and what came on top. */
  readonly waits: string;
  readonly slack: string;
  /** Restarts that nobody saw lie in here. */
  readonly missed: string;
  /** Made, but nothing runs yet: the image is being pulled. */
  readonly pull: string;
}

/** What grows while one looks at it. */
export interface LivePaths {
  /** The run that is alive. */
  readonly run: string;
  /** The wait that goes on, up to its nominal delay and past it. */
  readonly wait: string;
  readonly slack: string;
  /** From now to the next restart, and its window. */
  readonly ahead: string;
  readonly next: string;
  /** Nothing runs, and no restart is known to come. */
  readonly idle: string;
}

/** Crashes that are drawn as one block, for its label. */
export interface DenseBlock {
  readonly from: number;
  readonly to: number;
  readonly crashes: number;
}

const MID = 14;
/** Crashes closer than so many grains run into each other; fewer than so many of them are drawn one by one all the same. */
const TOUCHING = 2;
const BLOCK_MIN = 5;
/** No run is drawn thinner than this, in grains. */
const THINNEST = 2.5;

/** Finds crashes in a row that are too close to be told apart where a pixel is `grain` milliseconds. */
export function denseBlocks(runs: readonly TrackRun[], grain: number): readonly DenseBlock[] {
  const blocks: DenseBlock[] = [];
  let from = 0;
  let to = 0;
  let crashes = 0;
  const close = () => {
    if (crashes >= BLOCK_MIN) blocks.push({ from, to, crashes });
    crashes = 0;
  };
  for (const { end, missedBefore } of runs) {
    if (end === null) continue;
    if (crashes === 0 || end - to > TOUCHING * grain || missedBefore > 0) {
      close();
      from = end;
    }
    to = end;
    crashes += 1;
  }
  close();
  return blocks;
}

export interface PathInput {
  readonly track: Track;
  /** Instant of x = 0, epoch milliseconds. */
  readonly origin: number;
  /** Length of about one pixel, milliseconds. */
  readonly grain: number;
  /** Instant from which on is drawn. */
  readonly left: number;
  /** Runs and waits that lie outside of it are left out; absent for none. */
  readonly within?: TimeSpan;
}

interface Pen {
  x(at: number): number;
  line(from: number, to: number): string;
  /** A line that is seen however short it is. */
  bar(from: number, to: number): string;
}

function penOf({ origin, left, grain }: PathInput): Pen {
  const x = (at: number) => Math.round((Math.max(at, left) - origin) / 100) / 10;
  const line = (from: number, to: number) => (to > left ? `M${x(from)} ${MID}H${x(Math.max(to, from))}` : '');
  return { x, line, bar: (from, to) => line(Math.min(from, to - THINNEST * grain), to) };
}

/** Lays out what is over of one replica. Nothing is invented: what was not seen is drawn as missed. */
export function trackPaths(input: PathInput): TrackPaths {
  const { track, grain, left } = input;
  const { lane, runs } = track;
  const pen = penOf(input);
  const path = { earlier: '', stops: '', runs: '', crashes: '', dense: '', waits: '', slack: '', missed: '', pull: '' };
  const blocks = denseBlocks(runs, grain);
  let at = 0;
  for (const [i, run] of runs.entries()) {
    if (input.within && !touches(run, runs[i - 1], input.within)) continue;
    const span = missedSpan(track, runs[i - 1], run);
    if (span && span.to > span.from) path.missed += pen.line(span.from, span.to);
    const { start, end, wait } = run;
    if (end === null) {
      // Its end was not seen: all that is known is that it began.
      if (start !== null && i < runs.length - 1) path.runs += pen.bar(start, start);
      continue;
    }
    while (blocks[at] && end > (blocks[at]?.to ?? 0)) at += 1;
    const block = blocks[at];
    const isInside = block !== undefined && end >= block.from;
    if (!isInside) {
      if (start !== null) path.runs += pen.bar(start, end);
      if (run.exitCode === null) path.stops += end > left ? `M${pen.x(end)} 8V20` : '';
      else path.crashes += `M${pen.x(end)} 5V23`;
    }
    if (wait === null || wait.to === null || (isInside && end !== block.to)) continue;
    const due = Math.min(end + wait.nominalMs, wait.to);
    path.waits += pen.line(end, due);
    if (wait.to > due) path.slack += pen.line(due, wait.to);
  }
  for (const { from, to } of blocks) path.dense += `M${pen.x(from)} 5H${pen.x(to)}V23H${pen.x(from)}z`;
  if (lane.replaced) {
    const end = Date.parse(lane.replaced.deletedAt);
    path.earlier = pen.line(lane.replaced.createdAt === null ? left : Date.parse(lane.replaced.createdAt), end);
    if (end > left) path.stops += `M${pen.x(end)} 8V20`;
  }
  const goneAt = lane.deletedAt === null ? null : Date.parse(lane.deletedAt);
  if (goneAt !== null && goneAt > left) path.stops += `M${pen.x(goneAt)} 8V20`;
  const arrival = arrivalOf(track);
  if (arrival?.to) path.pull = pen.line(arrival.from, arrival.to);
  return path;
}

/** Whether a run, the wait after it or the time since the run before has a part in a stretch of time. */
function touches(run: TrackRun, before: TrackRun | undefined, { from, to }: TimeSpan): boolean {
  const first = before?.end ?? before?.start ?? Number.NEGATIVE_INFINITY;
  const last = run.wait?.to ?? run.end ?? Number.POSITIVE_INFINITY;
  return first <= to && last >= from;
}

/** Lays out what goes on now in one replica. */
export function livePaths(input: PathInput, now: number): LivePaths {
  const { track, grain } = input;
  const { lane, runs } = track;
  const pen = penOf(input);
  const path = { run: '', wait: '', slack: '', ahead: '', next: '', idle: '' };
  const last = runs.at(-1);
  if (!lane.isAlive) return path;
  if (last === undefined && lane.isReady && lane.restarts === 0 && lane.createdAt !== null)
    path.run = pen.bar(Date.parse(lane.createdAt), now);
  if (last?.end === null && last.start !== null) path.run = pen.bar(last.start, now);
  const pull = lane.pull !== null && !isPullStale(lane.pull, now) ? lane.pull : null;
  const window = lane.next ?? pull;
  if (window !== null) {
    const since = Date.parse(lane.next?.since ?? pull?.lastAt ?? '');
    const [from, to, due] = [Date.parse(window.from), Date.parse(window.to), since + window.nominalMs];
    path.wait = pen.line(since, Math.min(now, due));
    if (now > due) path.slack = pen.line(due, now);
    if (from > now) path.ahead = pen.line(now, from);
    const left = pen.x(from);
    path.next = `M${left} 7H${Math.max(pen.x(to), left + (THINNEST * 2 * grain) / 1000)}V21H${left}z`;
  } else if (last?.end) {
    path.idle = pen.line(last.end, now);
  }
  const arrival = arrivalOf(track);
  if (arrival?.to === null && pull === null) path.idle = pen.line(arrival.from, now);
  else if (arrival?.to === null) path.idle = pen.line(arrival.from, Date.parse(pull?.lastAt ?? ''));
  return path;
}

/** The time in which a replica was made and nothing of it ran yet, or null where it is not known; `to` is null while it goes on. */
export function arrivalOf({ lane, runs }: Track): { readonly from: number; readonly to: number | null } | null {
  if (lane.createdAt === null) return null;
  const [first] = runs;
  const made = Date.parse(lane.createdAt);
  const from = lane.replaced ? Math.min(made, Date.parse(lane.replaced.deletedAt)) : made;
  const told = lane.firstStartAt === null ? null : Date.parse(lane.firstStartAt);
  if (first === undefined && told === null) return lane.isReady || !lane.isAlive ? null : { from, to: null };
  const to = first !== undefined && first.index === 0 ? beganAt(first) : told;
  return to === null || to <= from ? null : { from, to };
}

/** Where restarts lie that nobody saw: between the recorded runs, or from the making of the pod to the first recorded run. */
export function missedSpan(
  { lane }: Track,
  before: TrackRun | undefined,
  run: TrackRun,
): { readonly from: number; readonly to: number; readonly count: number } | null {
  const to = beganAt(run);
  const count = before === undefined ? run.index : run.missedBefore;
  if (to === null) return null;
  // The end of the run before was not seen: somewhere between the two starts lie its end and the wait.
  if (before !== undefined && before.end === null && before.start !== null && to > before.start)
    return { from: before.start, to, count };
  if (count === 0) return null;
  const made = lane.firstStartAt ?? lane.createdAt;
  const from = before?.end ?? (made === null ? null : Date.parse(made));
  return from === null || from >= to ? { from: to, to, count } : { from, to, count };
}
