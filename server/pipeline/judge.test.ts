import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { at } from '@/lib/domain/pod-fixture';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import { evaluateEntry } from '@/server/loops/evaluate';
import { newEntry } from '@/server/loops/loop-entry';
import { LoopTable } from '@/server/loops/loop-table';
import { PodCensus } from '@/server/loops/pod-census';
import { crashed, tableOfWeb, WEB, WEB_GROUP } from '@/server/loops/sample-entries';
import { Judge, type Judgement } from './judge';
import { Replicas } from './replicas';

function given(table: LoopTable, pods: readonly PodSnapshot[], isComplete = true) {
  const census = new PodCensus();
  for (const pod of pods) census.add(WEB_GROUP, pod);
  const known = new Map(pods.map((pod) => [pod.uid, pod]));
  const firstList = { isComplete, covers: () => firstList.isComplete };
  const publish = vi.fn(async (_judgement: Judgement) => undefined);
  const onDue = vi.fn();
  const judge = new Judge({
    table,
    replicas: new Replicas(census, () => known),
    firstList,
    nodes: { facts: new Map() },
    connection: { serverMinor: 34 },
    publisher: { publish },
    onDue,
  });
  return { judge, publish, onDue, firstList };
}

/** A table that holds `web` as it is read back from the record, listed. */
function resumed() {
  const { entry } = tableOfWeb(3);
  const context = { now: at('12:04:00'), serverMinor: 34, nodes: new Map() };
  const { row, standing } = evaluateEntry(entry, [crashed(3)], context);
  const table = new LoopTable();
  const known = { ...newEntry(WEB, { name: 'app', type: 'app', image: '' }), row, current: standing };
  table.resumed(known, true);
  return { table, entry: known };
}

describe('Judge', () => {
  beforeEach(() => vi.useFakeTimers({ now: at('12:05:00') }));
  afterEach(() => vi.useRealTimers());

  it('judges once what was asked for many times, publishes it and asks for a diagnosis', async () => {
    const { table, entry } = tableOfWeb(5);
    const { judge, publish, onDue } = given(table, [crashed(5)]);
    for (let n = 0; n < 50; n++) judge.ask(entry);
    await vi.advanceTimersByTimeAsync(20);
    expect(publish).toHaveBeenCalledTimes(1);
    expect(publish.mock.calls[0]?.[0]).toMatchObject({ changed: [entry], upserts: [{ id: entry.id }], removed: [] });
    expect(onDue).toHaveBeenCalledExactlyOnceWith(entry);
  });

  it('tells of no row that says the same', async () => {
    const { table, entry } = tableOfWeb(5);
    const { judge, publish } = given(table, [crashed(5)]);
    judge.ask(entry);
    await vi.advanceTimersByTimeAsync(20);
    judge.ask(entry);
    await vi.advanceTimersByTimeAsync(20);
    expect(publish.mock.calls[1]?.[0]).toMatchObject({ changed: [], upserts: [], removed: [] });
  });

  it('begins no round before the one before is recorded', async () => {
    const { table, entry } = tableOfWeb(5);
    const { judge, publish } = given(table, [crashed(5)]);
    const written = Promise.withResolvers<undefined>();
    publish.mockReturnValueOnce(written.promise);
    judge.ask(entry);
    await vi.advanceTimersByTimeAsync(20);
    judge.ask(entry);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(publish).toHaveBeenCalledTimes(1);
    written.resolve(undefined);
    await vi.advanceTimersByTimeAsync(20);
    expect(publish).toHaveBeenCalledTimes(2);
  });

  it('judges in few rounds while the first list comes in, and at once when it is complete', async () => {
    const { table, entry } = tableOfWeb(5);
    const { judge, publish, firstList } = given(table, [crashed(5)], false);
    for (let ms = 0; ms < 10_000; ms += 10) {
      judge.ask(entry);
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(publish.mock.calls.length).toBeLessThanOrEqual(8);
    const rounds = publish.mock.calls.length;
    judge.ask(entry);
    firstList.isComplete = true;
    judge.listed();
    await vi.advanceTimersByTimeAsync(20);
    expect(publish).toHaveBeenCalledTimes(rounds + 1);
  });

  it('leaves a loop of the record as it is until its pods were listed', async () => {
    const { table, entry } = resumed();
    const { judge, publish, firstList } = given(table, [], false);
    judge.ask(entry);
    await vi.advanceTimersByTimeAsync(300);
    expect(publish.mock.calls[0]?.[0]).toMatchObject({ changed: [], removed: [] });
    expect(entry).toMatchObject({ isListed: true, current: { state: 'starting', emptySince: null } });
    firstList.isComplete = true;
    judge.listed();
    await vi.advanceTimersByTimeAsync(20);
    expect(publish).toHaveBeenCalledTimes(2);
    expect(entry.current?.emptySince).not.toBeNull();
  });

  it('sends no row of an entry that was merged into another meanwhile', async () => {
    const { table, entry } = tableOfWeb(5);
    const rollout = { kind: 'Rollout', namespace: 'shop', name: 'web' };
    table.owned('shop/Rollout/web', rollout);
    table.suspected('shop/Rollout/web', rollout, { name: 'app', type: 'app', image: '' });
    const { judge, publish } = given(table, [crashed(5)]);
    judge.ask(entry);
    table.owned(WEB_GROUP, rollout);
    await vi.advanceTimersByTimeAsync(20);
    expect(publish.mock.calls[0]?.[0].upserts).toEqual([]);
  });
});
