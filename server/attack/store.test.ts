import { afterAll, expect, it } from 'vitest';
import { onEachEngine } from '@/server/store/test-engines';
import {
  aDiagnosis,
  aHeldLog,
  aLoop,
  anEvent,
  aRun,
  CLUSTER,
  LOOP,
  someEvidence,
  T0,
} from '@/server/store/test-samples';
import { Probes } from './probes';

const probes = new Probes('the store');
afterAll(() => probes.tell());

const TEXTS: readonly (readonly [string, string])[] = [
  ['empty', ''],
  ['NUL', 'a\0b\0'],
  ['a high surrogate alone', 'a\ud800b'],
  ['a low surrogate alone', '\udfff'],
  ['escape sequences', '\u001b]0;owned\u0007\u001b[2J\u009b31m'],
  ['quotes', `'; drop table run; --"\`\\'`],
  ['patterns', '%_\\%$1 $$ ?1 :a @b {0}'],
  ['line ends', 'a\r\nb\u2028c\u2029'],
  ['directions', '\u202egnp.exe\u2066'],
  ['signs of four bytes', '🜁'.repeat(50)],
  ['what is no character', '\ufffe\uffff\ufeff'],
  ['a name of an object', '__proto__'],
  ['a megabyte', 'ü'.repeat(500_000)],
];

/** What the history gives back of a text: signs that no database takes are replaced, nothing else. */
const kept = (text: string) => text.toWellFormed().replaceAll('\0', '\ufffd');

const NUMBERS = [
  -1,
  -0,
  0.5,
  -2_147_483_649,
  2_147_483_648,
  4_294_967_296,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  2 ** 53,
  1e300,
  -1e300,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];

