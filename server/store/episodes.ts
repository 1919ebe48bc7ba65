import { needed } from './keys';
import { clean, STILL_RUNNING, type Trx } from './schema';
import type { StoredLoop } from './store';

const hasEnded = (loop: { readonly state: string | null; readonly ended_at: number | null }) =>
  loop.ended_at !== null && (loop.state === 'recovered' || loop.state === 'gone');

/** Upserts the loops' newest states; begins, ends and reopens their episodes. `keys` holds every loop's key by id. */
export async function recordLoops(
  trx: Trx,
  keys: ReadonlyMap<string, number>,
  loops: readonly StoredLoop[],
): Promise<void> {
  for (const loop of loops) {
    const key = needed(keys, clean(loop.id));
    const before = await trx
      .selectFrom('loop')
      .select(['state', 'ended_at', 'came_back'])
      .where('key', '=', key)
      .executeTakeFirstOrThrow();
    const returned = await followEpisode(trx, key, before, loop);
    await trx
      .updateTable('loop')
      .set({
        namespace: clean(loop.namespace),
        state: loop.state,
        cause: loop.cause,
        category: loop.category,
        since: loop.since,
        last_crash_at: loop.lastCrashAt,
        ended_at: loop.endedAt,
        updated_at: loop.updatedAt,
        crashes: loop.crashes,
        came_back: before.came_back + (returned ? 1 : 0),
        body: clean(loop.row),
      })
      .where('key', '=', key)
      .execute();
  }
}

/** Gives whether the loop came back with this state. */
async function followEpisode(
  trx: Trx,
  key: number,
  before: { readonly state: string | null; readonly ended_at: number | null },
  loop: StoredLoop,
): Promise<boolean> {
  const ends = hasEnded({ state: loop.state, ended_at: loop.endedAt });
  const last = await trx
    .selectFrom('episode')
    .select(['ended_at', 'came_back_at'])
    .where('loop_key', '=', key)
    .orderBy('ended_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  const wasEnded = last !== undefined && hasEnded(before);
  if (!ends && !wasEnded) return false;

  if (wasEnded && ends) {
    // Told again, or its pods went after it had recovered: the same end, of which more may be known by now.
    await trx
      .updateTable('episode')
      .set({
        cause: loop.cause,
        category: loop.category,
        body: clean(loop.row),
        ...(loop.endedBy ? { ended_by: clean(loop.endedBy) } : {}),
      })
      .where('loop_key', '=', key)
      .where('ended_at', '=', last.ended_at)
      .execute();
    return false;
  }
  const crashes = await crashesAfter(trx, key, last?.ended_at ?? -1);
  if (wasEnded) {
    await trx
      .updateTable('episode')
      .set({ came_back_at: crashes.first ?? loop.updatedAt })
      .where('loop_key', '=', key)
      .where('ended_at', '=', last.ended_at)
      .execute();
    return true;
  }
  if (loop.endedAt !== null) {
    await trx
      .insertInto('episode')
      .values({
        loop_key: key,
        ended_at: loop.endedAt,
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
  return false;
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
