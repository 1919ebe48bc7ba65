import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe } from 'vitest';
import { openStore, type StoreOptions } from './open-store';
import type { Store } from './store';

const DEFAULT_DATABASE_URL = 'postgres://postgres@127.0.0.1:5432/test';

/** An engine that the tests of the store run on. `fresh` gives an empty place and how to remove it. */
export interface TestEngine {
  readonly name: 'SQLite' | 'PostgreSQL';
  fresh(): Promise<{ readonly options: StoreOptions; drop(): Promise<void> }>;
}

/** SQLite, and PostgreSQL at `UNLOOP_TEST_DATABASE_URL` or, if that is unset, on this machine where one answers. */
export const ENGINES: readonly TestEngine[] = [
  { name: 'SQLite', fresh: freshDirectory },
  ...((await postgresAnswers()) ? [{ name: 'PostgreSQL', fresh: freshSchema } as const] : []),
];

/** What a test of one engine works with. */
export interface Given {
  readonly store: Store;
  readonly options: StoreOptions;
  /** Closes the store and opens it again, as after a restart. */
  reopen(): Promise<Store>;
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
      async reopen() {
        await current().store.close();
        current().store = await openStore(current().place.options);
        return current().store;
      },
    });
  });
}

async function freshDirectory() {
  const dataDir = await mkdtemp(join(tmpdir(), 'unloop-store-'));
  return {
    options: { databaseUrl: null, dataDir },
    drop: () => rm(dataDir, { recursive: true, force: true }),
  };
}

async function freshSchema() {
  const schema = `unloop_${randomUUID().replaceAll('-', '')}`;
  await inDatabase(`create schema ${schema}`);
  const url = new URL(databaseUrl());
  url.searchParams.set('options', `-c search_path=${schema}`);
  return {
    options: { databaseUrl: url.href, dataDir: null },
    drop: () => inDatabase(`drop schema ${schema} cascade`),
  };
}

function databaseUrl(): string {
  return process.env.UNLOOP_TEST_DATABASE_URL ?? DEFAULT_DATABASE_URL;
}

async function inDatabase(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl(), connectionTimeoutMillis: 3000 });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A named database must answer; the default one may be absent, which is said in one line. */
async function postgresAnswers(): Promise<boolean> {
  try {
    await inDatabase('select 1');
    return true;
  } catch (error) {
    if (process.env.UNLOOP_TEST_DATABASE_URL) throw error;
    process.stderr.write(
      'No PostgreSQL answers on 127.0.0.1:5432: its tests are skipped (UNLOOP_TEST_DATABASE_URL).\n',
    );
    return false;
  }
}
