import { expect, it } from 'vitest';
import { onEachEngine } from './test-engines';
import {
  aDiagnosis,
  aHeldLog,
  aLoop,
  anEvent,
  aRun,
  aRunningRun,
  CLUSTER,
  DAY,
  HOUR,
  LOOP,
  MINUTE,
  OTHER_LOOP,
  someEvidence,
  T0,
} from './test-samples';

const NO_LIMIT = Number.MAX_SAFE_INTEGER;

onEachEngine('pruning by age', (given) => {
  const KEEP = 7 * DAY;
  const prune = (now: number) => given.store.prune(now, KEEP, NO_LIMIT);

  it('lets go of old runs with their logs and totals, and keeps the young ones', async () => {
    const old = Array.from({ length: 600 }, (_, n) => aRun(n, { podUid: `p${n}` }));
    const young = aRun(20 * 24 * 60);
    await given.store.record({ cluster: CLUSTER, runs: [...old, young], loops: [aLoop({ updatedAt: T0 + 20 * DAY })] });
    await given.store.saveLog(CLUSTER, old[0]?.id ?? '', aHeldLog('old'));
    await given.store.saveLog(CLUSTER, young.id, aHeldLog('young'));
    expect(await prune(T0 + 21 * DAY)).toBe(600);
    expect(await given.store.runsOfLoop(CLUSTER, LOOP)).toEqual([young]);
    expect(await given.store.log(CLUSTER, old[0]?.id ?? '')).toBeNull();
    expect(await given.store.log(CLUSTER, young.id)).toEqual(aHeldLog('young'));
    expect(await given.store.crashesPerHour(CLUSTER, 0)).toEqual([
      { at: T0 + 20 * DAY, namespace: 'shop', category: 'application', crashes: 1 },
    ]);
    expect(await prune(T0 + 21 * DAY)).toBe(0);
  });

  it('keeps a loop that still fails, with its newest diagnosis and its running run, however old', async () => {
    await given.store.record({
      cluster: CLUSTER,
      runs: [aRun(1), aRunningRun(2)],
      loops: [aLoop({ updatedAt: T0 + 21 * DAY })],
    });
    await given.store.recordDiagnosis(aDiagnosis({ evidence: someEvidence(T0, ['pod']) }));
    expect(await prune(T0 + 21 * DAY)).toBe(1);
    expect(await given.store.loops(CLUSTER)).toHaveLength(1);
    expect(await given.store.runsOfLoop(CLUSTER, LOOP)).toEqual([aRunningRun(2)]);
    expect(await given.store.evidence(CLUSTER, LOOP)).toMatchObject({ at: T0 });
    // What comes after must find its loop and pod.
    expect(await given.store.record({ cluster: CLUSTER, runs: [aRun(2), aRun(3)], loops: [] })).toHaveLength(2);
  });

  it('forgets an ended loop with all that belongs to it', async () => {
    const loop = aLoop({ state: 'recovered', endedAt: T0 + HOUR });
    await given.store.record({ cluster: CLUSTER, runs: [aRun(1)], loops: [loop] });
    await given.store.record({
      cluster: CLUSTER,
      runs: [],
      loops: [{ ...loop, id: OTHER_LOOP, endedAt: T0 + 20 * DAY, updatedAt: T0 + 20 * DAY }],
    });
    await given.store.recordDiagnosis(aDiagnosis({ loopId: LOOP, events: [anEvent()] }));
    await given.store.recordDiagnosis(aDiagnosis({ evidence: someEvidence(T0, ['pod']) }));
    await given.store.saveChange(CLUSTER, LOOP, { kind: 'image', at: T0, text: 'x', detail: null });
    await prune(T0 + 21 * DAY);
    expect((await given.store.loops(CLUSTER)).map((kept) => kept.id)).toEqual([OTHER_LOOP]);
    expect((await given.store.history(CLUSTER, { namespaces: null, limit: 9 })).map((kept) => kept.loopId)).toEqual([
      OTHER_LOOP,
    ]);
    expect(await given.store.eventsOfLoop(CLUSTER, LOOP)).toEqual([]);
    expect(await given.store.changesOfLoop(CLUSTER, LOOP)).toEqual([]);
    expect(await given.store.evidence(CLUSTER, LOOP)).toBeNull();
    expect(await given.store.parts(['pod'])).toEqual(new Map());
  });

  it('forgets loops of a cluster that nobody watches any more, also those that seemed to run', async () => {
    await given.store.record({ cluster: 'left', runs: [aRun(1), aRunningRun(2)], loops: [aLoop({ cluster: 'left' })] });
    await prune(T0 + 21 * DAY);
    expect(await given.store.loops('left')).toEqual([]);
    expect(await given.store.recentRuns('left', 0)).toEqual([]);
  });

  it('keeps what was learnt of a loop before its first run', async () => {
    await given.store.recordDiagnosis(aDiagnosis({ loopId: LOOP, events: [anEvent()] }));
    await prune(T0 + DAY);
    expect(await given.store.eventsOfLoop(CLUSTER, LOOP)).toEqual([anEvent()]);
  });
});

onEachEngine('pruning by size', (given) => {
  it('lets go of the oldest until the rest fits, and not of more than it must', async () => {
    const noise = () => Array.from({ length: 60 }, () => Math.random().toString(36)).join('\n');
    const runs = Array.from({ length: 1_500 }, (_, n) => aRun(n, { message: noise() }));
    await given.store.record({ cluster: CLUSTER, runs, loops: [aLoop({ updatedAt: T0 + DAY })] });
    const limit = 1_000_000;
    const deleted = await given.store.prune(T0 + 2 * DAY, 365 * DAY, limit);
    const left = await given.store.recentRuns(CLUSTER, 0);
    expect(deleted).toBeGreaterThan(300);
    expect(left).toHaveLength(1_500 - deleted);
    expect(left.length).toBeGreaterThan(200);
    expect(Math.min(...left.map((run) => run.finishedAt ?? 0))).toBe(T0 + deleted * MINUTE);
    expect(await given.store.prune(T0 + 2 * DAY, 365 * DAY, limit)).toBe(0);
  });

  it('ends where nothing is left to let go of', async () => {
    await given.store.record({ cluster: CLUSTER, runs: [aRun(1), aRunningRun(2)], loops: [aLoop()] });
    expect(await given.store.prune(T0 + HOUR, DAY, 0)).toBe(1);
    expect(await given.store.runsOfLoop(CLUSTER, LOOP)).toEqual([aRunningRun(2)]);
  });
});
