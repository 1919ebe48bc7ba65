import { BACKOFF_RESET_MS, type CrashChain, type Exit } from './container-exits';
import type { EpochMs } from './time';

const BASE_MS = 10_000;
const CAP_MS = 600_000;
const SLACK_MS = 60_000;
const DAY_MS = 86_400_000;

/** Failed pods further apart than this belong to different attempts, such as two runs of a CronJob. */
export const ATTEMPTS_APART_MS = CAP_MS + 5 * SLACK_MS;

/**
 * The newest chain of failed pods of one Job (or of evicted pods of one owner), oldest first: each pod failed within
 * `BACKOFF_RESET_MS` of its start, and not long after the one before. A Job whose pods are never restarted loops this way,
 * with `restartCount` 0 throughout (crash-semantics 1.10, 1.12).
 */
export function attemptChain(failures: readonly Exit[]): CrashChain | null {
  const last = failures.at(-1);
  if (last === undefined) return null;
  let first = last;
  let crashes = 1;
  let longestMs = last.livedMs ?? 0;
  for (const exit of failures.slice(0, -1).toReversed()) {
    if (!isConnected(exit, first)) break;
    crashes += 1;
    first = exit;
    longestMs = Math.max(longestMs, exit.livedMs ?? 0);
  }
  return { crashes, firstAt: first.at, unseenBefore: 0, lastAt: last.at, longestMs };
}

/** Until when the Job controller makes the next pod after so many failures; after that it has given up. */
export function nextAttemptBy(chain: CrashChain): EpochMs {
  return chain.lastAt + Math.min(CAP_MS, BASE_MS * 2 ** Math.min(chain.crashes - 1, 10)) + SLACK_MS;
}

/**
 * Says whether pods failed in at least three separate attempts within 24 hours (a CronJob that fails each time): gives until
 * when that holds should no further pod fail, or null.
 */
export function failsEachTimeUntil(failures: readonly Exit[], now: EpochMs): EpochMs | null {
  const today = failures.filter((exit) => exit.at > now - DAY_MS);
  const attempts = today.filter((exit, i) => {
    const before = today[i - 1];
    return before === undefined || !isConnected(before, exit);
  });
  const third = attempts.at(-3);
  return third === undefined ? null : third.at + DAY_MS;
}

function isConnected(before: Exit, next: Exit): boolean {
  return (next.livedMs ?? 0) <= BACKOFF_RESET_MS && next.at - before.at <= ATTEMPTS_APART_MS;
}
