import type { Loop } from '@/lib/contract/loop';
import { formatClock } from '@/lib/format/clock';
import { formatDuration } from '@/lib/format/duration';

export type NextTone = '' | 'range' | 'muted' | 'waiting' | 'held';

/** What comes next for a loop, for the column "Next restart"; `now` is epoch milliseconds. Nothing is guessed: '' where nothing is known. */
export function nextWords(loop: Loop, now: number): string {
  const lived = loop.runningSince === null ? null : formatDuration(Math.max(0, now - Date.parse(loop.runningSince)));
  switch (loop.state) {
    case 'recovered':
    case 'gone':
      return '';
    case 'holding':
      return lived === null ? '' : `held ${lived}`;
    default:
      if (lived !== null) return `running ${lived}`;
      return loop.nextRestart ? windowWords(loop.nextRestart, now) : waitWords(loop, now);
  }
}

/** The voice of `nextWords` for the same loop and time. */
export function nextTone(loop: Loop, now: number): NextTone {
  if (loop.state === 'holding') return 'held';
  if (loop.state === 'recovered' || loop.state === 'gone' || loop.runningSince !== null) return 'muted';
  if (!loop.nextRestart) return 'muted';
  return isOverdue(loop.nextRestart, now) ? 'waiting' : 'range';
}

/** The absolute window with its zone for the hover, or ''. */
export function nextTitle({ nextRestart }: Loop): string {
  if (!nextRestart) return '';
  return `Next restart between ${formatClock(Date.parse(nextRestart.from))} and ${formatClock(Date.parse(nextRestart.to))} UTC`;
}

function windowWords(window: NonNullable<Loop['nextRestart']>, now: number): string {
  const to = Date.parse(window.to);
  if (isOverdue(window, now)) return `overdue ${formatDuration(Math.max(0, now - to))}`;
  return `${formatClock(Date.parse(window.from))}–${formatClock(to)}`;
}

function isOverdue(window: NonNullable<Loop['nextRestart']>, now: number): boolean {
  return window.overdue || now >= Date.parse(window.to) + 1000;
}

function waitWords({ lastExit }: Loop, now: number): string {
  if (!lastExit?.finishedAt) return '';
  return `waiting ${formatDuration(Math.max(0, now - Date.parse(lastExit.finishedAt)))}`;
}
