import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Run } from '@/lib/domain/loop';
import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import { UnloopError } from '@/lib/domain/unloop-error';
import type { DiagnosisBatch, RecordBatch, Store } from '@/server/store/store';
import { Recorder } from './recorder';

function run(id: string): Run {
  return {
    id,
    loopId: 'l',
    podUid: 'u',
    podName: 'p',
    namespace: 'n',
    container: 'c',
    containerType: 'app',
    containerId: id,
    restartIndex: 0,
    startedAt: 1,
    finishedAt: 2,
    exitCode: 1,
    reason: 'Error',
    message: '',
    nodeName: '',
    image: '',
    missedBefore: 0,
    observedAt: 2,
  };
}

function event(count: number): EventSnapshot {
  return {
    uid: 'e',
    namespace: 'n',
    name: 'e',
    type: 'Warning',
    reason: 'BackOff',
    message: '',
    involved: { kind: 'Pod', namespace: 'n', name: 'p', uid: 'u' },
    container: 'c',
    first: 1,
    last: 2,
    count,
    source: 'kubelet',
    host: '',
    aggregated: false,
  };
}

function fakeStore(record: Store['record']): Store {
  return { record } as Partial<Store> as Store;
}

describe('Recorder', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('keeps the evidence of a failure that is not yet written when the next look finds it well', async () => {
    const written: DiagnosisBatch[] = [];
    const store = { recordDiagnosis: async (batch: DiagnosisBatch) => void written.push(batch) };
    const recorder = new Recorder(store as Partial<Store> as Store, 'c1');
    const look = { cluster: 'c1', loopId: 'l', evidence: null, events: [], changes: [] };
    const evidence = { at: 1, manifest: '{}', contents: new Map(), logRuns: { previous: null, first: null } };
    recorder.addDiagnosis({ ...look, evidence });
    recorder.addDiagnosis({ ...look, events: [event(2)] });
    await recorder.flush();
    expect(written).toEqual([{ ...look, evidence, events: [event(2)] }]);
    expect(recorder.lag).toBe(0);
  });

  it('writes everything pending in one transaction', async () => {
    const batches: RecordBatch[] = [];
    const recorder = new Recorder(
      fakeStore(async (batch) => {
        batches.push(batch);
        return [];
      }),
      'c1',
    );
    recorder.addRun(run('a'));
    recorder.addRun(run('b'));
    await recorder.flush();
    await recorder.flush();
    expect(batches.map((b) => b.runs.map((r) => r.id))).toEqual([['a', 'b']]);
    expect(recorder.lag).toBe(0);
  });

  it('keeps what could not be written and writes it when the store is back', async () => {
    let broken = true;
    const written: string[] = [];
    const recorder = new Recorder(
      fakeStore(async (batch) => {
        if (broken) throw new UnloopError('store-failed', 'disk full');
        written.push(...batch.runs.map((r) => r.id));
        return [];
      }),
      'c1',
    );
    recorder.addRun(run('a'));
    await recorder.flush();
    expect(recorder.lag).toBe(1);
    expect(recorder.failedSince).not.toBeNull();
    recorder.addRun(run('b'));
    broken = false;
    await vi.advanceTimersByTimeAsync(1000);
    expect(written).toEqual(['a', 'b']);
    expect(recorder.failedSince).toBeNull();
  });

  it('writes an event once, and again where it was counted up while it was being written', async () => {
    const written: string[] = [];
    const recorder: Recorder = new Recorder(
      fakeStore(async (batch) => {
        for (const [id, events] of batch.events ?? []) written.push(...events.map((e) => `${id} ${e.uid} ${e.count}`));
        if (written.length === 1) recorder.addEvent('l', event(6));
        return [];
      }),
      'c1',
    );
    recorder.addEvent('l', event(4));
    recorder.addEvent('l', event(5));
    await recorder.flush();
    expect(recorder.lag).toBe(1);
    await recorder.flush();
    await recorder.flush();
    expect(written).toEqual(['l e 5', 'l e 6']);
    expect(recorder.lag).toBe(0);
  });
});
