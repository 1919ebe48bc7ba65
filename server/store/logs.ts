import { type Engine, inTransaction } from './engine';
import { citedRuns } from './evidence';
import { clusterKey, clusterKeyOf } from './keys';
import { packLog, unpackLog } from './log-body';
import { logsToDrop, NEWEST_LOGS_KEPT } from './log-retention';
import type { NewEnd } from './record';
import { clean, inSlices, type Trx } from './schema';
import type { StoredLog } from './store';

const DROPPED = `let go: of each loop the newest ${NEWEST_LOGS_KEPT} logs stay, and the first and last of each episode`;

export type LogState = { state: 'held' | 'missing'; text: string; lines: number | null };

export async function saveLog(engine: Engine, cluster: string, runId: string, log: StoredLog): Promise<void> {
  const id = clean(runId);
  const packed = log.state === 'held' ? await packLog(log.text) : null;
  await inTransaction(engine, async (trx) => {
    const key = await clusterKey(trx, cluster);
    const run = await trx
      .selectFrom('run')
      .select(['loop_key', 'ended_at'])
      .where('cluster_key', '=', key)
      .where('id', '=', id)
      .executeTakeFirst();
    await trx
      .insertInto('log')
      .values({
        cluster_key: key,
        run_id: id,
        loop_key: run?.loop_key ?? null,
        at: run?.ended_at ?? null,
        saved_at: Date.now(),
        held: packed ? 1 : 0,
        reason: log.state === 'missing' ? clean(log.reason) : '',
        lines: packed?.lines ?? null,
        fetched_at: log.state === 'held' ? log.fetchedAt : null,
        deflated: packed?.deflated ?? 0,
        body: packed?.body ?? null,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['cluster_key', 'run_id'])
          .doUpdateSet((eb) => ({
            loop_key: eb.ref('excluded.loop_key'),
            at: eb.ref('excluded.at'),
            saved_at: eb.ref('excluded.saved_at'),
            held: eb.ref('excluded.held'),
            reason: eb.ref('excluded.reason'),
            lines: eb.ref('excluded.lines'),
            fetched_at: eb.ref('excluded.fetched_at'),
            deflated: eb.ref('excluded.deflated'),
            body: eb.ref('excluded.body'),
          }))
          .where((eb) => eb.or([eb('excluded.held', '=', 1), eb('log.held', '=', 0)])),
      )
      .execute();
    if (run && packed) await dropLogs(trx, key, run.loop_key);
  });
}

/** Ties logs that were saved before their runs to those runs' loops. */
export async function adoptLogs(trx: Trx, cluster: number, ended: readonly NewEnd[]): Promise<void> {
  const byId = new Map(ended.map((end) => [end.id, end]));
  const loops = new Set<number>();
  for (const ids of inSlices([...byId.keys()])) {
    const found = await trx
      .selectFrom('log')
      .select(['run_id', 'held'])
      .where('cluster_key', '=', cluster)
      .where('run_id', 'in', ids)
      .execute();
    for (const { run_id, held } of found) {
      const end = byId.get(run_id);
      if (!end) continue;
      await trx
        .updateTable('log')
        .set({ loop_key: end.loop_key, at: end.ended_at })
        .where('cluster_key', '=', cluster)
        .where('run_id', '=', run_id)
        .execute();
      if (held) loops.add(end.loop_key);
    }
  }
  for (const loop of loops) await dropLogs(trx, cluster, loop);
}

async function dropLogs(trx: Trx, cluster: number, loop: number): Promise<void> {
  const held = await trx
    .selectFrom('log')
    .select(['run_id as runId', 'at'])
    .where('loop_key', '=', loop)
    .where('held', '=', 1)
    .execute();
  if (held.length <= NEWEST_LOGS_KEPT) return;
  const episodes = await trx.selectFrom('episode').select('ended_at').where('loop_key', '=', loop).execute();
  const cited = await citedRuns(trx, loop);
  const ids = logsToDrop(
    held.map(({ runId, at }) => ({ runId, at: at ?? 0 })),
    episodes.map((episode) => episode.ended_at),
  ).filter((id) => !cited.has(id));
  for (const slice of inSlices(ids)) {
    await trx.deleteFrom('log').where('cluster_key', '=', cluster).where('run_id', 'in', slice).execute();
    await trx
      .updateTable('run')
      .set({ log_dropped: 1 })
      .where('cluster_key', '=', cluster)
      .where('id', 'in', slice)
      .execute();
  }
}

export async function readLog(engine: Engine, cluster: string, runId: string): Promise<StoredLog | null> {
  const row = await engine.db
    .selectFrom('log')
    .select(['held', 'reason', 'fetched_at', 'deflated', 'body'])
    .where('cluster_key', '=', clusterKeyOf(engine.db, cluster))
    .where('run_id', '=', clean(runId))
    .executeTakeFirst();
  if (row?.body) {
    return { state: 'held', text: await unpackLog(row.body, row.deflated), fetchedAt: row.fetched_at ?? 0 };
  }
  if (row) return { state: 'missing', reason: row.reason };
  const states = await logStates(engine, cluster, [runId]);
  const dropped = states.get(runId);
  return dropped ? { state: 'missing', reason: dropped.text } : null;
}

export async function logStates(
  engine: Engine,
  cluster: string,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, LogState>> {
  const states = new Map<string, LogState>();
  const asked = new Map(runIds.map((id) => [clean(id), id]));
  for (const ids of inSlices([...asked.keys()])) {
    const dropped = await engine.db
      .selectFrom('run')
      .select('id')
      .where('cluster_key', '=', clusterKeyOf(engine.db, cluster))
      .where('id', 'in', ids)
      .where('log_dropped', '=', 1)
      .execute();
    for (const { id } of dropped) states.set(asked.get(id) ?? id, { state: 'missing', text: DROPPED, lines: null });
    const rows = await engine.db
      .selectFrom('log')
      .select(['run_id', 'held', 'reason', 'lines'])
      .where('cluster_key', '=', clusterKeyOf(engine.db, cluster))
      .where('run_id', 'in', ids)
      .execute();
    for (const { run_id, held, reason, lines } of rows) {
      states.set(asked.get(run_id) ?? run_id, { state: held ? 'held' : 'missing', text: reason, lines });
    }
  }
  return states;
}
