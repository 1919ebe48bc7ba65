import type { Loop } from '@/lib/contract/loop';

/** Width of the last hour in the strip, in its own units: 120 × 20, the last 12 for what comes next. */
const HOUR = 108;
const PER_SECOND = HOUR / 3600;
const NOW_X = 109;
const NEXT_X = { min: 110, max: 116, narrowest: 3.5 } as const;

/** The marks of one strip: one SVG path per kind, empty where there is none. */
export interface StripPaths {
  readonly runs: string;
  /** The run that holds, or is alive after a recovery. */
  readonly held: string;
  readonly crashes: string;
  readonly waits: string;
  /** A container that never ran: dotted from the first failure on. */
  readonly none: string;
  readonly next: { readonly x: number; readonly width: number } | null;
  /** For those who cannot see it. */
  readonly words: string;
}

/** Draws the last hour of a loop. `now` is epoch seconds. Runs are at least one unit wide, so that a crash has a body. */
export function stripPaths(loop: Loop, now: number): StripPaths {
  const x = (at: number): number => Math.min(HOUR, Math.max(0, HOUR + (at - now) * PER_SECOND));
  const segment = (from: number, to: number): string => `M${round(from)} 10H${round(to)}`;
  const inView = loop.strip.filter(([, finished]) => finished === null || finished > now - 3600);
  let runs = '';
  let held = '';
  let crashes = '';
  let waits = '';
  let crashCount = 0;
  inView.forEach(([started, finished], index) => {
    const end = finished === null ? HOUR : x(finished);
    const begin = started === null ? end - 1 : x(started);
    const path = segment(Math.max(0, Math.min(begin, end - 1)), end);
    if (finished === null && loop.state === 'holding') held += path;
    else runs += path;
    if (finished === null) return;
    crashCount += 1;
    crashes += `M${round(end)} 3V17`;
    const following = inView[index + 1];
    const until = waitEnd(loop, following?.[0] ?? following?.[1] ?? null, x);
    if (until !== null && until > end) waits += segment(end, until);
  });
  return {
    runs,
    held,
    crashes,
    waits,
    none: loop.state === 'never-started' && inView.length === 0 ? noneSince(loop, x) : '',
    next: nextWindow(loop, now),
    words: wordsFor(loop, crashCount, inView.length),
  };
}

/** A wait ends at the next start, else now; after the end of the loop nothing waits. */
function waitEnd(loop: Loop, nextStart: number | null, x: (at: number) => number): number | null {
  if (nextStart !== null) return x(nextStart);
  return loop.state === 'gone' || loop.state === 'recovered' || loop.runningSince !== null ? null : HOUR;
}

function noneSince(loop: Loop, x: (at: number) => number): string {
  return `M${round(x(Date.parse(loop.since) / 1000))} 10H${HOUR}`;
}

function nextWindow({ nextRestart }: Loop, now: number): StripPaths['next'] {
  if (!nextRestart) return null;
  const from = Date.parse(nextRestart.from) / 1000;
  const to = Date.parse(nextRestart.to) / 1000;
  if (nextRestart.overdue || to < now) return null;
  return {
    x: round(Math.min(NEXT_X.max, Math.max(NEXT_X.min, NOW_X + (from - now) * PER_SECOND))),
    width: Math.max(NEXT_X.narrowest, round((to - from) * PER_SECOND)),
  };
}

function wordsFor(loop: Loop, crashes: number, runs: number): string {
  if (runs === 0) return loop.state === 'never-started' ? 'no run in the last hour' : 'no crash in the last hour';
  return `${crashes} ${crashes === 1 ? 'crash' : 'crashes'} in the last hour`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
