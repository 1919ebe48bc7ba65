import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { migrate } from './migrate';
import { history } from './migrations/0001-history';
import { clusterTotals } from './migrations/0002-cluster-totals';
import { openStore } from './open-store';
import { ENGINES, onEachEngine, openEngine } from './test-engines';
import {
  aDiagnosis,
  aHeldLog,
  aLoop,
  anEvent,
  aRun,
  CLUSTER,
  DAY,
  HOUR,
  LOOP,
  MINUTE,
  OTHER_LOOP,
  someEvidence,
  T0,
} from './test-samples';

onEachEngine('evidence', (given) => {
  const keep = (at: number, parts: readonly string[], loopId = LOOP) =>
    given.store.recordDiagnosis(aDiagnosis({ loopId, evidence: someEvidence(at, parts) }));
  const held = async (...names: string[]) => [...(await given.store.parts(names)).keys()].sort();

  it('is kept whole, with the events and changes that were found with it', async () => {
    const parts = ['a', 'b', 'c'];
    const texts = ['small', 'NUL \0 and é', 'long '.repeat(10_000)];
    const contents = new Map(parts.map((name, n) => [name, texts[n] ?? '']));
    const change = { kind: 'config', at: T0, text: 'ConfigMap c changed', detail: null };
    const evidence = { ...someEvidence(T0, parts), contents };
    await given.store.recordDiagnosis(aDiagnosis({ evidence, events: [anEvent()], changes: [change] }));
    const store = await given.reopen();
    expect(await store.evidence(CLUSTER, LOOP)).toEqual({ at: T0, manifest: evidence.manifest });
    expect(await store.parts(parts)).toEqual(evidence.contents);
    expect(await store.eventsOfLoop(CLUSTER, LOOP)).toEqual([anEvent()]);
    expect(await store.changesOfLoop(CLUSTER, LOOP)).toEqual([change]);
  });

  it('is the newest of each episode', async () => {
    await keep(T0, ['a']);
    await keep(T0 + MINUTE, ['b']);
    await given.store.record({
      cluster: CLUSTER,
      runs: [],
      loops: [aLoop({ state: 'recovered', endedAt: T0 + HOUR })],
    });
    await keep(T0 + DAY, ['c']);
    await keep(T0 + 2 * DAY, ['d']);
    const at = async (asOf?: number) => (await given.store.evidence(CLUSTER, LOOP, asOf))?.at;
    expect(await at()).toBe(T0 + 2 * DAY);
    expect(await at(T0 + HOUR)).toBe(T0 + MINUTE);
    expect(await at(T0 + DAY)).toBe(T0 + MINUTE);
    expect(await at(T0 - 1)).toBeUndefined();
    expect(await given.store.evidence(CLUSTER, OTHER_LOOP)).toBeNull();
    expect(await held('a', 'b', 'c', 'd')).toEqual(['b', 'd']);
  });

  it('shares a part that several records name, until the last of them is gone', async () => {
    await keep(T0, ['node', 'one']);
    await keep(T0, ['node', 'two'], OTHER_LOOP);
    await keep(T0 + MINUTE, ['three']);
    expect(await held('node', 'one', 'two', 'three')).toEqual(['node', 'three', 'two']);
    await keep(T0 + MINUTE, ['four'], OTHER_LOOP);
    expect(await held('node', 'two', 'three', 'four')).toEqual(['four', 'three']);
  });

  it('leaves the last look at a failure when the container runs well again', async () => {
    await keep(T0, ['a']);
    await given.store.recordDiagnosis(aDiagnosis({ events: [anEvent()] }));
    expect(await given.store.evidence(CLUSTER, LOOP)).toMatchObject({ at: T0 });
    expect(await given.store.eventsOfLoop(CLUSTER, LOOP)).toHaveLength(1);
  });

  it('holds the logs that it refers to, however many come after', async () => {
    const runs = Array.from({ length: 70 }, (_, n) => aRun(n));
    const id = (n: number) => runs[n]?.id ?? '';
    await given.store.record({ cluster: CLUSTER, runs: runs.slice(0, 6), loops: [aLoop()] });
    for (let n = 0; n < 6; n++) await given.store.saveLog(CLUSTER, id(n), aHeldLog(`log ${n}`));
    const logRuns = { previous: id(4), first: id(2) };
    await given.store.recordDiagnosis(aDiagnosis({ evidence: someEvidence(T0, [], logRuns) }));
    await given.store.record({ cluster: CLUSTER, runs: runs.slice(6), loops: [] });
    for (let n = 6; n < 70; n++) await given.store.saveLog(CLUSTER, id(n), aHeldLog(`log ${n}`));
    const states = await given.store.logStates(CLUSTER, [0, 1, 2, 3, 4].map(id));
    expect([0, 1, 2, 3, 4].map((n) => states.get(id(n))?.state)).toEqual([
      'held',
      'missing',
      'held',
      'missing',
      'held',
    ]);
  });
});

describe.each(ENGINES)('a history of before evidence was kept, on $name', { timeout: 60_000 }, (fresh) => {
  it('keeps what was shown, until the same loop is looked at again', async () => {
    const place = await fresh.fresh();
    const engine = openEngine(place.options);
    await migrate(engine, [history, clusterTotals]);
    await sql`insert into cluster (key, name) values (1, ${CLUSTER})`.execute(engine.db);
    await sql`insert into loop (key, cluster_key, id, namespace) values (5, 1, ${LOOP}, 'shop')`.execute(engine.db);
    for (const at of [T0, T0 + DAY])
      await sql`insert into diagnosis (loop_key, at, ruleset_version, body) values (5, ${at}, '2', '{"n":1}')`.execute(
        engine.db,
      );
    await sql`insert into episode (loop_key, cluster_key, ended_at, state, since, crashes, body)
      values (5, 1, ${T0 + HOUR}, 'recovered', ${T0}, 4, '{}')`.execute(engine.db);
    await engine.close();

    const store = await openStore(place.options);
    expect(await store.presentation(CLUSTER, LOOP)).toEqual({ at: T0 + DAY, ruleset: '2', body: '{"n":1}' });
    await store.recordDiagnosis(aDiagnosis({ evidence: someEvidence(T0 + 2 * DAY, ['a']) }));
    expect(await store.presentation(CLUSTER, LOOP)).toMatchObject({ at: T0 });
    expect(await store.evidence(CLUSTER, LOOP)).toMatchObject({ at: T0 + 2 * DAY });
    await store.close();
    await place.drop();
  });
});
