import { copyFile, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openStore, openStorePatiently } from './open-store';
import { outageOf } from './outage';
import { ENGINES, onEachEngine } from './test-engines';
import { aDiagnosis, aHeldLog, aLoop, aRun, CLUSTER, LOOP, someEvidence, T0 } from './test-samples';
import { within } from './within';

afterEach(() => vi.restoreAllMocks());

describe.each(ENGINES)('a history on $name that fails', { timeout: 60_000 }, (engine) => {
  const words =
    engine.name === 'SQLite' ? /the disk that holds .*unloop\.db is full/ : /the database cannot be reached/;

  it('names the cause that came first, and works again afterwards', async () => {
    const outage = await outageOf(engine);
    const store = await openStore(outage.options);
    await outage.begin();
    const large = aHeldLog(Array.from({ length: 20_000 }, () => Math.random().toString(36)).join('\n'));
    for (const call of [() => store.saveLog(CLUSTER, 'r', large), () => store.saveLog(CLUSTER, 'r', large)]) {
      await expect(call()).rejects.toMatchObject({
        code: 'store-failed',
        message: expect.stringMatching(words),
        hint: expect.stringMatching(/^(Free space|Start the database)/),
      });
    }
    await outage.end();
    await store.saveLog(CLUSTER, 'r', large);
    expect(await store.log(CLUSTER, 'r')).toMatchObject({ state: 'held' });
    await store.close();
    await outage.drop();
  });

  it('opens later where it cannot open yet, and says why until then', async () => {
    const outage = await outageOf(engine);
    // The disk is full, or the server away, before the first table is made.
    let isAway = true;
    const { onDatabase, ...options } = outage.options;
    if (engine.name === 'PostgreSQL') await outage.begin();
    const told: string[] = [];
    const store = await openStorePatiently(
      {
        ...options,
        onDatabase(database) {
          onDatabase?.(database);
          if (isAway) void outage.begin();
        },
      },
      (error) => told.push(error.message),
    );
    expect(told).toEqual([expect.stringMatching(words)]);
    expect(store.waiting()?.message).toMatch(words);
    await expect(store.ping()).rejects.toMatchObject({ code: 'store-failed' });
    isAway = false;
    await outage.end();
    await store.whenOpen();
    expect(store.waiting()).toBeNull();
    await store.ping();
    await store.close();
    await outage.drop();
  });
});

onEachEngine('numbers', (given) => {
  it('with fractions are kept as whole milliseconds', async () => {
    const at = T0 + 0.4;
    await given.store.record({
      cluster: CLUSTER,
      runs: [aRun(1, { startedAt: at, finishedAt: at + 10.3, observedAt: at + 11.2 })],
      loops: [aLoop({ since: at, lastCrashAt: at, updatedAt: at })],
    });
    expect(await given.store.runsOfLoop(CLUSTER, LOOP, { before: at + 1000.5 })).toEqual([
      aRun(1, { startedAt: T0, finishedAt: T0 + 11, observedAt: T0 + 12 }),
    ]);
    await given.store.saveChange(CLUSTER, LOOP, { kind: 'k', at, text: 't', detail: null });
    await given.store.recordDiagnosis(aDiagnosis({ evidence: someEvidence(at, ['pod']) }));
    expect(await given.store.changesOfLoop(CLUSTER, LOOP)).toMatchObject([{ at: T0 }]);
    await given.store.prune(T0 + 0.5, 1000.7, 1_000_000.5);
  });
});

describe('a damaged file', () => {
  it('is named with what to move away', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'unloop-damaged-'));
    const first = await openStore({ databaseUrl: null, dataDir: dir });
    const runs = Array.from({ length: 500 }, (_, n) => aRun(n));
    await first.record({ cluster: CLUSTER, runs, loops: [aLoop()] });
    await first.close();
    const file = join(dir, 'unloop.db');
    const handle = await open(file, 'r+');
    const { size } = await stat(file);
    for (let at = 8192; at < size; at += 4096) await handle.write(Buffer.alloc(2048, 0xa5), 0, 2048, at);
    await handle.close();
    await copyFile(file, `${file}.copy`);
    const failed = await openStore({ databaseUrl: null, dataDir: dir })
      .then(async (store) => {
        await store.recentRuns(CLUSTER, 0).finally(() => store.close());
        return null;
      })
      .catch((error: unknown) => error);
    expect(failed).toMatchObject({
      code: 'store-failed',
      message: expect.stringContaining('the file is damaged'),
      hint: expect.stringMatching(/move .*unloop\.db, .*-wal and .*-shm away/),
    });
    await rm(dir, { recursive: true });
  });
});

describe.each(ENGINES.filter((engine) => engine.name === 'PostgreSQL'))('$name', { timeout: 60_000 }, (engine) => {
  it('may end a backend, idle or busy, without ending the process', async () => {
    const place = await engine.fresh();
    const url = new URL(place.options.databaseUrl ?? '');
    const schema = url.searchParams.get('options')?.split('=')[1] ?? '';
    const admin = new pg.Client({ connectionString: url.href });
    // By this name its backends are known among those of other tests.
    url.searchParams.set('application_name', schema);
    const store = await openStore({ databaseUrl: url.href, dataDir: null });
    await admin.connect();
    const unheard: unknown[] = [];
    const listen = (error: unknown) => unheard.push(error);
    process.on('uncaughtException', listen);
    try {
      const end = () =>
        admin.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [schema]);
      // The read that meets a broken connection fails, the one after it gets another.
      const answers = () =>
        vi.waitFor(async () => expect(await store.log(CLUSTER, 'r')).toBeNull(), { timeout: 10_000 });
      await admin.query('begin');
      await admin.query(`lock table ${schema}.log in access exclusive mode`);
      const busy = store.log(CLUSTER, 'r');
      await expect(within(300, store, busy)).rejects.toMatchObject({ message: expect.stringContaining('0.3 s') });
      await end();
      await expect(busy).rejects.toMatchObject({ code: 'store-failed' });
      await admin.query('rollback');
      await answers();
      await end();
      await answers();
      expect(unheard).toEqual([]);
    } finally {
      process.off('uncaughtException', listen);
      await admin.end();
      await store.close();
      await place.drop();
    }
  });
});
