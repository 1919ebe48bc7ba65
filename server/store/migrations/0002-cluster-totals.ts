import { sql } from 'kysely';
import type { Migration } from '@/server/store/migration';

/**
 * Hourly totals per namespace and category instead of per loop, and ended episodes by their cluster: what the views over a whole
 * cluster read no longer grows with the number of loops.
 */
export const clusterTotals: Migration = {
  number: 2,
  name: 'cluster-totals',
  async up(trx, engine) {
    await trx.schema
      .createTable('hour_total')
      .addColumn('cluster_key', 'integer', (c) => c.notNull())
      .addColumn('hour', 'bigint', (c) => c.notNull())
      .addColumn('namespace', 'text', (c) => c.notNull())
      .addColumn('category', 'text', (c) => c.notNull())
      .addColumn('crashes', 'integer', (c) => c.notNull())
      .addPrimaryKeyConstraint('hour_total_of_cluster', ['cluster_key', 'hour', 'namespace', 'category'])
      .$call((table) => (engine === 'postgres' ? table : table.modifyEnd(sql`without rowid`)))
      .execute();
    await sql`
      insert into hour_total (cluster_key, hour, namespace, category, crashes)
      select loop.cluster_key, hour.hour, loop.namespace, coalesce(loop.category, 'unknown'), sum(hour.crashes)
      from hour inner join loop on loop.key = hour.loop_key
      group by 1, 2, 3, 4`.execute(trx);
    await trx.schema.dropTable('hour').execute();

    await trx.schema.alterTable('episode').addColumn('cluster_key', 'integer').execute();
    await sql`
      update episode
      set cluster_key = (select loop.cluster_key from loop where loop.key = episode.loop_key)`.execute(trx);
    await trx.schema.dropIndex('episode_by_end').execute();
    await trx.schema.createIndex('episode_of_cluster').on('episode').columns(['cluster_key', 'ended_at']).execute();
  },
};
