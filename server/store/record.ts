import { sql } from 'kysely';
import { namespaceOfLoop, type Run } from '@/lib/domain/loop';
import { type Engine, inTransaction } from './engine';
import { type LoopBefore, loopsBefore, recordLoops } from './episodes';
import { writeEvents } from './events';
import { addToHours, type HourShare, hourOf, hoursOfLoop } from './hours';
import { clusterKey, loopKeys, needed, podDigest, podKeys } from './keys';
import { adoptLogs } from './logs';
import { clean, inTurns, type NewRun, STILL_RUNNING, type Trx } from './schema';
import type { RecordBatch } from './store';
import { count32 } from './whole-numbers';

/** Writes runs and loops of one batch, see `Store.record`. */
export function record(engine: Engine, batch: RecordBatch): Promise<readonly string[]> {
  return inTransaction(engine, async (trx) => {
    const runs = onePerId(batch.runs);
    const namespaces = new Map<string, string>();
    for (const run of runs) namespaces.set(clean(run.loopId), clean(run.namespace));
    for (const loop of batch.loops) namespaces.set(clean(loop.id), clean(loop.namespace));
    for (const id of batch.events?.keys() ?? []) namespaces.set(clean(id), namespaceOfLoop(clean(id)));
    const cluster = await clusterKey(trx, batch.cluster);
    const loops = await loopKeys(trx, cluster, namespaces);

    const before = await loopsBefore(trx, [...loops.values()]);
    const categories = await recategorise(trx, cluster, loops, before, batch);
    const ended = await recordRuns(trx, cluster, loops, runs);
    const shares = ended.map(({ loop_key, ended_at }) => ({
      hour: hourOf(ended_at),
      namespace: needed(before, loop_key).namespace,
      category: needed(categories, loop_key),
      crashes: 1,
    }));
    await addToHours(trx, cluster, shares);
    await adoptLogs(trx, cluster, ended);
    await recordLoops(trx, cluster, loops, before, batch.loops);
    for (const [id, events] of batch.events ?? []) await writeEvents(trx, needed(loops, clean(id)), events);
    return ended.map((row) => row.id);
  });
}

/**
 * Each loop's category with this batch, by key. Where a loop's differs from before, what was counted for it moves: a
 * verdict comes after the first crash, and a better one later.
 */
async function recategorise(
  trx: Trx,
  cluster: number,
  keys: ReadonlyMap<string, number>,
  before: ReadonlyMap<number, LoopBefore>,
  batch: RecordBatch,
): Promise<ReadonlyMap<number, string | null>> {
  const categories = new Map([...before].map(([key, loop]) => [key, loop.category]));
  for (const loop of batch.loops) categories.set(needed(keys, clean(loop.id)), loop.category);
  const moves: HourShare[] = [];
  for (const [key, category] of categories) {
    const { namespace, category: earlier } = needed(before, key);
    if ((category ?? 'unknown') === (earlier ?? 'unknown')) continue;
    for (const { hour, crashes } of await hoursOfLoop(trx, key)) {
      moves.push({ hour, namespace, category: earlier, crashes: -crashes }, { hour, namespace, category, crashes });
    }
  }
  await addToHours(trx, cluster, moves);
  return categories;
}

/** One run per id: the first that has ended, else the first. */
function onePerId(runs: readonly Run[]): readonly Run[] {
  const byId = new Map<string, Run>();
  for (const run of runs) {
    const known = byId.get(run.id);
    if (!known || (endOf(known) === STILL_RUNNING && endOf(run) !== STILL_RUNNING)) byId.set(run.id, run);
  }
  return [...byId.values()];
}

/** The instant by which a run is ordered. Runtimes may never know the finish (start errors, lost containers): then when it was seen. */
function endOf(run: Run): number {
  if (run.finishedAt === null && run.observedAt === null && run.exitCode === null) return STILL_RUNNING;
  return run.finishedAt ?? run.observedAt ?? run.startedAt ?? 0;
}

/** A run whose end was new. */
export interface NewEnd {
  readonly id: string;
  readonly loop_key: number;
  readonly ended_at: number;
}

async function recordRuns(
  trx: Trx,
  cluster: number,
  loops: ReadonlyMap<string, number>,
  runs: readonly Run[],
): Promise<readonly NewEnd[]> {
  const entries = runs.map((run) => ({ run, loopKey: needed(loops, clean(run.loopId)), digest: podDigest(run) }));
  const pods = await podKeys(trx, entries);
  const rows = entries.map(
    ({ run, loopKey, digest }): NewRun => ({
      cluster_key: cluster,
      id: clean(run.id),
      loop_key: loopKey,
      pod_key: needed(pods, `${loopKey}.${digest}`),
      container_id: clean(run.containerId),
      restart_index: count32(run.restartIndex),
      started_at: run.startedAt,
      finished_at: run.finishedAt,
      ended_at: endOf(run),
      observed_at: run.observedAt,
      exit_code: run.exitCode === null ? null : count32(run.exitCode),
      reason: clean(run.reason),
      message: clean(run.message),
      missed_before: count32(run.missedBefore),
    }),
  );
  const ended: NewEnd[] = [];
  for await (const slice of inTurns(rows)) {
    const written = await trx
      .insertInto('run')
      .values(slice)
      .onConflict((conflict) =>
        conflict
          .columns(['cluster_key', 'id'])
          .doUpdateSet((eb) => ({
            pod_key: eb.ref('excluded.pod_key'),
            container_id: eb.ref('excluded.container_id'),
            restart_index: eb.ref('excluded.restart_index'),
            started_at: eb.fn.coalesce('excluded.started_at', 'run.started_at'),
            finished_at: eb.ref('excluded.finished_at'),
            ended_at: eb.ref('excluded.ended_at'),
            observed_at: eb.ref('excluded.observed_at'),
            exit_code: eb.ref('excluded.exit_code'),
            reason: eb.ref('excluded.reason'),
            message: eb.ref('excluded.message'),
            // What was missed was seen when the run began; its end may be read without that knowledge.
            missed_before: sql<number>`case when excluded.missed_before > run.missed_before then excluded.missed_before else run.missed_before end`,
          }))
          .where('run.ended_at', '=', STILL_RUNNING)
          .where('excluded.ended_at', '<>', STILL_RUNNING),
      )
      .returning(['id', 'loop_key', 'ended_at'])
      .execute();
    for (const row of written) if (row.ended_at !== STILL_RUNNING) ended.push({ ...row });
  }
  return ended;
}
