import type { LogScript } from '@/server/demo/logs/log-script';
import type { Attempt, Program, RunContext } from '@/server/demo/program';

type Run = Extract<Attempt, { kind: 'run' }>;
type Rest = Partial<Omit<Run, 'kind' | 'livesMs' | 'exit' | 'log'>>;

/** A run that goes on until somebody stops it. */
export function serving(log: LogScript, rest: Rest = {}): Run {
  return { kind: 'run', livesMs: null, log, ...rest };
}

/** A run that ends by itself after a time; it never gets as far as to answer its probes, unless `readyAfterMs` says so. */
export function ending(livesMs: number, code: number, log: LogScript, rest: Rest & { reason?: string } = {}): Run {
  const { reason, ...others } = rest;
  const exit = { code, ...(reason === undefined ? {} : { reason }) };
  return { kind: 'run', livesMs, exit, log, readyAfterMs: Number.POSITIVE_INFINITY, ...others };
}

/** A program that never ends. */
export function always(log: LogScript, rest: Rest = {}): Program {
  return () => serving(log, rest);
}

/** One program before an instant of the demo, another for runs that start from then on. */
export function until(at: number, before: Program, after: Program): Program {
  return (context) => (context.sinceOpening < at ? before(context) : after(context));
}

/** A run that has been fine and ends at an instant of the demo, a moment spread over the replicas. */
export function endingAt(at: number, context: RunContext, code: number, log: LogScript, rest: Rest = {}): Run {
  return ending(at - context.sinceOpening + context.random.between(0, 4_000), code, log, { readyAfterMs: 0, ...rest });
}
