import { type Engine, inTransaction } from './engine';
import { digestOf, loopKey, loopKeyOf } from './keys';
import { clean, inSlices, type Trx } from './schema';
import type { StoredChange } from './store';

export async function saveChange(engine: Engine, cluster: string, loopId: string, change: StoredChange): Promise<void> {
  await inTransaction(engine, async (trx) => writeChanges(trx, await loopKey(trx, cluster, loopId), [change]));
}

/** Inserts changes of a loop inside a transaction, each once. */
export async function writeChanges(trx: Trx, loop: number, changes: readonly StoredChange[]): Promise<void> {
  for (const slice of inSlices(changes)) {
    await trx
      .insertInto('change')
      .values(
        slice.map((change) => ({
          loop_key: loop,
          at: change.at,
          digest: digestOf([change.kind, change.text]),
          kind: clean(change.kind),
          text: clean(change.text),
          detail: change.detail === null ? null : clean(change.detail),
        })),
      )
      .onConflict((conflict) => conflict.columns(['loop_key', 'at', 'digest']).doNothing())
      .execute();
  }
}

export async function changesOfLoop(
  engine: Engine,
  cluster: string,
  loopId: string,
  limit = 200,
): Promise<readonly StoredChange[]> {
  const rows = await engine.db
    .selectFrom('change')
    .select(['kind', 'at', 'text', 'detail'])
    .where('loop_key', '=', loopKeyOf(engine.db, cluster, loopId))
    .orderBy('at', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...row }));
}
