import { describe, expect, it } from 'vitest';
import type { Run } from '@/lib/domain/loop';
import type { LoopStanding } from '@/lib/domain/loop-state';
import { at, container, ended, pod, waiting } from '@/lib/domain/pod-fixture';
import { exitOf, type RowInput, toRow } from './row';
import type { ShownLoop } from './shown-loop';

const NOW = at('13:30:00');
const FAILING = pod([
  container({
    restartCount: 4,
    state: waiting('CrashLoopBackOff'),
    lastTermination: ended({ finishedAt: NOW - 60_000 }),
  }),
]);
const run = (n: number, over: Partial<Run> = {}): Run => ({
  id: `run-${n}`,
  loopId: 'deployments/shop/web/app',
  podUid: FAILING.uid,
  podName: FAILING.name,
  namespace: 'shop',
  container: 'app',
  containerType: 'app',
  containerId: `containerd://${n}`,
  restartIndex: n,
  startedAt: NOW - (10 - n) * 600_000,
  finishedAt: NOW - (10 - n) * 600_000 + 30_000,
  exitCode: 137,
  reason: 'OOMKilled',
  message: '',
  nodeName: 'node-1',
  image: 'registry.example/app:1',
  missedBefore: 0,
  observedAt: NOW,
  ...over,
});
const loop = (over: Partial<ShownLoop> = {}): ShownLoop => ({
  id: 'deployments/shop/web/app',
  workload: { kind: 'Deployment', namespace: 'shop', name: 'web' },
  container: 'app',
  containerType: 'app',
  image: 'registry.example/app:0',
  runs: new Map([[FAILING.uid, [1, 2, 8, 9].map((n) => run(n))]]),
  current: null,
  row: null,
  verdict: null,
  fingerprint: null,
  change: null,
  announced: new Map(),
  lastPod: null,
  failedCreate: null,
  ...over,
});
const STANDING: LoopStanding = {
  state: 'looping',
  since: at('12:00:00'),
  enteredAt: at('12:05:00'),
  hasReturned: false,
  emptySince: null,
  isSinceKnown: true,
  crashes: 4,
  lastCrashAt: NOW - 60_000,
  failingReplicas: 1,
  totalReplicas: 3,
};
const input = (over: Partial<RowInput> = {}): RowInput => ({
  pod: FAILING,
  replicas: { failing: 1, total: 3 },
  failingNodes: ['node-1'],
  places: [],
  nextRestart: null,
  change: null,
  serverMinor: 34,
  now: NOW,
  ...over,
});

describe('toRow', () => {
  it('says of the replica what kubectl says, and how its newest run ended', () => {
    expect(toRow(loop(), STANDING, input())).toMatchObject({
      status: 'CrashLoopBackOff',
      restarts: 4,
      image: 'registry.example/app:1',
      replicas: { failing: 1, total: 3 },
      lastExit: { exitCode: 137, signal: 'SIGKILL', reason: 'OOMKilled', livedMs: 30_000 },
      since: '2026-03-01T12:00:00.000Z',
    });
  });

  it('draws the last hour alone', () => {
    const seconds = (ms: number) => Math.round(ms / 1000);
    expect(toRow(loop(), STANDING, input()).strip).toEqual(
      [8, 9].map((n) => [seconds(run(n).startedAt ?? 0), seconds(run(n).finishedAt ?? 0)]),
    );
  });

  it('counts replicas by node, those where most fail first', () => {
    const places = [
      { node: 'node-a', isFailing: false },
      { node: 'node-c', isFailing: true },
      { node: 'node-b', isFailing: true },
      { node: '', isFailing: true },
    ];
    expect(toRow(loop(), STANDING, input({ places })).placement).toEqual([
      { node: 'node-b', failing: 1, total: 1 },
      { node: 'node-c', failing: 1, total: 1 },
      { node: 'node-a', failing: 0, total: 1 },
    ]);
  });

  it('tells of a loop without pods by its last one, and by the last known image', () => {
    const row = toRow(loop({ lastPod: FAILING }), STANDING, input({ pod: null }));
    expect(row).toMatchObject({ status: 'pod deleted', pod: FAILING.name, image: 'registry.example/app:0' });
    expect(row.lastExit?.exitCode).toBe(137);
  });
});

describe('exitOf', () => {
  it('leaves out how long a run lived whose start is not known', () => {
    expect(exitOf(run(1, { startedAt: null }))).toMatchObject({ livedMs: null, startedAt: null });
  });
});
