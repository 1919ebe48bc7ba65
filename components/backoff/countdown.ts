import type { TimelineLane } from '@/lib/contract/timeline';
import { overdueReasons } from '@/lib/domain/next-restart';
import { formatDuration } from '@/lib/format/duration';

/** How a restart or a pull that is to come stands now, in words. */
export interface Countdown {
  readonly isOverdue: boolean;
  readonly text: string;
}

/** Counts down to a window: from its begin to its end, then says since when it is overdue and why that can be. */
export function countdown(next: NonNullable<TimelineLane['next']>, now: number): Countdown {
  const [from, to] = [Date.parse(next.from), Date.parse(next.to)];
  if (now > to) {
    const why = overdueReasons(now - to, next.basis, null).join(', or ');
    return { isOverdue: true, text: `overdue by ${formatDuration(now - to)}: it may be that ${why}` };
  }
  if (now >= from) return { isOverdue: false, text: `due now, at the latest in ${formatDuration(to - now)}` };
  const early = next.isCollected ? '; before the delay is over, because the kubelet forgets the back-off by then' : '';
  return { isOverdue: false, text: `in ${formatDuration(from - now)} to ${formatDuration(to - now)}${early}` };
}

/** A try that was due so long ago has been made: its event was held back, as the kubelet does with many of one sort. */
const EVENT_LATE_MS = 60_000;

/** Whether events tell of the newest pulls no more, so that the next one cannot be foretold. */
export function isPullStale(pull: NonNullable<TimelineLane['pull']>, now: number): boolean {
  return now > Date.parse(pull.to) + EVENT_LATE_MS;
}

/** Counts down to the next try to pull an image. */
export function pullCountdown(pull: NonNullable<TimelineLane['pull']>, now: number): Countdown {
  const [from, to] = [Date.parse(pull.from), Date.parse(pull.to)];
  if (now > to) return { isOverdue: true, text: `next pull overdue by ${formatDuration(now - to)}` };
  if (now >= from) return { isOverdue: false, text: `next pull now, at the latest in ${formatDuration(to - now)}` };
  return { isOverdue: false, text: `next pull in ${formatDuration(from - now)} to ${formatDuration(to - now)}` };
}
