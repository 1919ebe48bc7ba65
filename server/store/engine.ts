import { UnloopError } from '@/lib/domain/unloop-error';
import type { Db, Trx } from './schema';
import type { Store } from './store';

/** What differs between SQLite and PostgreSQL; everything else is one query code. */
export interface Engine {
  readonly name: Store['engine'];
  /** Never holds a password. */
  readonly place: string;
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
  close(): Promise<void>;
}

/** Runs `work` in one transaction, alone among all writers. What it resolves to is durable. */
export function inTransaction<T>(engine: Engine, work: (trx: Trx) => Promise<T>): Promise<T> {
  return engine.db.transaction().execute(async (trx) => {
    await engine.lock(trx);
    return work(trx);
  });
}

/** Runs `work`; whatever it rejects with comes out as an UnloopError, `store-failed` unless it is one already. */
export async function guarded<T>(engine: Pick<Engine, 'place'>, doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnloopError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new UnloopError('store-failed', `${doing} failed in ${engine.place}: ${why}`, '', { cause: error });
  }
}
