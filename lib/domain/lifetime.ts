import { BACKOFF_RESET_MS } from './container-exits';

/**
 * How long the runs of a loop live.
 * - `instant`: two seconds at most
 * - `probe-budget`: as long as a probe that never succeeds lets them
 * - `fixed`: always the same
 * - `growing`, `shrinking`: longer or shorter from run to run
 * - `random`: none of these
 * - `unclear`: too few runs to tell
 */
export const LIFETIME_PATTERNS = [
  'instant',
  'probe-budget',
  'fixed',
  'growing',
  'shrinking',
  'random',
  'unclear',
] as const;
export type LifetimePattern = (typeof LIFETIME_PATTERNS)[number];

/** Between how long and how long a container lives that its probe kills, in milliseconds. */
export interface KillBudget {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A liveness or startup probe, defaults filled in; all in seconds but the threshold. */
export interface ProbeTiming {
  readonly initialDelay: number;
  readonly period: number;
  readonly timeout: number;
  readonly failureThreshold: number;
  /** The probe's own grace period, or null for the pod's. */
  readonly grace: number | null;
}

/** A pattern with the numbers that make it so. Durations in milliseconds. */
export interface Lifetime {
  readonly pattern: LifetimePattern;
  /** Runs looked at: the newest 20, without a healthy run that came before the loop. */
  readonly runs: number;
  readonly minMs: number;
  readonly medianMs: number;
  readonly maxMs: number;
  /** Length of the middle four fifths of the runs. */
  readonly spreadMs: number;
  /** Kendall's tau over the order of runs: 1 where each lives longer than the one before, -1 where each lives shorter. */
  readonly trend: number;
  /** Median change from run to run. */
  readonly changeMsPerRun: number;
  readonly budget: (KillBudget & { readonly runsWithin: number }) | null;
}

const RUNS_MAX = 20;
const INSTANT_MS = 2_000;
const FIXED_SPREAD_MIN_MS = 2_000;
const FIXED_SPREAD_SHARE = 0.1;
const TREND_RUNS_MIN = 5;
const TREND_MIN = 0.7;
const TREND_RATIO_MIN = 1.3;
const BUDGET_SHARE = 0.8;
const ROUNDING_MS = 1_000;
/** The kubelet grants no less, whatever the grace period (`minimumGracePeriodInSeconds`). */
const GRACE_MIN_S = 2;

/**
 * How long a container lives whose probe never succeeds: from the last failure needed to the kill plus its grace
 * period. Spacing is the period, or the timeout where that is longer (crash-semantics 4.3). `podGrace` in seconds.
 */
export function killBudgetOf(probe: ProbeTiming, podGrace: number): KillBudget {
  const spacing = Math.max(probe.period, probe.timeout);
  const grace = Math.max(GRACE_MIN_S, probe.grace ?? podGrace);
  return {
    fromMs: (probe.initialDelay + (probe.failureThreshold - 1) * probe.period) * 1_000,
    toMs: (probe.initialDelay + probe.failureThreshold * spacing + probe.timeout + 1 + grace) * 1_000,
  };
}

/**
 * Finds the pattern in the lifetimes of a loop's ended runs (milliseconds, oldest first), or null without any. `budget` is
 * that of the container's liveness or startup probe, where it has one.
 */
export function lifetimeOf(livedMs: readonly number[], budget: KillBudget | null): Lifetime | null {
  const lives = withoutHealthyStart(livedMs).slice(-RUNS_MAX);
  if (lives.length === 0) return null;
  const sorted = lives.toSorted((a, b) => a - b);
  const medianMs = quantile(sorted, 0.5);
  const spreadMs = quantile(sorted, 0.9) - quantile(sorted, 0.1);
  const trend = kendall(lives);
  const within = budget === null ? 0 : lives.filter((ms) => isWithin(ms, budget)).length;
  const numbers = {
    runs: lives.length,
    minMs: sorted[0] ?? 0,
    medianMs,
    maxMs: sorted.at(-1) ?? 0,
    spreadMs,
    trend,
    changeMsPerRun: medianChange(lives),
    budget: budget === null ? null : { ...budget, runsWithin: within },
  };
  return { pattern: patternOf(lives, numbers), ...numbers };
}

function patternOf(lives: readonly number[], numbers: Omit<Lifetime, 'pattern'>): LifetimePattern {
  const { runs, medianMs, spreadMs, trend, budget } = numbers;
  if (runs < 2) return 'unclear';
  if (medianMs <= INSTANT_MS && spreadMs <= INSTANT_MS) return 'instant';
  if (budget !== null && budget.runsWithin >= 2 && budget.runsWithin >= BUDGET_SHARE * runs) return 'probe-budget';
  if (runs < 3) return 'unclear';
  if (spreadMs <= Math.max(FIXED_SPREAD_MIN_MS, FIXED_SPREAD_SHARE * medianMs)) return 'fixed';
  if (runs < TREND_RUNS_MIN) return 'unclear';
  const third = Math.max(1, Math.floor(runs / 3));
  const early = quantile(
    lives.slice(0, third).toSorted((a, b) => a - b),
    0.5,
  );
  const late = quantile(
    lives.slice(-third).toSorted((a, b) => a - b),
    0.5,
  );
  if (trend >= TREND_MIN && late >= TREND_RATIO_MIN * early) return 'growing';
  if (trend <= -TREND_MIN && early >= TREND_RATIO_MIN * late) return 'shrinking';
  return 'random';
}

/** Leaves out a first run that outlived the back-off's memory and ten times what followed: the healthy one before the loop. */
function withoutHealthyStart(livedMs: readonly number[]): readonly number[] {
  const [first, ...rest] = livedMs;
  if (first === undefined || rest.length === 0) return livedMs;
  const typical = quantile(
    rest.toSorted((a, b) => a - b),
    0.5,
  );
  return first > BACKOFF_RESET_MS && first > 10 * typical ? rest : livedMs;
}

function isWithin(ms: number, budget: KillBudget): boolean {
  return ms >= budget.fromMs - ROUNDING_MS && ms <= budget.toMs + ROUNDING_MS;
}

/** The value at a share of a sorted list, between its neighbours where it falls between. */
function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? 0;
  const high = sorted[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
}

function kendall(values: readonly number[]): number {
  let sum = 0;
  for (const [i, a] of values.entries()) for (const b of values.slice(i + 1)) sum += Math.sign(b - a);
  const pairs = (values.length * (values.length - 1)) / 2;
  return pairs === 0 ? 0 : sum / pairs;
}

function medianChange(values: readonly number[]): number {
  const changes = values.slice(1).map((value, i) => value - (values[i] ?? value));
  return quantile(
    changes.toSorted((a, b) => a - b),
    0.5,
  );
}
