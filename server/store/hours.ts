import { sql } from 'kysely';
import { CATEGORIES, type Category } from '@/lib/domain/causes';
import type { EpochMs } from '@/lib/domain/time';
import type { Engine } from './engine';
import { clusterKeyOf } from './keys';
import { inTurns, memberOf, STILL_RUNNING, type Trx } from './schema';
import type { HourCount } from './store';

const HOUR_MS = 3_600_000;

/** The start of the hour that an instant lies in. */
export function hourOf(at: EpochMs): EpochMs {
  return at - (at % HOUR_MS);
}

/** Ends of runs to be counted, or with a negative number to be taken away. */
export interface HourShare {
  readonly hour: EpochMs;
  readonly namespace: string;
  /** null, without a verdict, counts as `unknown`. */
  readonly category: string | null;
  readonly crashes: number;
}

/** Adds to the hourly totals of a cluster. */
export async function addToHours(trx: Trx, cluster: number, shares: readonly HourShare[]): Promise<void> {
  const totals = new Map<string, { hour: number; namespace: string; category: string; crashes: number }>();
  for (const { hour, namespace, category, crashes } of shares) {
    const name = category ?? 'unknown';
    const id = `${hour} ${namespace} ${name}`;
    const known = totals.get(id);
    if (known) known.crashes += crashes;
    else totals.set(id, { hour, namespace, category: name, crashes });
  }
  for await (const slice of inTurns([...totals.values()])) {
    await trx
      .insertInto('hour_total')
      .values(slice.map((total) => ({ cluster_key: cluster, ...total })))
      .onConflict((conflict) =>
        conflict
          .columns(['cluster_key', 'hour', 'namespace', 'category'])
          .doUpdateSet({ crashes: sql<number>`hour_total.crashes + excluded.crashes` }),
      )
      .execute();
  }
}

/** The recorded ends of a loop by hour, for moving them to the category of a cause that was found later. */
export async function hoursOfLoop(trx: Trx, loop: number): Promise<readonly { hour: EpochMs; crashes: number }[]> {
  const hour = sql<number>`ended_at - ended_at % ${sql.lit(HOUR_MS)}`;
  return await trx
    .selectFrom('run')
    .select((eb) => [hour.as('hour'), eb.fn.countAll<number>().as('crashes')])
    .where('loop_key', '=', loop)
    .where('ended_at', '<', STILL_RUNNING)
    .groupBy('hour')
    .execute();
}

export async function crashesPerHour(engine: Engine, cluster: string, from: EpochMs): Promise<readonly HourCount[]> {
  const rows = await engine.reads
    .selectFrom('hour_total')
    .select((eb) => ['hour', 'namespace', 'category', eb.fn.sum<number>('crashes').as('crashes')])
    .where('cluster_key', '=', clusterKeyOf(engine.reads, cluster))
    .where('hour', '>=', from)
    .groupBy(['hour', 'namespace', 'category'])
    .having((eb) => eb.fn.sum<number>('crashes'), '>', 0)
    .orderBy('hour')
    .orderBy('category')
    .orderBy('namespace')
    .execute();
  return rows.map(({ hour, namespace, category, crashes }) => ({
    at: hour,
    namespace,
    category: toCategory(category),
    crashes,
  }));
}

function toCategory(text: string): Category {
  return memberOf(CATEGORIES, text, 'category');
}
