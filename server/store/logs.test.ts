import { expect, it } from 'vitest';
import { onEachEngine } from './test-engines';
import { aHeldLog, aLoop, aRun, CLUSTER, LOOP, MINUTE, T0 } from './test-samples';

onEachEngine('logs', (given) => {
  const record = (...numbers: number[]) =>
    given.store.record({ cluster: CLUSTER, runs: numbers.map((n) => aRun(n)), loops: [] });
  const save = (n: number, log = aHeldLog(`log ${n}`)) => given.store.saveLog(CLUSTER, aRun(n).id, log);
  const heldOf = async (numbers: readonly number[]) => {
    const states = await given.store.logStates(
      CLUSTER,
      numbers.map((n) => aRun(n).id),
    );
    return numbers.filter((n) => states.get(aRun(n).id)?.state === 'held');
  };
  const upTo = (last: number) => Array.from({ length: last }, (_, n) => n + 1);

  it('gives a log back byte for byte after a restart, with what a terminal would choke on', async () => {
    const text = {
      head: `<img src=x onerror=alert(1)>\n\u001b[31mred\u001b[0m \0 ${'long '.repeat(20_000)}\n`,
      tail: 'last words\npanic: 💥',
      skippedLines: 12_345,
      stamped: true,
    };
    await record(1);
    await save(1, { state: 'held', text, fetchedAt: T0 });
    const store = await given.reopen();
    expect(await store.log(CLUSTER, aRun(1).id)).toEqual({ state: 'held', text, fetchedAt: T0 });
    expect((await store.logStates(CLUSTER, [aRun(1).id])).get(aRun(1).id)).toEqual({
      state: 'held',
      text: '',
      lines: 4,
    });
  });

  it('says why a log is missing, and nothing where nothing is known', async () => {
    await record(1, 2);
    await save(1, { state: 'missing', reason: 'forbidden: pods/log' });
    expect(await given.store.log(CLUSTER, aRun(1).id)).toEqual({ state: 'missing', reason: 'forbidden: pods/log' });
    expect(await given.store.log(CLUSTER, aRun(2).id)).toBeNull();
    const states = await given.store.logStates(CLUSTER, [aRun(1).id, aRun(2).id]);
    expect([...states]).toEqual([[aRun(1).id, { state: 'missing', text: 'forbidden: pods/log', lines: null }]]);
  });

  it('lets a held log take the place of a missing one, never the other way round', async () => {
    await record(1);
    await save(1, { state: 'missing', reason: 'not yet' });
    await save(1);
    await save(1, { state: 'missing', reason: 'rotated away' });
    expect(await given.store.log(CLUSTER, aRun(1).id)).toEqual(aHeldLog('log 1'));
  });

  it('keeps the first crash and the newest 60, and says of the others that they were let go', async () => {
    for (const n of upTo(65)) {
      await record(n);
      await save(n);
    }
    expect(await heldOf(upTo(65))).toEqual([1, ...upTo(65).slice(5)]);
    const dropped = await given.store.log(CLUSTER, aRun(3).id);
    expect(dropped).toEqual({ state: 'missing', reason: expect.stringMatching(/^let go/) });
  });

  it('keeps the same ones where each log is saved before its run is recorded', async () => {
    for (const n of upTo(65)) {
      await save(n);
      await record(n);
    }
    expect(await heldOf(upTo(65))).toEqual([1, ...upTo(65).slice(5)]);
  });

  it('keeps the first and the last log of an episode that ended', async () => {
    for (const n of upTo(5)) await record(n).then(() => save(n));
    const ended = aLoop({ state: 'recovered', endedAt: T0 + 6 * MINUTE });
    await given.store.record({ cluster: CLUSTER, runs: [], loops: [ended] });
    await given.store.record({ cluster: CLUSTER, runs: [], loops: [aLoop({ state: 'came-back' })] });
    for (const n of upTo(90).slice(9)) await record(n).then(() => save(n));
    expect(await heldOf(upTo(90))).toEqual([1, 5, 10, ...upTo(90).slice(30)]);
  });

  it('does not let one loop push out the logs of another', async () => {
    const other = aRun(99, { podUid: 'w', loopId: 'deployments/billing/invoices/worker', namespace: 'billing' });
    await given.store.record({ cluster: CLUSTER, runs: [other], loops: [] });
    await given.store.saveLog(CLUSTER, other.id, aHeldLog('other'));
    for (const n of upTo(30)) await record(n).then(() => save(n));
    expect(await given.store.log(CLUSTER, other.id)).toEqual(aHeldLog('other'));
    expect(await given.store.runsOfLoop(CLUSTER, LOOP)).toHaveLength(30);
  });
});
