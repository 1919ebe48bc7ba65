import { type CreateTableBuilder, sql } from 'kysely';
import type { Migration } from '@/server/store/migration';

/**
 * Records of evidence: each names its parts, and parts are kept once by their content. Diagnoses that were written before stay as they
 * are in `diagnosis`: of those only what was shown is left.
 */
export const evidence: Migration = {
  number: 3,
  name: 'evidence',
  async up(trx, engine) {
    const bytes = engine === 'postgres' ? sql`bytea` : sql`blob`;
    const key = <T extends string>(table: CreateTableBuilder<T, never>) =>
      engine === 'postgres'
        ? table.addColumn('key', 'bigint', (c) => c.generatedByDefaultAsIdentity().primaryKey())
        : table.addColumn('key', 'integer', (c) => c.primaryKey().autoIncrement());

    await key(trx.schema.createTable('part'))
      .addColumn('name', 'text', (c) => c.notNull().unique())
      .addColumn('packing', 'integer', (c) => c.notNull())
      .addColumn('body', bytes, (c) => c.notNull())
      .execute();

    await key(trx.schema.createTable('evidence'))
      .addColumn('loop_key', 'integer', (c) => c.notNull().references('loop.key').onDelete('cascade'))
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('previous_run', 'text')
      .addColumn('first_run', 'text')
      .addColumn('packing', 'integer', (c) => c.notNull())
      .addColumn('body', bytes, (c) => c.notNull())
      .addUniqueConstraint('evidence_of_loop', ['loop_key', 'at'])
      .execute();

    await trx.schema
      .createTable('evidence_part')
      .addColumn('evidence_key', 'bigint', (c) => c.notNull().references('evidence.key').onDelete('cascade'))
      .addColumn('part_key', 'bigint', (c) => c.notNull().references('part.key'))
      .addPrimaryKeyConstraint('part_of_evidence', ['evidence_key', 'part_key'])
      .$call((table) => (engine === 'postgres' ? table : table.modifyEnd(sql`without rowid`)))
      .execute();
    await trx.schema.createIndex('evidence_of_part').on('evidence_part').column('part_key').execute();
  },
};
