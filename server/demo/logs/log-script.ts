import type { Clock } from '@/server/demo/clock';
import { createRandom } from '@/server/demo/random';

/** A line (or several, with line feeds) as the program prints it at a real instant, in epoch milliseconds. */
export type Print = (at: number) => string;

export interface ScriptLine {
  /** Milliseconds after the start, or, in `ending`, after the exit (0 or negative). */
  readonly after: number;
  readonly print: Print;
}

/** What one run of a program prints: at its start, again and again while it runs, and just before its end. */
export interface LogScript {
  readonly opening: readonly ScriptLine[];
  readonly steady?: {
    readonly everyMs: number;
    /** `turn` counts from 0. */
    readonly print: (at: number, turn: number) => string;
  };
  readonly ending?: readonly ScriptLine[];
}

export interface LogRecord {
  /** Simulated instant. */
  readonly at: number;
  readonly text: string;
}

/** One run as the log reader needs it: simulated times, `finishedAt` null while it runs. */
export interface LoggedRun {
  readonly log: LogScript;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  /** When the program ends by itself, known in advance; the ending is printed only when that comes true. */
  readonly endsAt: number | null;
  readonly seed: number;
}

/** Turns beyond this are gone, as from a rotated log file. */
const STEADY_KEPT = 2_000;

function instantOf(run: LoggedRun, everyMs: number, from: number, turn: number): number {
  return from + (turn + createRandom(run.seed + turn).next() * 0.8) * everyMs;
}

/**
 * The lines of a run printed after `since` (or from its start) and up to `until`, oldest first. Lines are made when
 * they are asked for: the same run always gives the same lines.
 */
export function readLog(run: LoggedRun, clock: Clock, since: number, until: number): readonly LogRecord[] {
  const end = Math.min(run.finishedAt ?? until, until);
  const records: LogRecord[] = [];
  const add = (at: number, text: string): void => {
    if (at <= since || at > end) return;
    for (const line of text.split('\n')) records.push({ at, text: line });
  };

  for (const line of run.log.opening) {
    const at = run.startedAt + line.after;
    if (at <= end) add(at, line.print(clock.wall(at)));
  }
  const { steady } = run.log;
  if (steady) {
    const from = run.startedAt + (run.log.opening.at(-1)?.after ?? 0);
    const last = Math.floor((end - from) / steady.everyMs);
    const first = Math.max(0, last - STEADY_KEPT, Math.floor((since - from) / steady.everyMs) - 1);
    for (let turn = first; turn <= last; turn += 1) {
      const at = instantOf(run, steady.everyMs, from, turn);
      if (at > since && at <= end) add(at, steady.print(clock.wall(at), turn));
    }
  }
  if (run.endsAt !== null && run.finishedAt === run.endsAt) {
    for (const line of run.log.ending ?? []) {
      const at = Math.max(run.startedAt, run.endsAt + line.after);
      add(at, line.print(clock.wall(at)));
    }
  }
  return records.sort((left, right) => left.at - right.at);
}

/** The next instant after `since` at which a run that goes on prints something, or null when it prints no more. */
export function nextLineAt(run: LoggedRun, since: number): number | null {
  if (run.finishedAt !== null) return null;
  const opening = run.log.opening.map((line) => run.startedAt + line.after).find((at) => at > since);
  if (opening !== undefined) return opening;
  const { steady } = run.log;
  if (!steady) return null;
  const from = run.startedAt + (run.log.opening.at(-1)?.after ?? 0);
  for (let turn = Math.max(0, Math.floor((since - from) / steady.everyMs)); ; turn += 1) {
    const at = instantOf(run, steady.everyMs, from, turn);
    if (at > since) return at;
  }
}
