import { expect, it } from 'vitest';
import { onEachEngine } from './test-engines';
import { aDiagnosis, aLoop, anEvent, aRun, CLUSTER, HOUR, LOOP, MINUTE, OTHER_LOOP, T0 } from './test-samples';

const EVERYTHING = { namespaces: null, limit: 50 };

onEachEngine('loops', (given) => {
  const record = (...loops: ReturnType<typeof aLoop>[]) => given.store.record({ cluster: CLUSTER, runs: [], loops });

  it('gives the newest state of each loop back after a restart', async () => {
    await record(
      aLoop(),
      aLoop({ id: OTHER_LOOP, namespace: 'billing', state: 'never-started', cause: null, category: null }),
    );
    await record(aLoop({ state: 'holding', crashes: 7, updatedAt: T0 + HOUR, row: '{"n":"\\u0000"}' }));
    const store = await given.reopen();
    expect(await store.loops(CLUSTER)).toEqual([
      aLoop({ state: 'holding', crashes: 7, updatedAt: T0 + HOUR, row: '{"n":"\\u0000"}' }),
      aLoop({ id: OTHER_LOOP, namespace: 'billing', state: 'never-started', cause: null, category: null }),
    ]);
    expect(await store.loops('prod')).toEqual([]);
  });

  it('does not list a loop of which only runs are known', async () => {
    await given.store.record({ cluster: CLUSTER, runs: [aRun(1)], loops: [] });
    expect(await given.store.loops(CLUSTER)).toEqual([]);
  });

  it('keeps the moment at which a loop was first said to have ended', async () => {
    await record(aLoop({ state: 'recovered', endedAt: T0 + HOUR }));
    await record(aLoop({ state: 'gone', endedAt: T0 + 2 * HOUR }));
    expect((await given.store.loops(CLUSTER))[0]).toMatchObject({ state: 'gone', endedAt: T0 + HOUR });
    await record(aLoop({ state: 'came-back', endedAt: null }));
    expect((await given.store.loops(CLUSTER))[0]?.endedAt).toBeNull();
  });
});

