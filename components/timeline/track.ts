import type { Timeline, TimelineLane, TimelineRun } from '@/lib/contract/timeline';
import type { WaitKind } from '@/lib/domain/backoff';
import type { TimeSpan } from '@/lib/url/time-span';

/** One run of a replica with the wait after it. Times in epoch milliseconds. */
export interface TrackRun {
  readonly index: number;
  readonly start: number | null;
  readonly end: number | null;
  readonly exitCode: number | null;
  readonly missedBefore: number;
  /** The wait after its end; `to` is null while it goes on or where the next start was not seen. */
  readonly wait: {
    readonly kind: WaitKind;
    readonly nominalMs: number;
    readonly isLate: boolean;
    readonly to: number | null;
  } | null;
}

/** One replica's lane, unpacked. */
export interface Track {
  readonly lane: TimelineLane;
  readonly short: string;
  readonly runs: readonly TrackRun[];
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** The tail of a pod's name that its workload's name does not hold, or the whole name. */
export function shortPodName(pod: string, workload: { readonly kind: string; readonly name: string }): string {
  if (workload.kind === 'Pod' || workload.kind === 'StatefulSet' || !pod.startsWith(`${workload.name}-`)) return pod;
  return pod.slice(pod.lastIndexOf('-') + 1) || pod;
}

/** Unpacks the lanes of a loop: the worst replica first, then those that crashed, then the rest; gone ones last of their kind. */
export function tracksOf(
  timeline: Pick<Timeline, 'lanes'>,
  loop: { readonly pod: string; readonly workload: { readonly kind: string; readonly name: string } },
): readonly Track[] {
  const rank = ({ lane, runs }: Track) =>
    (lane.pod === loop.pod ? 0 : 1) + (lane.isAlive ? 0 : 2) + (runs.some(({ end }) => end !== null) ? 0 : 4);
  return timeline.lanes
    .map((lane) => ({ lane, short: shortPodName(lane.pod, loop.workload), runs: lane.runs.map(unpack) }))
    .sort((a, b) => rank(a) - rank(b) || b.runs.length - a.runs.length || (a.lane.pod < b.lane.pod ? -1 : 1));
}

const ms = (seconds: number | null) => (seconds === null ? null : seconds * SECOND);

function unpack(
  [index, start, end, exitCode, missedBefore, kind, nominal, isLate]: TimelineRun,
  at: number,
  all: readonly TimelineRun[],
): TrackRun {
  const next = all[at + 1];
  const to = next === undefined || kind === 'missed' || next[4] > 0 ? null : ms(next[1] ?? next[2]);
  const wait = kind === null ? null : { kind, nominalMs: nominal * SECOND, isLate, to };
  return { index, start: ms(start), end: ms(end), exitCode, missedBefore, wait };
}

/** When a run began, as far as known: one that the runtime refused has only its end. */
export function beganAt(run: Pick<TrackRun, 'start' | 'end'>): number | null {
  return run.start ?? run.end;
}

/**
 * The stretch that a timeline opens on: from just before the change that came before the first crash to the end of the last
 * window. A healthy run of days before it, or a change long before, enters from the left edge: it would squeeze the loop.
 */
export function wholeOf(timeline: Timeline, tracks: readonly Track[], since: number, now: number): TimeSpan {
  const windows = timeline.lanes.flatMap(({ next, pull }) =>
    [next, pull].flatMap((one) => (one ? [Date.parse(one.to)] : [])),
  );
  const to = Math.max(now, ...windows);
  let firstEnd = since;
  for (const { runs } of tracks) for (const { end } of runs) if (end !== null && end < firstEnd) firstEnd = end;
  const length = Math.max(to - firstEnd, 10 * SECOND);
  const room = Math.max(length, 10 * MINUTE);
  const before = [
    ...timeline.changes.filter(({ role }) => role === 'started').map(({ at }) => Date.parse(at)),
    ...tracks.flatMap(({ lane, runs }) =>
      runs.length > 0 && lane.createdAt !== null ? [Date.parse(lane.createdAt)] : [],
    ),
    ...tracks.flatMap(({ runs }) => (runs[0]?.start ? [runs[0].start] : [])),
  ].filter((at) => at < firstEnd && firstEnd - at <= room);
  const from = Math.min(firstEnd, ...before);
  const margin = 0.03 * (to - from);
  return { from: from - Math.max(margin, 2 * SECOND), to: to + Math.max(margin, 2 * SECOND) };
}
