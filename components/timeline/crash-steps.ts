import type { RunBody } from '@/lib/contract/diagnosis';
import type { Track, TrackRun } from './track';

/** A crash on the timeline with the recorded run that it ended. */
export interface Crash {
  readonly run: RunBody;
  readonly end: number;
}

/** For each replica in lane order, its crashes whose runs can be opened, oldest first. */
export function crashesByLane(tracks: readonly Track[], runs: readonly RunBody[]): readonly (readonly Crash[])[] {
  const byPod = Map.groupBy(runs, (run) => run.podUid);
  return tracks.map(({ lane }) =>
    (byPod.get(lane.podUid) ?? [])
      .flatMap((run): Crash[] => (run.finishedAt === null ? [] : [{ run, end: Date.parse(run.finishedAt) }]))
      .sort((a, b) => a.end - b.end),
  );
}

/** The crash of a lane that is nearest to an instant, at most `within` milliseconds away; null where there is none. */
export function nearestCrash(crashes: readonly Crash[], at: number, within = Number.POSITIVE_INFINITY): Crash | null {
  let best: Crash | null = null;
  for (const crash of crashes) {
    const distance = Math.abs(crash.end - at);
    if (distance <= within && (best === null || distance < Math.abs(best.end - at))) best = crash;
  }
  return best;
}

/** The crash that a step leads to: along a replica's own, or to the nearest one of the next replica that has any. */
export function stepFrom(
  lanes: readonly (readonly Crash[])[],
  chosen: string | null,
  step: 'earlier' | 'later' | 'up' | 'down' | 'first' | 'last',
): Crash | null {
  const lane = lanes.findIndex((crashes) => crashes.some(({ run }) => run.id === chosen));
  const own = lanes[lane];
  if (own === undefined) return lanes.find((crashes) => crashes.length > 0)?.at(-1) ?? null;
  const at = own.findIndex(({ run }) => run.id === chosen);
  const here = own[at];
  switch (step) {
    case 'earlier':
      return own[at - 1] ?? null;
    case 'later':
      return own[at + 1] ?? null;
    case 'first':
      return own[0] ?? null;
    case 'last':
      return own.at(-1) ?? null;
    case 'up':
    case 'down': {
      const others = step === 'down' ? lanes.slice(lane + 1) : lanes.slice(0, lane).toReversed();
      const next = others.find((crashes) => crashes.length > 0);
      return next && here ? nearestCrash(next, here.end) : null;
    }
  }
}

/** Finds the drawn run of a recorded one. */
export function drawnOf(tracks: readonly Track[], run: RunBody | null): TrackRun | null {
  if (run === null) return null;
  const end = run.finishedAt === null ? null : Date.parse(run.finishedAt);
  const track = tracks.find(({ lane }) => lane.podUid === run.podUid);
  return track?.runs.find((one) => one.index === run.restartIndex && one.end === end) ?? null;
}