onEachEngine('history', (given) => {
  const record = (runs: ReturnType<typeof aRun>[], ...loops: ReturnType<typeof aLoop>[]) =>
    given.store.record({ cluster: CLUSTER, runs, loops });

  it('tells an ended loop: its crashes, what ended it, and how it looked', async () => {
    await record([aRun(1), aRun(2), aRun(4)], aLoop());
    expect(await given.store.history(CLUSTER, EVERYTHING)).toEqual([]);
    await record(
      [],
      aLoop({ state: 'recovered', endedAt: T0 + 14 * MINUTE, endedBy: 'image set to api:1.4.2', row: '{}' }),
    );
    expect(await given.store.history(CLUSTER, EVERYTHING)).toEqual([
      {
        loopId: LOOP,
        namespace: 'shop',
        state: 'recovered',
        cause: 'app-exception',
        category: 'application',
        since: T0,
        firstCrashAt: T0 + MINUTE,
        lastCrashAt: T0 + 4 * MINUTE,
        crashes: 3,
        endedAt: T0 + 14 * MINUTE,
        endedBy: 'image set to api:1.4.2',
        cameBackAt: null,
        cameBack: 0,
        row: '{}',
      },
    ]);
  });

  it('tells one end once, with what was learnt of it later', async () => {
    await record([aRun(1)], aLoop({ state: 'recovered', endedAt: T0 + HOUR, cause: null, category: null }));
    await record([], aLoop({ state: 'recovered', endedAt: T0 + 2 * HOUR, endedBy: 'rollout undone' }));
    await record([aRun(200, { exitCode: 143 })], aLoop({ state: 'gone', endedAt: T0 + 3 * HOUR }));
    const ended = await given.store.history(CLUSTER, EVERYTHING);
    expect(ended).toHaveLength(1);
    expect(ended[0]).toMatchObject({
      state: 'recovered',
      endedAt: T0 + HOUR,
      endedBy: 'rollout undone',
      cause: 'app-exception',
      cameBackAt: null,
    });
  });

  it('tells a loop that came back as two ends of the same loop', async () => {
    await record([aRun(1), aRun(2)], aLoop({ state: 'recovered', endedAt: T0 + HOUR }));
    await record([aRun(120)], aLoop({ state: 'came-back' }));
    await record([aRun(121)], aLoop({ state: 'looping' }));
    await record([aRun(122)], aLoop({ state: 'gone', endedAt: T0 + 4 * HOUR }));
    expect(await given.store.history(CLUSTER, EVERYTHING)).toMatchObject([
      { state: 'gone', endedAt: T0 + 4 * HOUR, crashes: 3, firstCrashAt: T0 + 2 * HOUR, cameBackAt: null, cameBack: 1 },
      {
        state: 'recovered',
        endedAt: T0 + HOUR,
        crashes: 2,
        firstCrashAt: T0 + MINUTE,
        cameBackAt: T0 + 2 * HOUR,
        cameBack: 1,
      },
    ]);
  });

  it('tells a loop that never started, without crashes', async () => {
    await record([], aLoop({ state: 'never-started', crashes: 0 }));
    await record([], aLoop({ state: 'gone', crashes: 0, endedAt: T0 + HOUR }));
    expect(await given.store.history(CLUSTER, EVERYTHING)).toMatchObject([
      { crashes: 0, firstCrashAt: null, lastCrashAt: null },
    ]);
  });

  it('filters by namespace, words, cause and state', async () => {
    await record([], aLoop({ state: 'recovered', endedAt: T0 + HOUR, cause: 'oom-killed', category: 'resource' }));
    await record([], aLoop({ state: 'came-back' }));
    await record([], aLoop({ id: OTHER_LOOP, namespace: 'billing', state: 'gone', endedAt: T0 + 2 * HOUR }));
    const found = async (query: Partial<Parameters<typeof given.store.history>[1]>) =>
      (await given.store.history(CLUSTER, { ...EVERYTHING, ...query })).map((ended) => ended.loopId);
    expect(await found({})).toEqual([OTHER_LOOP, LOOP]);
    expect(await found({ namespaces: ['shop'] })).toEqual([LOOP]);
    expect(await found({ namespaces: [] })).toEqual([]);
    expect(await found({ text: 'API shop' })).toEqual([LOOP]);
    expect(await found({ text: 'oom' })).toEqual([LOOP]);
    expect(await found({ text: 'api billing' })).toEqual([]);
    expect(await found({ text: '%' })).toEqual([]);
    expect(await found({ text: "_'\\" })).toEqual([]);
    expect(await found({ cause: 'app-exception' })).toEqual([OTHER_LOOP]);
    expect(await found({ states: ['gone'] })).toEqual([OTHER_LOOP]);
    expect(await found({ states: ['gone', 'came-back'] })).toEqual([OTHER_LOOP, LOOP]);
    expect(await found({ states: [] })).toEqual([]);
    expect(await found({ text: '"LOOPING"' })).toEqual([OTHER_LOOP, LOOP]);
    expect(await found({ idPrefix: 'deployments/shop/api/' })).toEqual([LOOP]);
    expect(await found({ idPrefix: 'deployments/shop/ap_/' })).toEqual([]);
    expect(await found({ from: T0 + 2 * HOUR })).toEqual([OTHER_LOOP]);
  });

  it('counts ends by span, namespace, category and outcome, and says since when something is held', async () => {
    expect(await given.store.heldSince(CLUSTER)).toBeNull();
    await record([aRun(1)], aLoop({ state: 'recovered', endedAt: T0 + HOUR }));
    await record([aRun(120)], aLoop({ state: 'came-back' }));
    const other = { id: OTHER_LOOP, namespace: 'billing', cause: null, category: null } as const;
    await record([], aLoop({ ...other, state: 'gone', endedAt: T0 + 2 * HOUR }));
    const count = (namespaces: string[] | null, from = T0) =>
      given.store.countEnded(CLUSTER, { namespaces, from, spanMs: HOUR });
    const inShop = { at: T0 + HOUR, namespace: 'shop', category: 'application', outcome: 'came-back', count: 1 };
    const inBilling = { at: T0 + 2 * HOUR, namespace: 'billing', category: null, outcome: 'gone', count: 1 };
    expect(await count(null)).toEqual([inShop, inBilling]);
    expect(await count(['shop'])).toEqual([inShop]);
    expect(await count(null, T0 + 2 * HOUR)).toEqual([inBilling]);
    expect(await count([])).toEqual([]);
    expect(await given.store.heldSince(CLUSTER)).toBe(T0 + MINUTE + 300);
    expect(await given.store.heldSince('prod')).toBeNull();
  });

  it('pages without leaving out loops that ended at the same instant', async () => {
    const ids = ['a', 'b', 'c', 'd'].map((name) => `deployments/shop/${name}/main`);
    const at = [T0 + 3, T0 + 2, T0 + 2, T0 + 1];
    await record([], ...ids.map((id, n) => aLoop({ id, state: 'gone', endedAt: at[n] ?? 0 })));
    const first = await given.store.history(CLUSTER, { namespaces: null, limit: 2 });
    expect(first.map((ended) => ended.loopId).sort()).toEqual(ids.slice(0, 3));
    const second = await given.store.history(CLUSTER, {
      namespaces: null,
      limit: 2,
      before: first.at(-1)?.endedAt ?? 0,
    });
    expect(second.map((ended) => ended.loopId)).toEqual(ids.slice(3));
  });
});

