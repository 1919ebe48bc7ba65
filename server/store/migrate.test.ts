import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { migrate } from './migrate';
import { history } from './migrations/0001-history';
import { openStore } from './open-store';
import { openMemory } from './sqlite-engine';
import { ENGINES, openEngine } from './test-engines';
import { aLoop, CLUSTER, HOUR, LOOP, T0 } from './test-samples';

describe.each(ENGINES)('migrations on $name', { timeout: 60_000 }, (fresh) => {
  it('take along what an earlier version has counted and ended', async () => {
    const place = await fresh.fresh();
    const engine = openEngine(place.options);
    await migrate(engine, [history]);
    await sql`insert into cluster (key, name) values (1, ${CLUSTER})`.execute(engine.db);
    await sql`insert into loop (key, cluster_key, id, namespace, category) values (5, 1, ${LOOP}, 'shop', 'resource')`.execute(
      engine.db,
    );
    await sql`insert into loop (key, cluster_key, id, namespace) values (6, 1, 'pods/shop/x/y', 'shop')`.execute(
      engine.db,
    );
    for (const [loop, hour, crashes] of [
      [5, T0, 3],
      [6, T0, 2],
      [5, T0 + HOUR, 1],
    ]) {
      await sql`insert into hour (loop_key, hour, crashes) values (${loop}, ${hour}, ${crashes})`.execute(engine.db);
    }
    await sql`
      insert into episode (loop_key, ended_at, state, since, crashes, body)
      values (5, ${T0 + HOUR}, 'gone', ${T0}, 4, '{}')`.execute(engine.db);
    await engine.close();

    const store = await openStore(place.options);
    expect(await store.crashesPerHour(CLUSTER, 0)).toEqual([
      { at: T0, namespace: 'shop', category: 'resource', crashes: 3 },
      { at: T0, namespace: 'shop', category: 'unknown', crashes: 2 },
      { at: T0 + HOUR, namespace: 'shop', category: 'resource', crashes: 1 },
    ]);
    expect(await store.history(CLUSTER, { namespaces: null, limit: 9 })).toMatchObject([{ loopId: LOOP, crashes: 4 }]);
    await store.record({ cluster: CLUSTER, runs: [], loops: [aLoop()] });
    await store.close();
    await place.drop();
  });

  it('leave nothing behind of a step that fails', async () => {
    const place = await fresh.fresh();
    const engine = openEngine(place.options);
    const broken = {
      number: 2,
      name: 'broken',
      up: (trx: Parameters<typeof history.up>[0]) => sql`insert into nowhere values (1)`.execute(trx).then(() => {}),
    };
    await expect(migrate(engine, [history, broken])).rejects.toThrow('nowhere');
    await migrate(engine, [history]);
    await engine.close();
    await place.drop();
  });
});

it('refuses a history whose steps have other names', async () => {
  const engine = openMemory('');
  await migrate(engine, [history]);
  await expect(migrate(engine, [{ ...history, name: 'another' }])).rejects.toMatchObject({ code: 'store-failed' });
  await engine.close();
});
