import { expect, it } from 'vitest';
import type { Run } from '@/lib/domain/loop';
import { onEachEngine } from './test-engines';
import { aLoop, aRun, aRunningRun, CLUSTER, DAY, HOUR, LOOP, MINUTE, OTHER_LOOP, T0 } from './test-samples';

const ids = (runs: readonly Run[]) => runs.map((run) => run.id);

onEachEngine('recording runs', (given) => {
  const record = (...runs: Run[]) => given.store.record({ cluster: CLUSTER, runs, loops: [] });

  it('gives a crash back unchanged after a restart', async () => {
    await record(aRun(1, { missedBefore: 2, message: 'panic: ☠' }));
    const store = await given.reopen();
    expect(await store.run(CLUSTER, aRun(1).id)).toEqual(aRun(1, { missedBefore: 2, message: 'panic: ☠' }));
  });

  it('completes a running run once and says so once', async () => {
    expect(await record(aRunningRun(1, { missedBefore: 3 }))).toEqual([]);
    expect(await record(aRun(1))).toEqual([aRun(1).id]);
    expect(await record(aRun(1))).toEqual([]);
    expect(await given.store.run(CLUSTER, aRun(1).id)).toEqual(aRun(1, { missedBefore: 3 }));
  });

  it('keeps the start that it saw where the end no longer tells it', async () => {
    await record(aRunningRun(1));
    await record(aRun(1, { startedAt: null }));
    expect(await given.store.run(CLUSTER, aRun(1).id)).toEqual(aRun(1));
  });

  it('never changes a recorded end', async () => {
    await record(aRun(1));
    expect(await record(aRun(1, { exitCode: 137, reason: 'OOMKilled' }), aRunningRun(1))).toEqual([]);
    expect(await given.store.run(CLUSTER, aRun(1).id)).toEqual(aRun(1));
  });

  it('takes a run that is twice in one batch once, with its end', async () => {
    expect(await record(aRunningRun(1), aRun(1), aRun(1))).toEqual([aRun(1).id]);
    expect(ids(await given.store.runsOfLoop(CLUSTER, LOOP))).toEqual([aRun(1).id]);
  });

  it('counts a run that never had times as ended when that was seen', async () => {
    const startError = aRun(1, { startedAt: null, finishedAt: null, exitCode: 128, observedAt: T0 + 5 });
    expect(await record(startError)).toEqual([startError.id]);
    expect(await given.store.run(CLUSTER, startError.id)).toEqual(startError);
    expect(ids(await given.store.recentRuns(CLUSTER, T0 + 5))).toEqual([startError.id]);
    expect(await given.store.recentRuns(CLUSTER, T0 + 6)).toEqual([]);
  });

  it('keeps the same run id of two clusters apart', async () => {
    await record(aRun(1));
    expect(await given.store.run('prod', aRun(1).id)).toBeNull();
    await given.store.record({ cluster: 'prod', runs: [aRun(1, { exitCode: 2 })], loops: [] });
    expect((await given.store.run(CLUSTER, aRun(1).id))?.exitCode).toBe(1);
    expect((await given.store.run('prod', aRun(1).id))?.exitCode).toBe(2);
  });

  it('takes hostile texts as text', async () => {
    const quote = `'; drop table run; -- "\\`;
    const hostile = aRun(1, { message: `NUL \0 ${quote}`, reason: '\ud800', image: 'x'.repeat(1_000_000) });
    await record(hostile);
    const read = await given.store.run(CLUSTER, hostile.id);
    expect(read?.message).toBe(`NUL \ufffd ${quote}`);
    expect(read?.reason).toBe('\ufffd');
    expect(read?.image).toHaveLength(1_000_000);
  });

  it('writes a large batch whole', async () => {
    const runs = Array.from({ length: 2_500 }, (_, n) => aRun(n, { podUid: `pod-${n % 600}` }));
    expect(await record(...runs)).toHaveLength(2_500);
    expect(await given.store.recentRuns(CLUSTER, T0)).toHaveLength(2_500);
  });

  it('writes nothing of a batch that fails', async () => {
    const batch = { cluster: CLUSTER, runs: [aRun(1)], loops: [Object.assign(aLoop(), { row: undefined })] };
    await expect(given.store.record(batch)).rejects.toMatchObject({ code: 'store-failed' });
    expect(await given.store.run(CLUSTER, aRun(1).id)).toBeNull();
    expect(await record(aRun(1))).toEqual([aRun(1).id]);
  });

  it('calls each end new once, however many write at the same time', async () => {
    const runs = Array.from({ length: 40 }, (_, n) => aRun(n));
    const told = await Promise.all([0, 10, 20, 0].map((from) => record(...runs.slice(from, from + 20))));
    expect(told.flat().sort()).toEqual(ids(runs).sort());
  });
});