onEachEngine('an attack', (given) => {
  let n = 100;

  it('with texts: each comes back, and what is beside it is kept', async () => {
    const from = probes.failed.length;
    for (const [title, text] of TEXTS) {
      for (const field of ['podName', 'container', 'message', 'reason', 'nodeName', 'image'] as const) {
        await probes.try(`${given.store.engine}, ${field}: ${title}`, async () => {
          const run = aRun(++n, { [field]: text });
          const beside = aRun(++n);
          expect(await given.store.record({ cluster: CLUSTER, runs: [run, beside], loops: [] })).toHaveLength(2);
          expect(await given.store.run(CLUSTER, run.id)).toEqual({ ...run, [field]: kept(text) });
          expect(await given.store.run(CLUSTER, beside.id)).toEqual(beside);
          expect(await given.store.record({ cluster: CLUSTER, runs: [run], loops: [] })).toEqual([]);
        });
      }
      await probes.try(`${given.store.engine}, log: ${title}`, async () => {
        await given.store.saveLog(CLUSTER, `log ${++n}`, aHeldLog(text));
        expect(await given.store.log(CLUSTER, `log ${n}`)).toEqual(aHeldLog(text));
        await given.store.saveLog(CLUSTER, `log ${++n}`, { state: 'missing', reason: text });
        expect(await given.store.log(CLUSTER, `log ${n}`)).toEqual({ state: 'missing', reason: kept(text) });
      });
      await probes.try(`${given.store.engine}, row of a loop: ${title}`, async () => {
        await given.store.record({ cluster: CLUSTER, runs: [], loops: [aLoop({ row: text })] });
        expect((await given.store.loops(CLUSTER)).map(({ row }) => row)).toContain(kept(text));
      });
      await probes.try(`${given.store.engine}, event: ${title}`, async () => {
        const event = anEvent({ uid: `e-${++n}`, message: text, name: text, last: T0 + n });
        const batch = { cluster: CLUSTER, runs: [], loops: [], events: new Map([[LOOP, [event]]]) };
        await given.store.record(batch);
        expect((await given.store.eventsOfLoop(CLUSTER, LOOP, 1))[0]?.uid).toBe(event.uid);
      });
      await probes.try(`${given.store.engine}, change: ${title}`, async () => {
        const change = { kind: 'k', at: T0 + ++n, text, detail: text };
        await given.store.saveChange(CLUSTER, LOOP, change);
        await given.store.saveChange(CLUSTER, LOOP, change);
        const held = await given.store.changesOfLoop(CLUSTER, LOOP);
        expect(held.filter(({ at }) => at === change.at)).toEqual([
          { ...change, text: kept(text), detail: kept(text) },
        ]);
      });
      await probes.try(`${given.store.engine}, evidence: ${title}`, async () => {
        await given.store.recordDiagnosis(aDiagnosis({ evidence: someEvidence(T0 + ++n, [`part ${n}`]) }));
        const evidence = { ...someEvidence(T0 + ++n, []), contents: new Map([[`part ${n}`, text]]) };
        await given.store.recordDiagnosis(aDiagnosis({ evidence }));
        expect((await given.store.evidence(CLUSTER, LOOP))?.at).toBe(T0 + n);
      });
    }
    expect(probes.failed.slice(from)).toEqual([]);
  });

  it('with names that are ids: a second write finds the first, and nothing beside them is lost', async () => {
    const from = probes.failed.length;
    for (const [title, text] of [...TEXTS.slice(0, -1), ['a name of 1,000 signs', '0f9a'.repeat(250)] as const]) {
      await probes.try(`${given.store.engine}, ids: ${title}`, async () => {
        const id = `deployments/shop/${text}/app`;
        const run = aRun(++n, { id: `run ${n} ${text}`, loopId: id });
        const loop = aLoop({ id });
        const events = new Map([[id, [anEvent({ uid: text })]]]);
        const batch = { cluster: `c ${text}`.slice(0, 300), runs: [run], loops: [loop], events };
        expect(await given.store.record(batch)).toHaveLength(1);
        expect(await given.store.record(batch)).toEqual([]);
        expect(await given.store.runsOfLoop(batch.cluster, id)).toHaveLength(1);
        expect(await given.store.run(batch.cluster, run.id)).not.toBeNull();
        await given.store.saveLog(batch.cluster, run.id, aHeldLog('x'));
        expect(await given.store.log(batch.cluster, run.id)).not.toBeNull();
        expect((await given.store.logStates(batch.cluster, [run.id])).size).toBe(1);
        expect((await given.store.stripSince(batch.cluster, [id], 0)).get(id)).toHaveLength(1);
      });
    }
    expect(probes.failed.slice(from)).toEqual([]);
  });

  it('with numbers: none keeps what is beside it from being written', async () => {
    const from = probes.failed.length;
    for (const number of NUMBERS) {
      for (const field of [
        'startedAt',
        'finishedAt',
        'observedAt',
        'exitCode',
        'restartIndex',
        'missedBefore',
      ] as const) {
        await probes.try(`${given.store.engine}, ${field} ${number}`, async () => {
          const beside = aRun(++n);
          const runs = [aRun(++n, { [field]: number }), beside];
          await given.store.record({ cluster: CLUSTER, runs, loops: [] });
          expect(await given.store.run(CLUSTER, beside.id)).toEqual(beside);
        });
      }
      for (const field of ['since', 'lastCrashAt', 'updatedAt', 'crashes'] as const) {
        await probes.try(`${given.store.engine}, ${field} of a loop ${number}`, async () => {
          await given.store.record({ cluster: CLUSTER, runs: [aRun(++n)], loops: [aLoop({ [field]: number })] });
          expect(await given.store.run(CLUSTER, aRun(n).id)).toEqual(aRun(n));
        });
      }
      for (const field of ['first', 'last', 'count'] as const) {
        await probes.try(`${given.store.engine}, ${field} of an event ${number}`, async () => {
          const events = new Map([[LOOP, [anEvent({ uid: `e-${++n}`, [field]: number })]]]);
          await given.store.record({ cluster: CLUSTER, runs: [aRun(n)], loops: [], events });
          expect(await given.store.run(CLUSTER, aRun(n).id)).toEqual(aRun(n));
          await given.store.eventsOfLoop(CLUSTER, LOOP);
        });
      }
      await probes.try(`${given.store.engine}, asked with ${number}`, async () => {
        await given.store.recentRuns(CLUSTER, number);
        await given.store.crashesPerHour(CLUSTER, number);
        await given.store.runsOfLoop(CLUSTER, LOOP, { limit: 3, before: number });
        await given.store.runsBetween(CLUSTER, LOOP, number, number, 3);
        await given.store.eventsOfLoop(CLUSTER, LOOP, 3, number);
        await given.store.history(CLUSTER, { namespaces: null, limit: 3, before: number, from: number });
      });
    }
    expect(probes.failed.slice(from)).toEqual([]);
  });
});
