import { CATEGORIES, CAUSE_IDS, type Category, type CauseId } from '@/lib/domain/causes';
import { LOOP_STATES } from '@/lib/domain/loop';
import type { EpochMs } from '@/lib/domain/time';
import type { Engine } from './engine';
import { clusterKeyOf } from './keys';
import { memberOf } from './schema';
import type { HourCount, StoredLoop } from './store';

export async function loopsOf(engine: Engine, cluster: string): Promise<readonly StoredLoop[]> {
  const rows = await engine.reads
    .selectFrom('loop')
    .select(['id', 'namespace', 'state', 'cause', 'category', 'since', 'last_crash_at', 'ended_at'])
    .select(['updated_at', 'crashes', 'body'])
    .where('cluster_key', '=', clusterKeyOf(engine.reads, cluster))
    .where('state', 'is not', null)
    .orderBy('key')
    .execute();
  return rows.map((row) => ({
    cluster,
    id: row.id,
    namespace: row.namespace,
    state: memberOf(LOOP_STATES, row.state ?? '', 'loop state'),
    cause: causeOf(row.cause),
    category: categoryOf(row.category),
    since: row.since ?? 0,
    lastCrashAt: row.last_crash_at,
    endedAt: row.ended_at,
    updatedAt: row.updated_at ?? 0,
    crashes: row.crashes,
    row: row.body ?? '{}',
  }));
}

export async function crashesPerHour(
  engine: Engine,
  cluster: string,
  from: EpochMs,
  namespaces: readonly string[] | null,
): Promise<readonly HourCount[]> {
  if (namespaces?.length === 0) return [];
  const rows = await engine.reads
    .selectFrom('hour')
    .innerJoin('loop', 'loop.key', 'hour.loop_key')
    .select((eb) => ['hour.hour', 'loop.category', eb.fn.sum<number>('hour.crashes').as('crashes')])
    .where('loop.cluster_key', '=', clusterKeyOf(engine.reads, cluster))
    .where('hour.hour', '>=', from)
    .$if(namespaces !== null, (query) => query.where('loop.namespace', 'in', namespaces ?? []))
    .groupBy(['hour.hour', 'loop.category'])
    .orderBy('hour.hour')
    .execute();
  const counts = new Map<string, { at: EpochMs; category: Category; crashes: number }>();
  for (const row of rows) {
    // A loop without a verdict, and one whose cause is unknown, are the same to a reader.
    const category = categoryOf(row.category) ?? 'unknown';
    const known = counts.get(`${row.hour}.${category}`);
    if (known) known.crashes += row.crashes;
    else counts.set(`${row.hour}.${category}`, { at: row.hour, category, crashes: row.crashes });
  }
  return [...counts.values()];
}

/** Gives a stored cause, or null for one that this version does not know. */
export function causeOf(text: string | null): CauseId | null {
  return CAUSE_IDS.find((id) => id === text) ?? null;
}

/** Gives a stored category, or null for one that this version does not know. */
export function categoryOf(text: string | null): Category | null {
  return CATEGORIES.find((category) => category === text) ?? null;
}
