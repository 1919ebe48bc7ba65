import { z } from 'zod';
import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import type { EpochMs } from '@/lib/domain/time';
import { UnloopError } from '@/lib/domain/unloop-error';
import type { Engine } from './engine';
import { loopKeyOf } from './keys';
import { clean, inSlices, type Trx } from './schema';
import { count32, whole } from './whole-numbers';

const InstantSchema = z.number().nullable();
const EventSchema = z.object({
  uid: z.string(),
  namespace: z.string(),
  name: z.string(),
  type: z.string(),
  reason: z.string(),
  message: z.string(),
  involved: z.object({ kind: z.string(), namespace: z.string(), name: z.string(), uid: z.string() }),
  container: z.string(),
  first: InstantSchema,
  last: InstantSchema,
  count: z.number(),
  source: z.string(),
  host: z.string(),
  aggregated: z.boolean(),
}) satisfies z.ZodType<EventSnapshot>;

/** An event whose numbers JSON can hold. */
function finite(event: EventSnapshot): EventSnapshot {
  return { ...event, first: whole(event.first), last: whole(event.last), count: count32(event.count) };
}

/** Inserts or updates a loop's events inside a transaction; of one event the larger count stays. */
export async function writeEvents(trx: Trx, loop: number, events: readonly EventSnapshot[]): Promise<void> {
  const byUid = new Map<string, EventSnapshot>();
  for (const event of events) {
    const known = byUid.get(event.uid);
    if (!known || known.count <= event.count) byUid.set(event.uid, event);
  }
  for (const slice of inSlices([...byUid.values()])) {
    await trx
      .insertInto('event')
      .values(
        slice.map((event) => ({
          loop_key: loop,
          uid: clean(event.uid),
          last_at: event.last ?? event.first ?? 0,
          count: count32(event.count),
          body: JSON.stringify(EventSchema.parse(finite(event))),
        })),
      )
      .onConflict((conflict) =>
        conflict
          .columns(['loop_key', 'uid'])
          .doUpdateSet((eb) => ({
            last_at: eb.ref('excluded.last_at'),
            count: eb.ref('excluded.count'),
            body: eb.ref('excluded.body'),
          }))
          .whereRef('excluded.count', '>=', 'event.count'),
      )
      .execute();
  }
}

export async function eventsOfLoop(
  engine: Engine,
  cluster: string,
  loopId: string,
  limit = 500,
  until?: EpochMs,
): Promise<readonly EventSnapshot[]> {
  const rows = await engine.db
    .selectFrom('event')
    .select('body')
    .where('loop_key', '=', loopKeyOf(engine.db, cluster, loopId))
    .$if(until !== undefined, (query) => query.where('last_at', '<=', until ?? 0))
    .orderBy('last_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ body }) => toEvent(body));
}

function toEvent(body: string): EventSnapshot {
  try {
    return EventSchema.parse(JSON.parse(body));
  } catch (cause) {
    throw new UnloopError('store-failed', 'A stored event cannot be read: its row is damaged.', '', { cause });
  }
}
