import { formatClock, formatDay, formatMinute } from '@/lib/format/clock';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  SECOND,
  5 * SECOND,
  10 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  28 * DAY,
];

/** A tick of the axis. `minor` ones go where the width runs out. */
export interface Tick {
  readonly at: number;
  readonly text: string;
  readonly minor: boolean;
}

/** At most about `most` ticks at round UTC times between two epoch milliseconds. */
export function ticksBetween(from: number, to: number, most = 6): readonly Tick[] {
  const step = STEPS.find((candidate) => (to - from) / candidate <= most) ?? STEPS.at(-1) ?? DAY;
  const ticks: Tick[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to && ticks.length < 50; at += step) {
    ticks.push({ at, text: tickText(at, step), minor: ticks.length % 2 === 1 });
  }
  return ticks;
}

function tickText(at: number, step: number): string {
  if (step >= DAY || (step >= HOUR && at % DAY === 0)) return formatDay(at);
  return step < MINUTE ? formatClock(at) : formatMinute(at);
}
