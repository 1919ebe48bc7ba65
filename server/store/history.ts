import { sql } from 'kysely';
import type { EpochMs } from '@/lib/domain/time';
import type { Engine } from './engine';
import { clusterKeyOf } from './keys';
import { categoryOf, causeOf } from './loops';
import { clean, type Db, memberOf, STILL_RUNNING } from './schema';
import type { EndedCount, EndedLoop, HistoryQuery } from './store';

/**
 * Runs that are looked at for the earliest moment: the first list tells of ends long past, which were seen with the others of it.
 */
const OLDEST_RUNS = 100;

/** Ended episodes, see `Store.history`. */
export async function history(engine: Engine, cluster: string, query: HistoryQuery): Promise<readonly EndedLoop[]> {
  const { limit, before } = query;
  if (query.states?.length === 0) return [];
  const matching = matchingEpisodes(engine.reads, cluster, query);
  const rows = await matching
    .$if(before !== undefined, (q) => q.where('episode.ended_at', '<', before ?? 0))
    .orderBy('episode.ended_at', 'desc')
    .limit(limit)
    .execute();
  const last = rows.at(-1);
  if (last && rows.length === limit) {
    const known = new Set(rows.filter((row) => row.ended_at === last.ended_at).map((row) => row.id));
    const tied = await matching.where('episode.ended_at', '=', last.ended_at).execute();
    rows.push(...tied.filter((row) => !known.has(row.id)));
  }
  return rows.map(
    (row): EndedLoop => ({
      loopId: row.id,
      namespace: row.namespace,
      state: memberOf(['recovered', 'gone'], row.state, 'state of an ended loop'),
      cause: causeOf(row.cause),
      category: categoryOf(row.category),
      since: row.since,
      firstCrashAt: row.first_crash_at,
      lastCrashAt: row.last_crash_at,
      crashes: row.crashes,
      endedAt: row.ended_at,
      endedBy: row.ended_by,
      cameBackAt: row.came_back_at,
      cameBack: row.came_back,
      row: row.body,
    }),
  );
}

function matchingEpisodes(db: Db, cluster: string, query: HistoryQuery) {
  const words = (query.text ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const { cause, states, namespaces, idPrefix, from } = query;
  let matching = db
    .selectFrom('episode')
    .innerJoin('loop', 'loop.key', 'episode.loop_key')
    .select(['loop.id', 'loop.namespace', 'loop.came_back', 'episode.state', 'episode.cause', 'episode.category'])
    .select(['episode.since', 'episode.first_crash_at', 'episode.last_crash_at', 'episode.crashes'])
    .select(['episode.ended_at', 'episode.ended_by', 'episode.came_back_at', 'episode.body'])
    .where('episode.cluster_key', '=', clusterKeyOf(db, cluster))
    .where(inNamespaces(namespaces));
  if (idPrefix !== undefined) {
    matching = matching.where(sql<boolean>`loop.id like ${`${escapeLike(idPrefix)}%`} escape '\\'`);
  }
  if (from !== undefined) matching = matching.where('episode.ended_at', '>=', from);
  if (cause) matching = matching.where('episode.cause', '=', cause);
  if (states) {
    matching = matching.where((eb) =>
      eb.or(
        states.map((state) =>
          state === 'came-back' ? eb('episode.came_back_at', 'is not', null) : eb('episode.state', '=', state),
        ),
      ),
    );
  }
  for (const word of words) {
    const pattern = `%${escapeLike(word)}%`;
    const [inId, inCause, inRow] = [sql`lower(loop.id)`, sql`episode.cause`, sql`lower(episode.body)`].map(
      (column) => sql<boolean>`${column} like ${pattern} escape '\\'`,
    );
    matching = matching.where(sql<boolean>`(${inId} or ${inCause} or ${inRow})`);
  }
  return matching;
}

/** Holds for loops of these namespaces; null: of all. */
function inNamespaces(namespaces: readonly string[] | null) {
  if (namespaces === null) return sql<boolean>`true`;
  return namespaces.length === 0 ? sql<boolean>`false` : sql<boolean>`loop.namespace in (${sql.join(namespaces)})`;
}

function escapeLike(text: string): string {
  return clean(text).replace(/[\\%_]/g, '\\$&');
}

/** Counts ended episodes, see `Store.countEnded`. */
export async function countEnded(
  engine: Engine,
  cluster: string,
  query: { readonly namespaces: readonly string[] | null; readonly from: EpochMs; readonly spanMs: number },
): Promise<readonly EndedCount[]> {
  const { namespaces, from, spanMs } = query;
  const span = sql<number>`episode.ended_at - episode.ended_at % ${sql.lit(spanMs)}`;
  const outcome = sql<string>`case when episode.came_back_at is null then episode.state else 'came-back' end`;
  const rows = await engine.reads
    .selectFrom('episode')
    .innerJoin('loop', 'loop.key', 'episode.loop_key')
    .select([span.as('at'), 'loop.namespace', 'episode.category', outcome.as('outcome')])
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('episode.cluster_key', '=', clusterKeyOf(engine.reads, cluster))
    .where('episode.ended_at', '>=', from)
    .where(inNamespaces(namespaces))
    .groupBy(['at', 'loop.namespace', 'episode.category', 'outcome'])
    .orderBy('at')
    .execute();
  return rows.map((row) => ({
    at: row.at,
    namespace: row.namespace,
    category: categoryOf(row.category),
    outcome: memberOf(['recovered', 'gone', 'came-back'], row.outcome, 'outcome'),
    count: row.count,
  }));
}

/** The earliest moment that something was recorded, see `Store.heldSince`. */
export async function heldSince(engine: Engine, cluster: string): Promise<EpochMs | null> {
  const key = clusterKeyOf(engine.reads, cluster);
  const oldest = engine.reads
    .selectFrom('run')
    .select(['observed_at', 'ended_at'])
    .where('cluster_key', '=', key)
    .where('ended_at', '<', STILL_RUNNING)
    .orderBy('ended_at')
    .limit(OLDEST_RUNS);
  const [runs, episode] = await Promise.all([
    oldest.execute(),
    engine.reads
      .selectFrom('episode')
      .select((eb) => eb.fn.min<number | null>('ended_at').as('at'))
      .where('cluster_key', '=', key)
      .executeTakeFirst(),
  ]);
  const seen = [...runs.map((run) => run.observed_at ?? run.ended_at), episode?.at].filter(
    (at) => at !== null && at !== undefined,
  );
  return seen.length > 0 ? Math.min(...seen) : null;
}
