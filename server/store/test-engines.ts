import { sql } from 'kysely';
import { afterEach, beforeEach, describe } from 'vitest';
import type { Engine } from './engine';
import { findEngines, type TestEngine } from './fresh-place';
import { openStore, type StoreOptions } from './open-store';
import { openPostgres } from './postgres-engine';
import { openSqliteFile } from './sqlite-engine';
import type { Store } from './store';

/** What the tests of the store run on. */
export const ENGINES = await findEngines();

/** What a test of one engine works with. */
export interface Given {
  readonly store: Store;
  readonly options: StoreOptions;
  /** Closes the store and opens it again, as after a restart. */
  reopen(): Promise<Store>;
  /** Everything that the database holds, as text. */
  contents(): Promise<string>;
}

/** Runs the tests on every engine, each test with an empty store of its own. */
export function onEachEngine(title: string, tests: (given: Given) => void): void {
  describe.each(ENGINES)(`${title} on $name`, { timeout: 60_000 }, (engine) => {
    let open: { store: Store; place: Awaited<ReturnType<TestEngine['fresh']>> } | null = null;
    const current = () => {
      if (!open) throw new Error('used outside of a test');
      return open;
    };
    beforeEach(async () => {
      const place = await engine.fresh();
      open = { store: await openStore(place.options), place };
    });
    afterEach(async () => {
      const { store, place } = current();
      open = null;
      await store.close();
      await place.drop();
    });
    tests({
      get store() {
        return current().store;
      },
      get options() {
        return current().place.options;
      },
      contents: () => current().place.contents(),
      async reopen() {
        await current().store.close();
        current().store = await openStore(current().place.options);
        return current().store;
      },
    });
  });
}

/** Opens what lies under a store, for a test that writes what earlier versions wrote. */
export function openEngine({ databaseUrl, dataDir }: StoreOptions): Engine {
  if (databaseUrl !== null) return openPostgres(databaseUrl);
  const engine = openSqliteFile(dataDir ?? '');
  if ('unwritable' in engine) throw new Error(engine.unwritable);
  return engine;
}

/** Runs a statement on what lies under a store, as damage or an earlier version would have left it. */
export async function alterStore(options: StoreOptions, statement: string): Promise<void> {
  const engine = openEngine(options);
  await sql.raw(statement).execute(engine.db);
  await engine.close();
}
