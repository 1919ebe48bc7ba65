import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from './open-store';
import { ENGINES, onEachEngine } from './test-engines';
import { aLoop, aRun, CLUSTER, LOOP, T0 } from './test-samples';

describe('opening the embedded history', () => {
  let dir = '';
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'unloop-open-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('makes the directory, and a file that only its owner can read', async () => {
    const dataDir = join(dir, 'var', 'unloop');
    const store = await openStore({ databaseUrl: null, dataDir });
    expect(store).toMatchObject({ engine: 'sqlite', place: join(dataDir, 'unloop.db') });
    await store.ping();
    expect((await stat(join(dataDir, 'unloop.db'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'unloop.db-wal'))).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it('works in memory without a directory', async () => {
    const store = await openStore({ databaseUrl: null, dataDir: null });
    expect(store).toMatchObject({ engine: 'memory', place: 'memory' });
    await store.record({ cluster: CLUSTER, runs: [aRun(1)], loops: [aLoop()] });
    expect(await store.recentRuns(CLUSTER, T0)).toEqual([aRun(1)]);
    expect(await store.crashesPerHour(CLUSTER, T0)).toHaveLength(1);
    await store.prune(T0, 1, 1);
    await store.close();
  });

  it('works in memory where the directory cannot be written, and says why', async () => {
    await writeFile(join(dir, 'file'), '');
    const store = await openStore({ databaseUrl: null, dataDir: join(dir, 'file', 'data') });
    expect(store.engine).toBe('memory');
    expect(store.place).toMatch(/^memory \(.*file\/data cannot be written: ENOTDIR/);
    await store.ping();
    await store.close();
  });

  it('works in memory where the system makes no directory', async () => {
    const store = await openStore({ databaseUrl: null, dataDir: '/proc/unloop/data' });
    expect(store.place).toMatch(/^memory \(\/proc\/unloop\/data cannot be written: ENOENT/);
    await store.close();
  });

  it('refuses a file that is no history, and leaves it as it is', async () => {
    const words = 'not a database, '.repeat(400);
    await writeFile(join(dir, 'unloop.db'), words);
    await expect(openStore({ databaseUrl: null, dataDir: dir })).rejects.toMatchObject({
      code: 'store-failed',
      hint: expect.stringMatching(/move .*unloop\.db, .*-wal and .*-shm away/),
    });
    expect(await readFile(join(dir, 'unloop.db'), 'utf8')).toBe(words);
  });

  it('refuses a history written by a newer version', async () => {
    await (await openStore({ databaseUrl: null, dataDir: dir })).close();
    const raw = new DatabaseSync(join(dir, 'unloop.db'));
    raw.exec("insert into unloop_migration values (999, 'from-the-future', 0)");
    raw.close();
    await expect(openStore({ databaseUrl: null, dataDir: dir })).rejects.toMatchObject({
      code: 'store-failed',
      message: expect.stringContaining('from-the-future'),
    });
  });
});

describe('opening PostgreSQL', () => {
  it('says which server does not answer, without the password', async () => {
    const opening = openStore({ databaseUrl: 'postgres://unloop:hunter2@127.0.0.1:1/history', dataDir: null });
    const error: unknown = await opening.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'store-failed', message: expect.stringContaining('127.0.0.1:1/history') });
    expect(String(error)).not.toContain('hunter2');
  });

  it.each(['mysql://u:hunter2@db/x', 'hunter2'])('refuses the URL %j without repeating it', async (databaseUrl) => {
    const error: unknown = await openStore({ databaseUrl, dataDir: null }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'misconfigured' });
    expect(String(error)).not.toContain('hunter2');
  });
});

describe.each(ENGINES.filter((engine) => engine.name === 'PostgreSQL'))(
  'several replicas on $name',
  { timeout: 60_000 },
  (engine) => {
    it('bring an empty history up to date once and record each end once, all at the same time', async () => {
      const place = await engine.fresh();
      const stores = await Promise.all([1, 2, 3, 4].map(() => openStore(place.options)));
      const batch = { cluster: CLUSTER, runs: [aRun(1), aRun(2)], loops: [aLoop()] };
      const told = await Promise.all(stores.map((store) => store.record(batch)));
      expect(told.flat().sort()).toEqual([aRun(1).id, aRun(2).id]);
      for (const store of stores) expect(await store.runsOfLoop(CLUSTER, LOOP)).toHaveLength(2);
      for (const store of stores) await store.close();
      await place.drop();
    });
  },
);

onEachEngine('a closed store', (given) => {
  it('answers with an error, and closes as often as one likes', async () => {
    await given.store.ping();
    await given.store.close();
    await given.store.close();
    await expect(given.store.ping()).rejects.toMatchObject({ code: 'store-failed' });
  });
});
