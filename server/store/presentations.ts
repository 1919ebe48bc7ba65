import type { EpochMs } from '@/lib/domain/time';
import type { Engine } from './engine';
import { loopKeyOf } from './keys';
import type { StoredPresentation } from './store';

/** See `Store.presentation`. None is written any more. */
export async function readPresentation(
  engine: Engine,
  cluster: string,
  loopId: string,
  asOf?: EpochMs,
): Promise<StoredPresentation | null> {
  const row = await engine.db
    .selectFrom('diagnosis')
    .select(['at', 'ruleset_version', 'body'])
    .where('loop_key', '=', loopKeyOf(engine.db, cluster, loopId))
    .$if(asOf !== undefined, (query) => query.where('at', '<=', asOf ?? 0))
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? { at: row.at, ruleset: row.ruleset_version, body: row.body } : null;
}
