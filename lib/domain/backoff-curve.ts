/** First delay and longest delay of a kubelet's restart back-off, in milliseconds; the factor between is always 2. */
export interface BackoffParams {
  readonly baseMs: number;
  readonly capMs: number;
}

/** What a kubelet does unless it is configured otherwise (crash-semantics 1.1). */
export const DEFAULT_BACKOFF: BackoffParams = { baseMs: 10_000, capMs: 300_000 };

/** With the feature gate `ReduceDefaultCrashLoopBackOffDecay` (crash-semantics 1.8). */
export const REDUCED_BACKOFF: BackoffParams = { baseMs: 1_000, capMs: 60_000 };

/**
 * The nominal wait in milliseconds before restart number `restart` of a fresh curve: none before the first, then base,
 * doubling, up to the cap (crash-semantics 1.2, facts 2 and 3).
 */
export function nominalWaitMs(restart: number, params: BackoffParams = DEFAULT_BACKOFF): number {
  if (restart <= 1) return 0;
  return Math.min(params.capMs, params.baseMs * 2 ** Math.min(restart - 2, 30));
}

/** The sum of the waits before the first `restarts` restarts of a fresh curve, in milliseconds. */
export function totalWaitMs(restarts: number, params: BackoffParams = DEFAULT_BACKOFF): number {
  let sum = 0;
  let restart = 2;
  for (; restart <= restarts; restart++) {
    const wait = nominalWaitMs(restart, params);
    if (wait >= params.capMs) break;
    sum += wait;
  }
  return sum + Math.max(0, restarts - restart + 1) * params.capMs;
}
