import { sql } from 'kysely';
import { needed } from './keys';
import { clean, inTurns, STILL_RUNNING, type Trx } from './schema';
import type { StoredLoop } from './store';
import { count32 } from './whole-numbers';

/** What is known of a loop before a batch is written. */
export interface LoopBefore {
  readonly namespace: string;
  readonly state: string | null;
  readonly ended_at: number | null;
  readonly category: string | null;
}

/** What is known of loops, by key. */
export async function loopsBefore(trx: Trx, keys: readonly number[]): Promise<ReadonlyMap<number, LoopBefore>> {
  const before = new Map<number, LoopBefore>();
  for await (const slice of inTurns(keys)) {
    const rows = await trx
      .selectFrom('loop')
      .select(['key', 'namespace', 'state', 'ended_at', 'category'])
      .where('key', 'in', slice)
      .execute();
    for (const row of rows) before.set(row.key, row);
  }
  return before;
}

const hasEnded = ({ state, ended_at }: Pick<LoopBefore, 'state' | 'ended_at'>) =>
  ended_at !== null && (state === 'recovered' || state === 'gone');

/**
 * Upserts the loops' newest states, the last one of each loop; ends and reopens their episodes. `keys` holds every loop's key
 * by id; the batch's runs are written already.
 */
export async function recordLoops(
  trx: Trx,
  cluster: number,
  keys: ReadonlyMap<string, number>,
  before: ReadonlyMap<number, LoopBefore>,
  loops: readonly StoredLoop[],
): Promise<void> {
  const newest = new Map(loops.map((loop) => [needed(keys, clean(loop.id)), loop]));
  for await (const slice of inTurns([...newest])) {
    for (const [key, loop] of slice) await followEpisode(trx, key, needed(before, key), cluster, loop);
    await trx
      .insertInto('loop')
      .values(
        slice.map(([, loop]) => ({
          cluster_key: cluster,
          id: clean(loop.id),
          namespace: clean(loop.namespace),
          state: loop.state,
          cause: loop.cause,
          category: loop.category,
          since: loop.since,
          last_crash_at: loop.lastCrashAt,
          ended_at: loop.endedAt,
          updated_at: loop.updatedAt,
          crashes: count32(loop.crashes),
          body: clean(loop.row),
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['cluster_key', 'id']).doUpdateSet((eb) => ({
          namespace: eb.ref('excluded.namespace'),
          state: eb.ref('excluded.state'),
          cause: eb.ref('excluded.cause'),
          category: eb.ref('excluded.category'),
          since: eb.ref('excluded.since'),
          last_crash_at: eb.ref('excluded.last_crash_at'),
          // While it stays ended, its end is the moment at which that was first said.
          ended_at: sql<
            number | null
          >`case when excluded.ended_at is null then null else coalesce(loop.ended_at, excluded.ended_at) end`,
          updated_at: eb.ref('excluded.updated_at'),
          crashes: eb.ref('excluded.crashes'),
          body: eb.ref('excluded.body'),
        })),
      )
      .execute();
  }
}

async function followEpisode(
  trx: Trx,
  key: number,
  before: LoopBefore,
  cluster: number,
  loop: StoredLoop,
): Promise<void> {
  const ends = hasEnded({ state: loop.state, ended_at: loop.endedAt });
  if (!ends && !hasEnded(before)) return;
  const last = await trx
    .selectFrom('episode')
    .select('ended_at')
    .where('loop_key', '=', key)
    .orderBy('ended_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!ends) {
    if (last) await reopen(trx, key, last.ended_at, loop);
  } else if (last && hasEnded(before)) {
    await retell(trx, key, last.ended_at, loop);
  } else {
    await end(trx, key, last?.ended_at ?? -1, cluster, loop);
  }
}

/** The loop has come back. */
async function reopen(trx: Trx, key: number, endedAt: number, loop: StoredLoop): Promise<void> {
  const crashes = await crashesAfter(trx, key, endedAt);
  await trx
    .updateTable('episode')
    .set({ came_back_at: crashes.first ?? loop.updatedAt })
    .where('loop_key', '=', key)
    .where('ended_at', '=', endedAt)
    .execute();
  await trx
    .updateTable('loop')
    .set((eb) => ({ came_back: eb('came_back', '+', 1) }))
    .where('key', '=', key)
    .execute();
}

/** Told again, or its pods went after it had recovered: the same end, of which more may be known by now. */
async function retell(trx: Trx, key: number, endedAt: number, loop: StoredLoop): Promise<void> {
  await trx
    .updateTable('episode')
    .set({
      cause: loop.cause,
      category: loop.category,
      body: clean(loop.row),
      ...(loop.endedBy ? { ended_by: clean(loop.endedBy) } : {}),
    })
    .where('loop_key', '=', key)
    .where('ended_at', '=', endedAt)
    .execute();
}

async function end(trx: Trx, key: number, previousEnd: number, cluster: number, loop: StoredLoop): Promise<void> {
  const crashes = await crashesAfter(trx, key, previousEnd);
  await trx
    .insertInto('episode')
    .values({
      loop_key: key,
      cluster_key: cluster,
      ended_at: loop.endedAt ?? loop.updatedAt,
      state: loop.state,
      cause: loop.cause,
      category: loop.category,
      since: loop.since,
      first_crash_at: crashes.first,
      last_crash_at: crashes.last,
      crashes: crashes.count,
      ended_by: loop.endedBy ? clean(loop.endedBy) : null,
      came_back_at: null,
      body: clean(loop.row),
    })
    .onConflict((conflict) => conflict.columns(['loop_key', 'ended_at']).doNothing())
    .execute();
}

async function crashesAfter(trx: Trx, key: number, after: number) {
  return await trx
    .selectFrom('run')
    .select((eb) => [
      eb.fn.countAll<number>().as('count'),
      eb.fn.min<number | null>('ended_at').as('first'),
      eb.fn.max<number | null>('ended_at').as('last'),
    ])
    .where('loop_key', '=', key)
    .where('ended_at', '>', after)
    .where('ended_at', '<', STILL_RUNNING)
    .executeTakeFirstOrThrow();
}
