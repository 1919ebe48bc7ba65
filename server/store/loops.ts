import { CATEGORIES, CAUSE_IDS, type Category, type CauseId } from '@/lib/domain/causes';
import { LOOP_STATES } from '@/lib/domain/loop';
import type { Engine } from './engine';
import { clusterKeyOf } from './keys';
import { memberOf } from './schema';
import type { StoredLoop } from './store';

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

/** A stored cause, or null for one that this version does not know. */
export function causeOf(text: string | null): CauseId | null {
  return CAUSE_IDS.find((id) => id === text) ?? null;
}

/** A stored category, or null for one that this version does not know. */
export function categoryOf(text: string | null): Category | null {
  return CATEGORIES.find((category) => category === text) ?? null;
}
