import { BACKOFF_RESET_MS, type Exit } from './container-exits';
import type { EpochMs } from './time';

const DAY_MS = 86_400_000;

/** So many exits within 24 hours, each after a run longer than the back-off's memory, are a slow failure. */
const SLOW_EXITS_PER_DAY = 3;

/** So many exits at a steady distance of at most a week are one too. */
const STEADY_EXITS = 4;
const STEADY_DISTANCE_MAX_MS = 7 * DAY_MS;

/** A failure that comes steadily, but too rarely for a back-off. */
export interface SlowFailure {
  readonly crashes: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  readonly longestMs: number;
}

/**
 * Finds a slow failure in the exits of one pod's container, oldest first: at least three within 24 hours, or at least four
 * whose distances lie within half and double of their median while the newest is not older than twice that. The newest run
 * must have outlived the back-off's memory, or it is an ordinary loop. `createdAt` of the pod bounds restarts that nobody saw.
 */
export function slowFailure(exits: readonly Exit[], createdAt: EpochMs | null, now: EpochMs): SlowFailure | null {
  const last = exits.at(-1);
  if (last === undefined || !isLong(last)) return null;
  const today = exits.filter((exit) => exit.at > now - DAY_MS && isLong(exit));
  const first = today[0];
  if (first !== undefined) {
    const unseen = today.slice(1).reduce((sum, exit) => sum + exit.missedBefore, 0);
    const isWholeLifeToday = first === exits[0] && createdAt !== null && createdAt > now - DAY_MS;
    const crashes = today.length + unseen + (isWholeLifeToday ? first.restartIndex : 0);
    if (crashes >= SLOW_EXITS_PER_DAY)
      return { crashes, firstAt: first.at, lastAt: last.at, longestMs: longest(today) };
  }
  return steadyFailure(exits, now);
}

/** When a slow failure of the last 24 hours is none any more by time alone, as far as its exits of that day tell. */
export function slowFailureEndsAt(exits: readonly Exit[], now: EpochMs): EpochMs | null {
  const today = exits.filter((exit) => exit.at > now - DAY_MS && isLong(exit));
  const third = today.at(-SLOW_EXITS_PER_DAY) ?? today[0];
  return third === undefined ? null : third.at + DAY_MS;
}

function steadyFailure(exits: readonly Exit[], now: EpochMs): SlowFailure | null {
  const newest = exits.slice(-STEADY_EXITS);
  const first = newest[0];
  const last = newest.at(-1);
  if (newest.length < STEADY_EXITS || first === undefined || last === undefined) return null;
  if (newest.slice(1).some((exit) => exit.missedBefore > 0)) return null;
  const distances = newest.slice(1).map((exit, i) => exit.at - (newest[i]?.at ?? exit.at));
  const median = distances.toSorted((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 0;
  const isSteady = distances.every((distance) => distance >= median / 2 && distance <= median * 2);
  if (!isSteady || median > STEADY_DISTANCE_MAX_MS || now - last.at > 2 * median) return null;
  return { crashes: newest.length, firstAt: first.at, lastAt: last.at, longestMs: longest(newest) };
}

function isLong(exit: Exit): boolean {
  return (exit.livedMs ?? 0) > BACKOFF_RESET_MS;
}

function longest(exits: readonly Exit[]): number {
  return Math.max(0, ...exits.map((exit) => exit.livedMs ?? 0));
}
