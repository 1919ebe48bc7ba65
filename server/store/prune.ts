import { setImmediate } from 'node:timers/promises';
import type { EpochMs } from '@/lib/domain/time';
import { type Engine, inTransaction } from './engine';
import { deleteUnusedParts } from './evidence';
import { hourOf } from './hours';
import { inSlices, STILL_RUNNING } from './schema';

/** Runs deleted in one transaction: small, because SQLite deletes on the main thread. */
const RUNS_PER_STEP = 250;
const LOOPS_PER_STEP = 20;
/** Runs deleted at least between two measurements of the size. */
const RUNS_PER_MEASURE = 500;

/** Deletes what is too old or too much, see `Store.prune`. */
export async function prune(engine: Engine, now: EpochMs, keepMs: number, maxBytes: number): Promise<number> {
  const forgottenBefore = now - keepMs;
  let deleted = await deleteBefore(engine, forgottenBefore, forgottenBefore);
  let bytes = await engine.liveBytes();
  while (bytes > maxBytes) {
    const total = await countEnded(engine);
    const excess = Math.ceil(total * (1 - maxBytes / bytes));
    const cutoff = await endOfOldest(engine, Math.max(RUNS_PER_MEASURE, excess));
    if (cutoff === null) break;
    deleted += await deleteBefore(engine, cutoff + 1, forgottenBefore);
    bytes = await engine.liveBytes();
  }
  if (deleted > 0) await engine.tidy();
  return deleted;
}

async function countEnded({ reads }: Engine): Promise<number> {
  const { count } = await reads
    .selectFrom('run')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('ended_at', '<', STILL_RUNNING)
    .executeTakeFirstOrThrow();
  return count;
}

/** The end of the `count`-th oldest ended run, or of the newest where there are fewer; null where there is none. */
async function endOfOldest({ reads }: Engine, count: number): Promise<EpochMs | null> {
  const oldest = await reads
    .selectFrom('run')
    .select('ended_at')
    .where('ended_at', '<', STILL_RUNNING)
    .orderBy('ended_at')
    .offset(count - 1)
    .limit(1)
    .executeTakeFirst();
  if (oldest) return oldest.ended_at;
  const newest = await reads
    .selectFrom('run')
    .select((eb) => eb.fn.max<number | null>('ended_at').as('ended_at'))
    .where('ended_at', '<', STILL_RUNNING)
    .executeTakeFirst();
  return newest?.ended_at ?? null;
}

/**
 * Deletes all that ended before `cutoff`, and loops that were last heard of before `forgottenBefore`. Gives the number of runs.
 */
async function deleteBefore(engine: Engine, cutoff: EpochMs, forgottenBefore: EpochMs): Promise<number> {
  const clusters = await engine.db.selectFrom('cluster').select('key').execute();
  const touched = new Set<number>();
  let deleted = 0;
  for (const { key } of clusters) {
    for (;;) {
      const loops = await deleteSomeRuns(engine, key, cutoff);
      for (const loop of loops) touched.add(loop);
      deleted += loops.length;
      await setImmediate();
      if (loops.length < RUNS_PER_STEP) break;
    }
  }
  await deleteRest(engine, cutoff, forgottenBefore);
  await deletePods(engine, [...touched]);
  while ((await deleteSomeLoops(engine, cutoff, forgottenBefore)) === LOOPS_PER_STEP) await setImmediate();
  await inTransaction(engine, deleteUnusedParts);
  return deleted;
}

/** The loop of each deleted run. */
function deleteSomeRuns(engine: Engine, cluster: number, cutoff: EpochMs): Promise<readonly number[]> {
  return inTransaction(engine, async (trx) => {
    const runs = await trx
      .selectFrom('run')
      .select(['id', 'loop_key'])
      .where('cluster_key', '=', cluster)
      .where('ended_at', '<', cutoff)
      .orderBy('ended_at')
      .limit(RUNS_PER_STEP)
      .execute();
    if (runs.length === 0) return [];
    const ids = runs.map((run) => run.id);
    await trx.deleteFrom('log').where('cluster_key', '=', cluster).where('run_id', 'in', ids).execute();
    await trx.deleteFrom('run').where('cluster_key', '=', cluster).where('id', 'in', ids).execute();
    return runs.map((run) => run.loop_key);
  });
}

