import type { Run } from '@/lib/domain/loop';
import type { ContainerType } from '@/lib/domain/pod-snapshot';
import type { EpochMs } from '@/lib/domain/time';
import type { Engine } from './engine';
import { clusterKeyOf, loopKeyOf } from './keys';
import { clean, type Db, memberOf, ROWS_PER_STATEMENT, STILL_RUNNING } from './schema';
import type { StripRun } from './store';

const CONTAINER_TYPES: readonly ContainerType[] = ['init', 'sidecar', 'app'];

export async function readRun(engine: Engine, cluster: string, runId: string): Promise<Run | null> {
  const row = await runRows(engine.db)
    .where('run.cluster_key', '=', clusterKeyOf(engine.db, cluster))
    .where('run.id', '=', clean(runId))
    .executeTakeFirst();
  return row ? toRun(row) : null;
}

export async function runsOfLoop(
  engine: Engine,
  cluster: string,
  loopId: string,
  options: { limit?: number; before?: EpochMs } = {},
): Promise<readonly Run[]> {
  const { limit = 200, before } = options;
  const ofLoop = runRows(engine.db).where('run.loop_key', '=', loopKeyOf(engine.db, cluster, loopId));
  const rows = await ofLoop
    .$if(before !== undefined, (query) => query.where('run.ended_at', '<', before ?? 0))
    .orderBy('run.ended_at', 'desc')
    .limit(limit)
    .execute();
  const last = rows.at(-1);
  if (last && rows.length === limit) {
    const known = new Set(rows.map((row) => row.id));
    const tied = await ofLoop.where('run.ended_at', '=', last.ended_at).execute();
    rows.push(...tied.filter((row) => !known.has(row.id)));
  }
  return rows.map(toRun);
}

export async function runsBetween(
  engine: Engine,
  cluster: string,
  loopId: string,
  from: EpochMs,
  to: EpochMs,
  limit: number,
): Promise<readonly Run[]> {
  const db = engine.reads;
  const rows = await runRows(db)
    .where('run.loop_key', '=', loopKeyOf(db, cluster, loopId))
    .where('run.ended_at', '>=', from)
    .where((eb) => eb.or([eb('run.started_at', '<=', to), eb('run.ended_at', '<=', to)]))
    .orderBy('run.ended_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toRun).reverse();
}

export async function recentRuns(engine: Engine, cluster: string, since: EpochMs): Promise<readonly Run[]> {
  const rows = await runRows(engine.reads)
    .where('run.cluster_key', '=', clusterKeyOf(engine.reads, cluster))
    .where('run.ended_at', '>=', since)
    .orderBy('run.ended_at', 'desc')
    .execute();
  return rows.map(toRun);
}

export async function stripSince(
  engine: Engine,
  cluster: string,
  loopIds: readonly string[],
  since: EpochMs,
): Promise<ReadonlyMap<string, readonly StripRun[]>> {
  if (loopIds.length === 0) return new Map();
  const db = engine.reads;
  const strips = new Map<string, StripRun[]>(loopIds.map((id) => [id, []]));
  const rows = await db
    .selectFrom('run')
    .innerJoin('loop', 'loop.key', 'run.loop_key')
    .innerJoin('pod_container', 'pod_container.key', 'run.pod_key')
    .select(['loop.id', 'pod_container.pod_uid', 'run.started_at', 'run.ended_at'])
    .where('run.cluster_key', '=', clusterKeyOf(db, cluster))
    .where('run.ended_at', '>=', since)
    // A board's worth of ids is left to the loop below: the index by time finds the runs of all of them at once.
    .$if(loopIds.length <= ROWS_PER_STATEMENT, (query) => query.where('loop.id', 'in', loopIds.map(clean)))
    .orderBy('run.ended_at')
    .execute();
  for (const row of rows) {
    strips.get(row.id)?.push({
      podUid: row.pod_uid,
      startedAt: row.started_at,
      endedAt: row.ended_at === STILL_RUNNING ? null : row.ended_at,
    });
  }
  return strips;
}

function runRows(db: Db) {
  return db
    .selectFrom('run')
    .innerJoin('loop', 'loop.key', 'run.loop_key')
    .innerJoin('pod_container', 'pod_container.key', 'run.pod_key')
    .select([
      'run.id',
      'loop.id as loop_id',
      'pod_container.pod_uid',
      'pod_container.pod_name',
      'pod_container.namespace',
      'pod_container.container',
      'pod_container.container_type',
      'pod_container.node_name',
      'pod_container.image',
      'run.container_id',
      'run.restart_index',
      'run.started_at',
      'run.finished_at',
      'run.ended_at',
      'run.observed_at',
      'run.exit_code',
      'run.reason',
      'run.message',
      'run.missed_before',
    ]);
}

type RunRow = Awaited<ReturnType<ReturnType<typeof runRows>['execute']>>[number];

function toRun(row: RunRow): Run {
  return {
    id: row.id,
    loopId: row.loop_id,
    podUid: row.pod_uid,
    podName: row.pod_name,
    namespace: row.namespace,
    container: row.container,
    containerType: memberOf(CONTAINER_TYPES, row.container_type, 'container type'),
    containerId: row.container_id,
    restartIndex: row.restart_index,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    exitCode: row.exit_code,
    reason: row.reason,
    message: row.message,
    nodeName: row.node_name,
    image: row.image,
    missedBefore: row.missed_before,
    observedAt: row.observed_at,
  };
}
