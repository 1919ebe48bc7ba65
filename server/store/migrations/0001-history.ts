import { type CreateTableBuilder, sql } from 'kysely';
import type { Migration } from '@/server/store/migration';

/** Runs, logs, loops and their episodes, hourly totals, events, diagnoses, changes. */
export const history: Migration = {
  number: 1,
  name: 'history',
  async up(trx, engine) {
    const bytes = engine === 'postgres' ? sql`bytea` : sql`blob`;
    const key = <T extends string>(table: CreateTableBuilder<T, never>) =>
      table.addColumn('key', 'integer', (c) =>
        engine === 'postgres' ? c.generatedByDefaultAsIdentity().primaryKey() : c.primaryKey().autoIncrement(),
      );
    const ofLoop = <T extends string>(table: CreateTableBuilder<T, never>) =>
      table.addColumn('loop_key', 'integer', (c) => c.notNull().references('loop.key').onDelete('cascade'));
    const schema = trx.schema;

    await key(schema.createTable('cluster'))
      .addColumn('name', 'text', (c) => c.notNull().unique())
      .execute();

    await key(schema.createTable('loop'))
      .addColumn('cluster_key', 'integer', (c) => c.notNull().references('cluster.key'))
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('namespace', 'text', (c) => c.notNull())
      .addColumn('state', 'text')
      .addColumn('cause', 'text')
      .addColumn('category', 'text')
      .addColumn('since', 'bigint')
      .addColumn('last_crash_at', 'bigint')
      .addColumn('ended_at', 'bigint')
      .addColumn('updated_at', 'bigint')
      .addColumn('crashes', 'integer', (c) => c.notNull().defaultTo(0))
      .addColumn('came_back', 'integer', (c) => c.notNull().defaultTo(0))
      .addColumn('body', 'text')
      .addUniqueConstraint('loop_id', ['cluster_key', 'id'])
      .execute();

    await ofLoop(key(schema.createTable('pod_container')))
      .addColumn('digest', 'text', (c) => c.notNull())
      .addColumn('pod_uid', 'text', (c) => c.notNull())
      .addColumn('pod_name', 'text', (c) => c.notNull())
      .addColumn('namespace', 'text', (c) => c.notNull())
      .addColumn('container', 'text', (c) => c.notNull())
      .addColumn('container_type', 'text', (c) => c.notNull())
      .addColumn('node_name', 'text', (c) => c.notNull())
      .addColumn('image', 'text', (c) => c.notNull())
      .addUniqueConstraint('pod_container_digest', ['loop_key', 'digest'])
      .execute();

    await schema
      .createTable('run')
      .addColumn('cluster_key', 'integer', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('loop_key', 'integer', (c) => c.notNull().references('loop.key').onDelete('cascade'))
      .addColumn('pod_key', 'integer', (c) => c.notNull())
      .addColumn('container_id', 'text', (c) => c.notNull())
      .addColumn('restart_index', 'integer', (c) => c.notNull())
      .addColumn('started_at', 'bigint')
      .addColumn('finished_at', 'bigint')
      .addColumn('ended_at', 'bigint', (c) => c.notNull())
      .addColumn('observed_at', 'bigint')
      .addColumn('exit_code', 'integer')
      .addColumn('reason', 'text', (c) => c.notNull())
      .addColumn('message', 'text', (c) => c.notNull())
      .addColumn('missed_before', 'integer', (c) => c.notNull())
      .addColumn('log_dropped', 'integer', (c) => c.notNull().defaultTo(0))
      .addPrimaryKeyConstraint('run_id', ['cluster_key', 'id'])
      .execute();
    await schema.createIndex('run_of_loop').on('run').columns(['loop_key', 'ended_at']).execute();
    await schema.createIndex('run_of_cluster').on('run').columns(['cluster_key', 'ended_at']).execute();

    await schema
      .createTable('log')
      .addColumn('cluster_key', 'integer', (c) => c.notNull())
      .addColumn('run_id', 'text', (c) => c.notNull())
      .addColumn('loop_key', 'integer', (c) => c.references('loop.key').onDelete('cascade'))
      .addColumn('at', 'bigint')
      .addColumn('saved_at', 'bigint', (c) => c.notNull())
      .addColumn('held', 'integer', (c) => c.notNull())
      .addColumn('reason', 'text', (c) => c.notNull())
      .addColumn('lines', 'integer')
      .addColumn('fetched_at', 'bigint')
      .addColumn('deflated', 'integer', (c) => c.notNull())
      .addColumn('body', bytes)
      .addPrimaryKeyConstraint('log_of_run', ['cluster_key', 'run_id'])
      .execute();
    await schema.createIndex('log_of_loop').on('log').columns(['loop_key', 'at']).execute();

    await ofLoop(schema.createTable('hour'))
      .addColumn('hour', 'bigint', (c) => c.notNull())
      .addColumn('crashes', 'integer', (c) => c.notNull())
      .addPrimaryKeyConstraint('hour_of_loop', ['hour', 'loop_key'])
      .$call((table) => (engine === 'postgres' ? table : table.modifyEnd(sql`without rowid`)))
      .execute();
    await schema.createIndex('hour_by_loop').on('hour').column('loop_key').execute();

    await ofLoop(schema.createTable('event'))
      .addColumn('uid', 'text', (c) => c.notNull())
      .addColumn('last_at', 'bigint', (c) => c.notNull())
      .addColumn('count', 'integer', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('event_of_loop', ['loop_key', 'uid'])
      .execute();
    await schema.createIndex('event_by_time').on('event').columns(['loop_key', 'last_at']).execute();

    await ofLoop(schema.createTable('diagnosis'))
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('ruleset_version', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('diagnosis_of_loop', ['loop_key', 'at'])
      .execute();

    await ofLoop(schema.createTable('change'))
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('digest', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('text', 'text', (c) => c.notNull())
      .addColumn('detail', 'text')
      .addPrimaryKeyConstraint('change_of_loop', ['loop_key', 'at', 'digest'])
      .execute();

    await ofLoop(schema.createTable('episode'))
      .addColumn('ended_at', 'bigint', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('cause', 'text')
      .addColumn('category', 'text')
      .addColumn('since', 'bigint', (c) => c.notNull())
      .addColumn('first_crash_at', 'bigint')
      .addColumn('last_crash_at', 'bigint')
      .addColumn('crashes', 'integer', (c) => c.notNull())
      .addColumn('ended_by', 'text')
      .addColumn('came_back_at', 'bigint')
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('episode_of_loop', ['loop_key', 'ended_at'])
      .execute();
    await schema.createIndex('episode_by_end').on('episode').column('ended_at').execute();

    await schema
      .createTable('heartbeat')
      .addColumn('key', 'integer', (c) => c.primaryKey())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .execute();
  },
};
