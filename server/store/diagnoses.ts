import type { EpochMs } from '@/lib/domain/time';
import { type Engine, inTransaction } from './engine';
import { digestOf, loopKey, loopKeyOf } from './keys';
import { clean } from './schema';
import type { StoredChange, StoredDiagnosis } from './store';

export async function saveDiagnosis(engine: Engine, diagnosis: StoredDiagnosis): Promise<void> {
  await inTransaction(engine, async (trx) => {
    const key = await loopKey(trx, diagnosis.cluster, diagnosis.loopId);
    const episode = await trx
      .selectFrom('episode')
      .select((eb) => eb.fn.max<number | null>('ended_at').as('ended_at'))
      .where('loop_key', '=', key)
      .where('ended_at', '<', diagnosis.at)
      .executeTakeFirst();
    await trx
      .deleteFrom('diagnosis')
      .where('loop_key', '=', key)
      .where('at', '>', episode?.ended_at ?? -1)
      .where('at', '<', diagnosis.at)
      .execute();
    await trx
      .insertInto('diagnosis')
      .values({
        loop_key: key,
        at: diagnosis.at,
        ruleset_version: clean(diagnosis.rulesetVersion),
        body: clean(diagnosis.body),
      })
      .onConflict((conflict) =>
        conflict.columns(['loop_key', 'at']).doUpdateSet((eb) => ({
          ruleset_version: eb.ref('excluded.ruleset_version'),
          body: eb.ref('excluded.body'),
        })),
      )
      .execute();
  });
}

export async function readDiagnosis(
  engine: Engine,
  cluster: string,
  loopId: string,
  asOf?: EpochMs,
): Promise<StoredDiagnosis | null> {
  const row = await engine.db
    .selectFrom('diagnosis')
    .select(['at', 'ruleset_version', 'body'])
    .where('loop_key', '=', loopKeyOf(engine.db, cluster, loopId))
    .$if(asOf !== undefined, (query) => query.where('at', '<=', asOf ?? 0))
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? { cluster, loopId, at: row.at, rulesetVersion: row.ruleset_version, body: row.body } : null;
}

export async function saveChange(engine: Engine, cluster: string, loopId: string, change: StoredChange): Promise<void> {
  await inTransaction(engine, async (trx) => {
    await trx
      .insertInto('change')
      .values({
        loop_key: await loopKey(trx, cluster, loopId),
        at: change.at,
        digest: digestOf([change.kind, change.text]),
        kind: clean(change.kind),
        text: clean(change.text),
        detail: change.detail === null ? null : clean(change.detail),
      })
      .onConflict((conflict) => conflict.columns(['loop_key', 'at', 'digest']).doNothing())
      .execute();
  });
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
