/** One line of the server's own log on stderr: time, level, name, message. Texts from a cluster are made one line first. */
export function logLine(level: 'info' | 'warn' | 'error', name: string, message: string): void {
  const text = message.replace(/\s+/g, ' ').slice(0, 2000);
  process.stderr.write(`${new Date().toISOString()} ${level} ${name}: ${text}\n`);
}

/** Gives an error as one readable line with its causes. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : ` (${describeError(error.cause)})`;
  return `${error.message}${cause}`;
}

let failures = 0;

/** Number of background failures so far, for `/metrics`. */
export function backgroundFailures(): number {
  return failures;
}

/** Lets a promise run on; a rejection is logged under its name and counted, never lost. */
export function background(promise: Promise<unknown>, name: string): void {
  promise.catch((error: unknown) => {
    failures++;
    logLine('error', name, describeError(error));
  });
}
