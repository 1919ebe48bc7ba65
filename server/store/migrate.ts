import { UnloopError } from '@/lib/domain/unloop-error';
import { type Engine, inTransaction } from './engine';
import type { Migration } from './migration';
import { history } from './migrations/0001-history';
import { clusterTotals } from './migrations/0002-cluster-totals';
import { evidence } from './migrations/0003-evidence';

/** In order, numbered from 1 without gaps. */
const MIGRATIONS: readonly Migration[] = [history, clusterTotals, evidence];

/**
 * Brings the schema up to date in one transaction, alone among all processes. Throws `store-failed` where the history was
 * written by a newer Unloop, or where foreign tables stand in the way.
 */
export async function migrate(engine: Engine, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  await inTransaction(engine, async (trx) => {
    await trx.schema
      .createTable('unloop_migration')
      .ifNotExists()
      .addColumn('number', 'integer', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .execute();
    const applied = await trx.selectFrom('unloop_migration').select(['number', 'name']).orderBy('number').execute();
    for (const { number, name } of applied) {
      if (migrations[number - 1]?.name === name) continue;
      throw new UnloopError(
        'store-failed',
        `The history in ${engine.place} was written by another version of Unloop (step ${number}, ${name}).`,
        'Start that version or a newer one, or give Unloop another data directory or database.',
      );
    }
    for (const step of migrations.slice(applied.length)) {
      await step.up(trx, engine.name);
      await trx
        .insertInto('unloop_migration')
        .values({ number: step.number, name: step.name, at: Date.now() })
        .execute();
    }
  });
}
