/** The plot of one row: 136 × 20, the period from its left to its right edge. */
const WIDTH = 136;
/** The shortest bar that is still one. */
const SHORTEST = 2;

export interface PeriodMark {
  /** The time it failed: left edge and width. */
  readonly failed: { readonly x: number; readonly width: number };
  /** From its last failure to the moment at which it counted as ended, as a path; empty where there is none. */
  readonly held: string;
  /** Where it failed again, or null. */
  readonly again: number | null;
  /** True where it began before the period. */
  readonly isCut: boolean;
}

export interface PeriodMarkInput {
  readonly beganAt: number;
  readonly lastFailedAt: number;
  readonly endedAt: number;
  readonly cameBackAt: number | null;
}

/** Lays one ended loop out on the axis of the period. All instants in epoch milliseconds; `to` is after `from`. */
export function periodMark(input: PeriodMarkInput, from: number, to: number): PeriodMark {
  const x = (at: number): number => round(Math.min(1, Math.max(0, (at - from) / Math.max(1, to - from))) * WIDTH);
  const left = Math.min(x(input.beganAt), WIDTH - SHORTEST);
  const right = Math.max(x(input.lastFailedAt), left + SHORTEST);
  const end = x(input.endedAt);
  return {
    failed: { x: left, width: round(right - left) },
    held: end > right ? `M${right} 10H${end}` : '',
    again: input.cameBackAt === null ? null : x(input.cameBackAt),
    isCut: input.beganAt < from,
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