/** Deletes, up to `cutoff`, everything beside ended runs. */
async function deleteRest(engine: Engine, cutoff: EpochMs, forgottenBefore: EpochMs): Promise<void> {
  await inTransaction(engine, async (trx) => {
    await trx
      .deleteFrom('run')
      .where('ended_at', '=', STILL_RUNNING)
      .where('loop_key', 'in', (eb) => eb.selectFrom('loop').select('key').where('updated_at', '<', forgottenBefore))
      .execute();
    await trx.deleteFrom('log').where('loop_key', 'is', null).where('saved_at', '<', cutoff).execute();
    await trx.deleteFrom('event').where('last_at', '<', cutoff).execute();
    await trx.deleteFrom('change').where('at', '<', cutoff).execute();
    await trx.deleteFrom('episode').where('ended_at', '<', cutoff).execute();
    await trx.deleteFrom('hour_total').where('hour', '<', hourOf(cutoff)).execute();
    await trx
      .deleteFrom('evidence')
      .where('at', '<', cutoff)
      .where((eb) =>
        eb.exists(
          eb
            .selectFrom('evidence as newer')
            .select('newer.at')
            .whereRef('newer.loop_key', '=', 'evidence.loop_key')
            .whereRef('newer.at', '>', 'evidence.at'),
        ),
      )
      .execute();
    await trx
      .deleteFrom('diagnosis')
      .where('at', '<', cutoff)
      .where((eb) =>
        eb.or([
          eb.exists(
            eb
              .selectFrom('diagnosis as newer')
              .select('newer.at')
              .whereRef('newer.loop_key', '=', 'diagnosis.loop_key')
              .whereRef('newer.at', '>', 'diagnosis.at'),
          ),
          eb.exists(
            eb
              .selectFrom('evidence')
              .select('evidence.at')
              .whereRef('evidence.loop_key', '=', 'diagnosis.loop_key')
              .whereRef('evidence.at', '>', 'diagnosis.at'),
          ),
        ]),
      )
      .execute();
  });
}

/** Deletes the pods of which no run is left, of the given loops. */
async function deletePods(engine: Engine, touched: readonly number[]): Promise<void> {
  for (const loops of inSlices(touched, LOOPS_PER_STEP)) {
    await inTransaction(engine, async (trx) => {
      await trx
        .deleteFrom('pod_container')
        .where('loop_key', 'in', loops)
        .where('key', 'not in', (eb) => eb.selectFrom('run').select('pod_key').where('loop_key', 'in', loops))
        .execute();
    });
    await setImmediate();
  }
}

/** Deletes loops without a run that ended before `cutoff` or were forgotten, with all that is tied to them. */
function deleteSomeLoops(engine: Engine, cutoff: EpochMs, forgottenBefore: EpochMs): Promise<number> {
  return inTransaction(engine, async (trx) => {
    const empty = await trx
      .selectFrom('loop')
      .select('key')
      .where((eb) =>
        eb.or([eb('updated_at', '<', forgottenBefore), eb('ended_at', '<', cutoff), eb('state', 'is', null)]),
      )
      .where((eb) => eb.not(eb.exists(eb.selectFrom('run').select('id').whereRef('run.loop_key', '=', 'loop.key'))))
      // Events, changes and a diagnosis may come before the first run and the first state.
      .where((eb) =>
        eb.or([
          eb('state', 'is not', null),
          eb.not(
            eb.or([
              eb.exists(eb.selectFrom('event').select('uid').whereRef('event.loop_key', '=', 'loop.key')),
              eb.exists(eb.selectFrom('change').select('at').whereRef('change.loop_key', '=', 'loop.key')),
              eb.exists(
                eb
                  .selectFrom('evidence')
                  .select('at')
                  .whereRef('evidence.loop_key', '=', 'loop.key')
                  .where('evidence.at', '>=', cutoff),
              ),
              eb.exists(
                eb
                  .selectFrom('diagnosis')
                  .select('at')
                  .whereRef('diagnosis.loop_key', '=', 'loop.key')
                  .where('diagnosis.at', '>=', cutoff),
              ),
            ]),
          ),
        ]),
      )
      .limit(LOOPS_PER_STEP)
      .execute();
    if (empty.length === 0) return 0;
    const keys = empty.map((loop) => loop.key);
    await trx.deleteFrom('loop').where('key', 'in', keys).execute();
    return keys.length;
  });
}
