import { describe, expect, it } from 'vitest';
import { TimelineSchema } from '@/lib/contract/timeline';
import type { Run } from '@/lib/domain/loop';
import { NOTHING_KNOWN } from '@/lib/domain/node-facts';
import { at, container, ended, pod, waiting } from '@/lib/domain/pod-fixture';
import type { ShownLoop } from './shown-loop';
import { type TimelineInput, timelineBody } from './timeline-body';

const MESSAGE = 'back-off 40s restarting failed container=app pod=web-7d4b9c-x2x1z_shop(uid-web-0)';
const POD = pod([
  container({
    restartCount: 2,
    state: waiting('CrashLoopBackOff', MESSAGE),
    lastTermination: ended({ finishedAt: at('12:00:36') }),
  }),
]);
const run = (restartIndex: number, startedAt: string, finishedAt: string): Run => ({
  id: `run-${restartIndex}`,
  loopId: 'deployments/shop/web/app',
  podUid: POD.uid,
  podName: POD.name,
  namespace: 'shop',
  container: 'app',
  containerType: 'app',
  containerId: `containerd://${restartIndex}`,
  restartIndex,
  startedAt: at(startedAt),
  finishedAt: at(finishedAt),
  exitCode: 1,
  reason: 'Error',
  message: '',
  nodeName: 'node-1',
  image: 'registry.example/app:1',
  missedBefore: 0,
  observedAt: at(finishedAt),
});
// The first restart comes at once, the second after 10 s (crash-semantics 1.2).
const RUNS = [run(0, '12:00:00', '12:00:02'), run(1, '12:00:03', '12:00:05'), run(2, '12:00:15', '12:00:36')];
const LOOP: ShownLoop = {
  id: 'deployments/shop/web/app',
  workload: { kind: 'Deployment', namespace: 'shop', name: 'web' },
  container: 'app',
  containerType: 'app',
  image: 'registry.example/app:1',
  runs: new Map([[POD.uid, RUNS]]),
  current: { state: 'looping', since: at('12:00:02') },
  row: null,
  verdict: null,
  fingerprint: null,
  change: null,
  announced: new Map(),
  lastPod: null,
  failedCreate: null,
};
const body = (over: Partial<TimelineInput> = {}) =>
  TimelineSchema.parse(
    timelineBody({
      entry: LOOP,
      runs: RUNS,
      isCut: false,
      pods: [POD],
      events: [],
      changes: [],
      isPast: false,
      body: null,
      nodes: new Map(),
      serverMinor: 34,
      now: at('12:00:40'),
      ...over,
    }),
  );

describe('timelineBody', () => {
  it('draws each run in its order, whatever the order of the record, with the wait after it', () => {
    const { lanes, backoff } = body({ runs: RUNS.toReversed() });
    expect(lanes).toHaveLength(1);
    expect(lanes[0]?.runs.map(([index, , , exit]) => [index, exit])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
    expect(backoff).toMatchObject({ baseMs: 10_000, capMs: 300_000, basis: 'assumed', explained: 2, total: 2 });
  });

  it('waits by what is known of the node', () => {
    const fit = { ...NOTHING_KNOWN.fit, params: { baseMs: 1_000, capMs: 60_000 }, basis: 'observed' as const };
    const nodes = new Map([['node-1', { kubeletMinor: 34, fit }]]);
    expect(body({ nodes }).backoff).toMatchObject({ baseMs: 1_000, capMs: 60_000, basis: 'observed' });
  });

  it('says what was changed before the first crash, and draws no deleted pod as a change', () => {
    const changes = [
      { kind: 'rollout', at: at('11:59:00'), text: 'rev 7: image web:7', detail: '{"short":"rev 7"}' },
      { kind: 'pod-gone', at: at('11:59:30'), text: 'pod web-0 deleted', detail: '{"pod":"web-0"}' },
    ];
    expect(body({ changes }).changes).toEqual([
      { kind: 'rollout', at: '2026-03-01T11:59:00.000Z', text: 'rev 7: image web:7', short: 'rev 7', role: 'started' },
    ]);
  });

  it('foresees no restart of a loop as it was when it ended', () => {
    expect(body().lanes[0]?.next).toMatchObject({ nominalMs: 40_000 });
    expect(body({ isPast: true }).lanes[0]?.next).toBeNull();
  });
});
