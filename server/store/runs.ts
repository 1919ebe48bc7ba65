import type { Selectable } from 'kysely';
import type { Run } from '@/lib/domain/loop';
import type { ContainerType } from '@/lib/domain/pod-snapshot';
import type { EpochMs } from '@/lib/domain/time';
import type { Engine } from './engine';
import { clusterKeyOf, loopKeyOf } from './keys';
import { clean, type Db, inTurns, memberOf, ROWS_PER_STATEMENT, STILL_RUNNING, type Tables } from './schema';
import type { StripRun } from './store';

const KEYS_PER_STATEMENT = 500;
const CONTAINER_TYPES: readonly ContainerType[] = ['init', 'sidecar', 'app'];

export async function readRun(engine: Engine, cluster: string, runId: string): Promise<Run | null> {
  const row = await runRows(engine.db)
    .where('run.cluster_key', '=', clusterKeyOf(engine.db, cluster))
    .where('run.id', '=', clean(runId))
    .executeTakeFirst();
  return row ? ((await toRuns(engine.db, [row]))[0] ?? null) : null;
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
  return toRuns(engine.db, rows);
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
  return toRuns(db, rows.reverse());
}

export async function recentRuns(engine: Engine, cluster: string, since: EpochMs): Promise<readonly Run[]> {
  const rows = await runRows(engine.reads)
    .where('run.cluster_key', '=', clusterKeyOf(engine.reads, cluster))
    .where('run.ended_at', '>=', since)
    .orderBy('run.ended_at', 'desc')
    .execute();
  return toRuns(engine.reads, rows);
}

export async function stripSince(
  engine: Engine,
  cluster: string,
  loopIds: readonly string[],
  since: EpochMs,
): Promise<ReadonlyMap<string, readonly StripRun[]>> {
  if (loopIds.length === 0) return new Map();
  const db = engine.reads;
  const strips = new Map(loopIds.map((id): [string, StripRun[]] => [id, []]));
  // A board's worth of loops is picked out below: the index by time finds the runs of all of them at once.
  const asked = new Map(loopIds.map((id) => [clean(id), id]));
  const few = loopIds.length <= ROWS_PER_STATEMENT ? loopIds.map(clean) : null;
  const rows = await db
    .selectFrom('run')
    .select(['loop_key', 'pod_key', 'started_at', 'ended_at'])
    .where('cluster_key', '=', clusterKeyOf(db, cluster))
    .where('ended_at', '>=', since)
    .$if(few !== null, (query) =>
      query.where('loop_key', 'in', (eb) =>
        eb
          .selectFrom('loop')
          .select('key')
          .where('cluster_key', '=', clusterKeyOf(db, cluster))
          .where('id', 'in', few ?? []),
      ),
    )
    .orderBy('ended_at')
    .execute();
  const loops = await loopIdsOf(db, rows);
  const podUids = await podUidsOf(db, rows);
  for (const row of rows) {
    const podUid = podUids.get(row.pod_key);
    if (podUid === undefined) continue;
    strips.get(asked.get(loops.get(row.loop_key) ?? '') ?? '')?.push({
      podUid,
      startedAt: row.started_at,
      endedAt: row.ended_at === STILL_RUNNING ? null : row.ended_at,
    });
  }
  return strips;
}

function runRows(db: Db) {
  return db
    .selectFrom('run')
    .select(['run.id', 'run.loop_key', 'run.pod_key', 'run.container_id', 'run.restart_index', 'run.started_at'])
    .select(['run.finished_at', 'run.ended_at', 'run.observed_at', 'run.exit_code', 'run.reason', 'run.message'])
    .select('run.missed_before');
}

type RunRow = Awaited<ReturnType<ReturnType<typeof runRows>['execute']>>[number];

/** Completes rows by what is kept once for many: looked up by key, because a join without statistics reads all pods there are. */
async function toRuns(db: Db, rows: readonly RunRow[]): Promise<readonly Run[]> {
  const loops = await loopIdsOf(db, rows);
  const pods = await podsOf(db, rows);
  return rows.flatMap((row): Run[] => {
    const pod = pods.get(row.pod_key);
    const loopId = loops.get(row.loop_key);
    // Pruned since the rows were read.
    if (!pod || loopId === undefined) return [];
    const run: Run = {
      id: row.id,
      loopId,
      podUid: pod.pod_uid,
      podName: pod.pod_name,
      namespace: pod.namespace,
      container: pod.container,
      containerType: memberOf(CONTAINER_TYPES, pod.container_type, 'container type'),
      containerId: row.container_id,
      restartIndex: row.restart_index,
      startedAt: row.started_at,
      finishedAt: row.finished_at,
      exitCode: row.exit_code,
      reason: row.reason,
      message: row.message,
      nodeName: pod.node_name,
      image: pod.image,
      missedBefore: row.missed_before,
      observedAt: row.observed_at,
    };
    return [run];
  });
}

async function loopIdsOf(db: Db, rows: readonly { readonly loop_key: number }[]): Promise<ReadonlyMap<number, string>> {
  const ids = new Map<number, string>();
  for await (const keys of inTurns([...new Set(rows.map((row) => row.loop_key))], KEYS_PER_STATEMENT)) {
    const found = await db.selectFrom('loop').select(['key', 'id']).where('key', 'in', keys).execute();
    for (const { key, id } of found) ids.set(key, id);
  }
  return ids;
}

async function podsOf(db: Db, rows: readonly { readonly pod_key: number }[]) {
  const pods = new Map<number, Selectable<Tables['pod_container']>>();
  for await (const keys of inTurns([...new Set(rows.map((row) => row.pod_key))], KEYS_PER_STATEMENT)) {
    const found = await db.selectFrom('pod_container').selectAll().where('key', 'in', keys).execute();
    for (const pod of found) pods.set(pod.key, pod);
  }
  return pods;
}

async function podUidsOf(db: Db, rows: readonly { readonly pod_key: number }[]): Promise<ReadonlyMap<number, string>> {
  const uids = new Map<number, string>();
  for await (const keys of inTurns([...new Set(rows.map((row) => row.pod_key))], KEYS_PER_STATEMENT)) {
    const found = await db.selectFrom('pod_container').select(['key', 'pod_uid']).where('key', 'in', keys).execute();
    for (const { key, pod_uid } of found) uids.set(key, pod_uid);
  }
  return uids;
}