onEachEngine('what belongs to a loop', (given) => {
  it('keeps events with their larger count, newest first', async () => {
    await given.store.recordDiagnosis(
      aDiagnosis({
        loopId: LOOP,
        events: [anEvent({ count: 5 }), anEvent({ uid: 'e-2', last: T0 + HOUR, message: 'NUL \0' })],
      }),
    );
    await given.store.recordDiagnosis(
      aDiagnosis({
        loopId: LOOP,
        events: [anEvent({ count: 4, message: 'older' }), anEvent({ uid: 'e-3', first: null, last: null })],
      }),
    );
    await given.store.recordDiagnosis(aDiagnosis({ loopId: LOOP, events: [] }));
    const store = await given.reopen();
    expect(await store.eventsOfLoop(CLUSTER, LOOP)).toEqual([
      anEvent({ uid: 'e-2', last: T0 + HOUR, message: 'NUL \0' }),
      anEvent({ count: 5 }),
      anEvent({ uid: 'e-3', first: null, last: null }),
    ]);
    expect(await store.eventsOfLoop(CLUSTER, LOOP, 1)).toHaveLength(1);
  });

  it('writes events of several loops together with their runs, by the same rules', async () => {
    await given.store.record({
      cluster: CLUSTER,
      runs: [aRun(1)],
      loops: [],
      events: new Map([
        [LOOP, [anEvent({ count: 5 })]],
        [OTHER_LOOP, [anEvent({ uid: 'e-2' })]],
      ]),
    });
    const events = new Map([[LOOP, [anEvent({ count: 4, message: 'older' })]]]);
    await given.store.record({ cluster: CLUSTER, runs: [], loops: [], events });
    expect(await given.store.eventsOfLoop(CLUSTER, LOOP)).toEqual([anEvent({ count: 5 })]);
    expect(await given.store.eventsOfLoop(CLUSTER, OTHER_LOOP)).toEqual([anEvent({ uid: 'e-2' })]);
    expect(await given.store.runsOfLoop(CLUSTER, LOOP)).toHaveLength(1);
  });

  it('lets an event of a whole pod belong to the loops of all its containers', async () => {
    await given.store.recordDiagnosis(aDiagnosis({ loopId: LOOP, events: [anEvent()] }));
    await given.store.recordDiagnosis(aDiagnosis({ loopId: OTHER_LOOP, events: [anEvent()] }));
    expect(await given.store.eventsOfLoop(CLUSTER, LOOP)).toHaveLength(1);
    expect(await given.store.eventsOfLoop(CLUSTER, OTHER_LOOP)).toHaveLength(1);
  });

  it('keeps a change once, however often it is told', async () => {
    const image = { kind: 'image', at: T0, text: 'image set to api:1.4.1', detail: '{"from":"api:1.4.0"}' };
    const config = { kind: 'configmap', at: T0, text: `api-settings changed: ${'key '.repeat(2_000)}`, detail: null };
    for (const change of [image, config, image]) await given.store.saveChange(CLUSTER, LOOP, change);
    await given.store.saveChange(CLUSTER, LOOP, { ...image, at: T0 + HOUR });
    const changes = await given.store.changesOfLoop(CLUSTER, LOOP);
    expect(changes[0]).toEqual({ ...image, at: T0 + HOUR });
    expect(changes.slice(1)).toEqual(expect.arrayContaining([image, config]));
    expect(changes).toHaveLength(3);
  });
});
