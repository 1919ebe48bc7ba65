import { UnloopError } from '@/lib/domain/unloop-error';
import type { Store } from './store';

/**
 * Waits for a call to the history for `ms` milliseconds at most; then rejects with `store-failed`, while the call goes on. A database
 * that hangs, or whose tables somebody keeps locked, answers neither yes nor no.
 */
export async function within<T>(ms: number, { place }: Pick<Store, 'place'>, call: Promise<T>): Promise<T> {
  const silence = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const what = `The history in ${place} has not answered for ${ms / 1000} s: it hangs, or its tables are locked`;
    silence.reject(new UnloopError('store-failed', what, 'Look at the database. Unloop tries again by itself.'));
  }, ms);
  timer.unref();
  try {
    return await Promise.race([call, silence.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a call to the history was rejected with, which is always an UnloopError. */
export function troubleOf(error: unknown): UnloopError {
  return error instanceof UnloopError ? error : new UnloopError('internal', String(error));
}

/** Says whether the history failed, and not what was done with it. */
export function isStoreFailure(error: unknown): boolean {
  return error instanceof UnloopError && error.code === 'store-failed';
}
