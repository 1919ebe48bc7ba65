import { terminalText } from '@/lib/diagnosis/log/terminal-text';
import { redactText } from '@/lib/domain/redact/text';

/** A text as it may stand in the server's own output: without credentials and without what a terminal would obey. */
export function forOutput(text: string): string {
  return terminalText(redactText(text));
}

/** One line of the server's own log on stderr: time, level, name, message. Texts from a cluster are made one line and harmless first. */
export function logLine(level: 'info' | 'warn' | 'error', name: string, message: string): void {
  const text = `${forOutput(name)}: ${forOutput(message)}`.replace(/\s+/g, ' ').slice(0, 2000);
  process.stderr.write(`${new Date().toISOString()} ${level} ${text}\n`);
}

/** An error as one readable line with its causes, each said once, without a final stop. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message.replace(/\.+\s*$/, '');
  if (error.cause === undefined) return message;
  const cause = describeError(error.cause);
  return message.includes(cause) ? message : `${message} (${cause})`;
}

const KEY = Symbol.for('unloop.background-failures');

/** Counted for the whole process: routes and instrumentation are separate module graphs. */
function counter(): { count: number } {
  const shared = globalThis as unknown as Record<symbol, { count: number } | undefined>;
  shared[KEY] ??= { count: 0 };
  return shared[KEY];
}

/** Number of background failures so far, for `/metrics`. */
export function backgroundFailures(): number {
  return counter().count;
}

/** Lets a promise run on; a rejection is logged under its name and counted, never lost. */
export function background(promise: Promise<unknown>, name: string): void {
  promise.catch((error: unknown) => {
    counter().count++;
    logLine('error', name, describeError(error));
  });
}
