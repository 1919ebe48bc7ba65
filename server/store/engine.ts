import { UnloopError } from '@/lib/domain/unloop-error';
import type { Db, Trx } from './schema';
import type { Store } from './store';

/** What differs between SQLite and PostgreSQL; everything else is one query code. */
export interface Engine {
  readonly name: Store['engine'];
  /** Never holds a password. */
  readonly place: string;
  /** Why it lives in memory, in words; empty where it does not, or where that was asked for. */
  readonly memoryReason: string;
  /** Writes, and reads that an index answers at once. */
  readonly db: Db;
  /** Reads over a whole cluster: off the main thread where the engine would block it. */
  readonly reads: Db;
  /** Keeps other processes from writing to the same history until the transaction ends. */
  lock(trx: Trx): Promise<void>;
  /** Bytes taken by what is kept; space that is free for reuse does not count. */
  liveBytes(): Promise<number>;
  /** Gives freed space back where the engine does not do so by itself. */
  tidy(): Promise<void>;
  /** Makes ready what a first use needs; again after it has failed. */
  prepare(): Promise<void>;
  /** What a failure means and what to do about it, in words; null where the engine's own words say all. */
  explain(error: unknown): Explained | null;
  /** Whether the history may open later, though it fails to open with this error. */
  mayPass(error: unknown): boolean;
  close(): Promise<void>;
}

/** `what` ends without a full stop. */
export interface Explained {
  readonly what: string;
  readonly remedy: string;
}

/**
 * Runs `work` in one transaction, alone among all writers. What it resolves to is durable. Rejects with the first error: that a
 * transaction which failed cannot be rolled back either says nothing.
 */
export async function inTransaction<T>(engine: Engine, work: (trx: Trx) => Promise<T>): Promise<T> {
  let first: { readonly error: unknown } | null = null;
  try {
    return await engine.db.transaction().execute(async (trx) => {
      try {
        await engine.lock(trx);
        return await work(trx);
      } catch (error) {
        first = { error };
        throw error;
      }
    });
  } catch (error) {
    throw first === null ? error : (first as { readonly error: unknown }).error;
  }
}

/** Runs `work`; whatever it rejects with comes out as an UnloopError, `store-failed` unless it is one already. */
export async function guarded<T>(
  engine: Pick<Engine, 'place' | 'explain'>,
  doing: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnloopError) throw error;
    const told = engine.explain(error);
    throw new UnloopError(
      'store-failed',
      `${doing} failed in ${engine.place}: ${told?.what ?? wordsOf(error)}`,
      told?.remedy ?? 'The log of the server says more.',
      { cause: error },
    );
  }
}

/** What an error says. A connection that is refused at several addresses at once has no words of its own. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  if (error instanceof AggregateError) return error.errors.map(wordsOf).join(', ');
  return 'code' in error ? String(error.code) : error.name;
}
