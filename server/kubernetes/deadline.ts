/**
 * Runs work with a deadline: its signal aborts after `ms` milliseconds (with a TimeoutError) or with `signal`. The timer ends with the work;
 * `AbortSignal.timeout` would go on and build an error that nobody reads.
 */
export async function withDeadline<T>(
  ms: number,
  signal: AbortSignal | null,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const timer = setTimeout(() => own.abort(new DOMException(`no answer within ${ms / 1000} s`, 'TimeoutError')), ms);
  try {
    return await work(signal ? AbortSignal.any([signal, own.signal]) : own.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Says whether a deadline passed. */
export function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}