onEachEngine('reading runs', (given) => {
  const record = (...runs: Run[]) => given.store.record({ cluster: CLUSTER, runs, loops: [] });

  it('lists the runs of a loop newest first, running ones before all', async () => {
    await record(aRun(1), aRunningRun(2, { podUid: 'old', startedAt: T0 - DAY }), aRun(3));
    await record(aRun(1, { id: 'other', loopId: OTHER_LOOP, namespace: 'billing' }));
    const runs = await given.store.runsOfLoop(CLUSTER, LOOP);
    expect(runs.map((run) => run.finishedAt)).toEqual([null, T0 + 3 * MINUTE, T0 + MINUTE]);
  });

  it('pages without leaving out runs that ended at the same instant', async () => {
    const together = ['a', 'b', 'c'].map((podUid) => aRun(2, { podUid }));
    await record(aRun(1), ...together, aRun(3));
    const first = await given.store.runsOfLoop(CLUSTER, LOOP, { limit: 2 });
    expect(ids(first).sort()).toEqual(ids([...together, aRun(3)]).sort());
    const second = await given.store.runsOfLoop(CLUSTER, LOOP, { limit: 2, before: first.at(-1)?.finishedAt ?? 0 });
    expect(ids(second)).toEqual(ids([aRun(1)]));
  });

  it('gives the runs that overlap a time, oldest first, the newest of them where there are too many', async () => {
    await record(...[1, 2, 3, 4, 5].map((n) => aRun(n)), aRunningRun(6));
    const between = (from: number, to: number, limit: number) =>
      given.store.runsBetween(CLUSTER, LOOP, from, to, limit).then(ids);
    expect(await between(T0 + 2 * MINUTE - 5_000, T0 + 4 * MINUTE - 10_000, 9)).toEqual(
      ids([2, 3, 4].map((n) => aRun(n))),
    );
    expect(await between(T0 + 2 * MINUTE + 1, T0 + 3 * MINUTE - 30_000, 9)).toEqual([]);
    expect(await between(T0 + 5 * MINUTE + 1, T0 + DAY, 9)).toEqual([aRun(6).id]);
    expect(await between(T0, T0 + DAY, 2)).toEqual(ids([aRun(5), aRun(6)]));
  });

  it('draws the strips of many loops, each with its own runs and pods', async () => {
    await record(aRun(1), aRun(2), aRunningRun(3), aRun(5, { podUid: 'w', loopId: OTHER_LOOP, namespace: 'billing' }));
    const strips = await given.store.stripSince(CLUSTER, [LOOP, OTHER_LOOP, 'never/heard/of/it'], T0 + 2 * MINUTE);
    expect(strips.get(LOOP)).toEqual([
      { podUid: aRun(2).podUid, startedAt: aRun(2).startedAt, endedAt: aRun(2).finishedAt },
      { podUid: aRun(3).podUid, startedAt: aRun(3).startedAt, endedAt: null },
    ]);
    expect(strips.get(OTHER_LOOP)).toEqual([
      { podUid: 'w', startedAt: aRun(5).startedAt, endedAt: aRun(5).finishedAt },
    ]);
    expect(strips.get('never/heard/of/it')).toEqual([]);
    const strangers = Array.from({ length: 300 }, (_, n) => `deployments/shop/x${n}/main`);
    const board = await given.store.stripSince(CLUSTER, [...strangers, LOOP], T0 + 2 * MINUTE);
    expect(board.get(LOOP)).toEqual(strips.get(LOOP));
    expect(board.size).toBe(301);
    expect(await given.store.stripSince(CLUSTER, [], T0)).toEqual(new Map());
  });
});

onEachEngine('crashes per hour', (given) => {
  const record = (runs: Run[], loops = [aLoop()]) => given.store.record({ cluster: CLUSTER, runs, loops });

  it('counts each end once, also when it is recorded again', async () => {
    await record([aRun(1), aRun(2), aRun(61), aRunningRun(62)]);
    await record([aRun(1), aRun(62)]);
    expect(await given.store.crashesPerHour(CLUSTER, T0)).toEqual([
      { at: T0, namespace: 'shop', category: 'application', crashes: 2 },
      { at: T0 + HOUR, namespace: 'shop', category: 'application', crashes: 2 },
    ]);
    expect(await given.store.crashesPerHour(CLUSTER, T0 + HOUR)).toHaveLength(1);
    expect(await given.store.crashesPerHour('prod', T0)).toEqual([]);
  });

  it('counts earlier crashes by the cause that was found later', async () => {
    await record([aRun(1)], [aLoop({ cause: null, category: null })]);
    expect(await given.store.crashesPerHour(CLUSTER, T0)).toEqual([
      { at: T0, namespace: 'shop', category: 'unknown', crashes: 1 },
    ]);
    await record([], [aLoop({ cause: 'oom-killed', category: 'resource' })]);
    expect(await given.store.crashesPerHour(CLUSTER, T0)).toEqual([
      { at: T0, namespace: 'shop', category: 'resource', crashes: 1 },
    ]);
  });

  it('moves every hour of a loop when its cause is judged anew, and no other loop', async () => {
    const other = aRun(2, { podUid: 'w', loopId: OTHER_LOOP, namespace: 'shop' });
    await record([aRun(1), aRun(61), aRunningRun(62), other], [aLoop(), aLoop({ id: OTHER_LOOP })]);
    await record([aRun(62)], [aLoop({ cause: 'oom-killed', category: 'resource' })]);
    expect(await given.store.crashesPerHour(CLUSTER, T0)).toEqual([
      { at: T0, namespace: 'shop', category: 'application', crashes: 1 },
      { at: T0, namespace: 'shop', category: 'resource', crashes: 1 },
      { at: T0 + HOUR, namespace: 'shop', category: 'resource', crashes: 2 },
    ]);
  });

  it('counts each namespace by itself', async () => {
    await record([aRun(1), aRun(2, { podUid: 'w', loopId: OTHER_LOOP, namespace: 'billing' })]);
    const counts = await given.store.crashesPerHour(CLUSTER, T0);
    expect(new Map(counts.map(({ namespace, crashes }) => [namespace, crashes]))).toEqual(
      new Map([
        ['billing', 1],
        ['shop', 1],
      ]),
    );
  });
});
