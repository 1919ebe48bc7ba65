import { sql } from 'kysely';
import type { Engine } from './engine';
import { clusterKeyOf } from './keys';
import { categoryOf, causeOf } from './loops';
import { clean, type Db, memberOf } from './schema';
import type { EndedLoop, HistoryQuery } from './store';

/** Gives ended episodes, see `Store.history`. */
export async function history(engine: Engine, cluster: string, query: HistoryQuery): Promise<readonly EndedLoop[]> {
  const { namespaces, limit, before } = query;
  if (namespaces?.length === 0 || query.states?.length === 0) return [];
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
  const { cause, states, namespaces } = query;
  let matching = db
    .selectFrom('episode')
    .innerJoin('loop', 'loop.key', 'episode.loop_key')
    .select(['loop.id', 'loop.namespace', 'loop.came_back', 'episode.state', 'episode.cause', 'episode.category'])
    .select(['episode.since', 'episode.first_crash_at', 'episode.last_crash_at', 'episode.crashes'])
    .select(['episode.ended_at', 'episode.ended_by', 'episode.came_back_at', 'episode.body'])
    .where('episode.cluster_key', '=', clusterKeyOf(db, cluster));
  if (namespaces) matching = matching.where('loop.namespace', 'in', namespaces);
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
    const pattern = `%${clean(word).replace(/[\\%_]/g, '\\$&')}%`;
    matching = matching.where(
      sql<boolean>`(lower(loop.id) like ${pattern} escape '\\' or episode.cause like ${pattern} escape '\\')`,
    );
  }
  return matching;
}
