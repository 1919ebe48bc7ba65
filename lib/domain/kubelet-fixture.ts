import type { BackoffRun } from './backoff';
import type { BackoffParams } from './backoff-curve';
import { at } from './pod-fixture';

/** How a made-up container behaves under a made-up kubelet. Durations in seconds. Tests only. */
export interface KubeletFixture {
  readonly minor: number;
  readonly params: BackoffParams;
  /** How long each run lives; as many restarts are made. */
  readonly lives: readonly number[];
  /** The kubelet itself ends each run (a probe), and tries to start the next in the same breath. */
  readonly isKilled?: boolean;
  readonly seed: number;
}

interface Made {
  readonly runs: readonly BackoffRun[];
  /** The delay the kubelet kept after each run when it looked, in milliseconds by run id; absent where it started at once. */
  readonly delays: ReadonlyMap<string, number>;
}

/**
 * Makes the runs that a kubelet would make: its back-off entry in memory, its collection every 2 s, its retries on a grid of
 * 10 to 15 s (up to 1.34) or in legs of 1.0 to 1.5 times what is left (from 1.35), timestamps cut to whole seconds. Written
 * from crash-semantics 1.2 to 1.4, not from the model under test. Tests only.
 */
export function makeRuns({ minor, params, lives, isKilled = false, seed }: KubeletFixture): Made {
  const random = randomOf(seed);
  const [base, cap] = [params.baseMs / 1000, params.capMs / 1000];
  let entry: { delay: number; updatedAt: number } | null = null;
  let deadAt: number | null = null;
  let now = random();
  const runs: BackoffRun[] = [];
  const delays = new Map<string, number>();
  const collect = () => {
    if (entry && now - entry.updatedAt > 600) entry = null;
  };
  const starts = (dead: number | null): boolean => {
    if (dead === null) return true;
    const isExpired = entry !== null && dead - entry.updatedAt > 600;
    if (entry !== null && !isExpired && now - dead < entry.delay) return false;
    entry = { delay: entry === null || isExpired ? base : Math.min(2 * entry.delay, cap), updatedAt: now };
    return true;
  };

  for (const [i, life] of lives.entries()) {
    const startedAt = now + 0.1;
    now = startedAt + life;
    const endedAt = now;
    runs.push(toRun(i, startedAt, endedAt, isKilled));
    now += isKilled ? 0.05 : 0.2 + random();
    collect();
    if (isKilled && starts(deadAt)) {
      deadAt = endedAt;
      continue;
    }
    deadAt = endedAt;
    while (!starts(deadAt)) {
      const kept: { delay: number; updatedAt: number } | null = entry;
      if (kept !== null) delays.set(`r${i}`, Math.round((kept as { delay: number }).delay * 1000));
      const left = kept === null ? 0 : deadAt + (kept as { delay: number }).delay - now;
      now += minor >= 35 ? Math.min(left, 60) * (1 + 0.5 * random()) : 10 + 5 * random();
      now += random();
      collect();
    }
  }
  return { runs, delays };
}

function toRun(index: number, startedAt: number, endedAt: number, isKilled: boolean): BackoffRun {
  const instant = (seconds: number) => at('08:00:00') + Math.floor(seconds) * 1000;
  return {
    id: `r${index}`,
    containerId: `containerd://${index}`,
    restartIndex: index,
    startedAt: instant(startedAt),
    finishedAt: instant(endedAt),
    exitCode: isKilled ? 137 : 1,
    reason: 'Error',
    image: 'registry.example/app:1',
    missedBefore: 0,
  };
}

/** A small generator of numbers from 0 to 1 (mulberry32), so that a failing case can be run again. Tests only. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
