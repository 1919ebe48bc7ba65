import { sql } from 'kysely';
import type { Run } from '@/lib/domain/loop';
import { type Engine, inTransaction } from './engine';
import { recordLoops } from './episodes';
import { clusterKey, loopKeys, needed, podDigest, podKeys } from './keys';
import { adoptLogs } from './logs';
import { clean, inSlices, type NewRun, STILL_RUNNING, type Trx } from './schema';
import type { RecordBatch } from './store';

const HOUR_MS = 3_600_000;

/** Writes runs and loops of one batch, see `Store.record`. */
export function record(engine: Engine, batch: RecordBatch): Promise<readonly string[]> {
  return inTransaction(engine, async (trx) => {
    const runs = onePerId(batch.runs);
    const namespaces = new Map<string, string>();
    for (const run of runs) namespaces.set(clean(run.loopId), clean(run.namespace));
    for (const loop of batch.loops) namespaces.set(clean(loop.id), clean(loop.namespace));
    const cluster = await clusterKey(trx, batch.cluster);
    const loops = await loopKeys(trx, cluster, namespaces);

    const ended = await recordRuns(trx, cluster, loops, runs);
    await addToHours(trx, ended);
    await adoptLogs(trx, cluster, ended);
    await recordLoops(trx, cluster, loops, batch.loops);
    return ended.map((row) => row.id);
  });
}

/** Gives one run per id: the first that has ended, else the first. */
function onePerId(runs: readonly Run[]): readonly Run[] {
  const byId = new Map<string, Run>();
  for (const run of runs) {
    const known = byId.get(run.id);
    if (!known || (endOf(known) === STILL_RUNNING && endOf(run) !== STILL_RUNNING)) byId.set(run.id, run);
  }
  return [...byId.values()];
}

/** Gives the instant by which a run is ordered. Runtimes may never know the finish (start errors, lost containers): then when it was seen. */
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
      restart_index: run.restartIndex,
      started_at: run.startedAt,
      finished_at: run.finishedAt,
      ended_at: endOf(run),
      observed_at: run.observedAt,
      exit_code: run.exitCode,
      reason: clean(run.reason),
      message: clean(run.message),
      missed_before: run.missedBefore,
    }),
  );
  const ended: NewEnd[] = [];
  for (const slice of inSlices(rows)) {
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

async function addToHours(trx: Trx, ended: readonly NewEnd[]): Promise<void> {
  const counts = new Map<string, { loop_key: number; hour: number; crashes: number }>();
  for (const { loop_key, ended_at } of ended) {
    const hour = ended_at - (ended_at % HOUR_MS);
    const known = counts.get(`${loop_key}.${hour}`);
    if (known) known.crashes += 1;
    else counts.set(`${loop_key}.${hour}`, { loop_key, hour, crashes: 1 });
  }
  for (const slice of inSlices([...counts.values()])) {
    await trx
      .insertInto('hour')
      .values(slice)
      .onConflict((conflict) =>
        conflict.columns(['hour', 'loop_key']).doUpdateSet({ crashes: sql<number>`hour.crashes + excluded.crashes` }),
      )
      .execute();
  }
}
