import type { RunBody } from '@/lib/contract/diagnosis';
import type { Timeline, TimelineLane, TimelineRun } from '@/lib/contract/timeline';
import { nominalWaitMs } from '@/lib/domain/backoff-curve';

/** Runs of one pod, oldest first, as a timeline carries them, each wait nominal for its place on the curve. */
export function exampleTrack(runs: readonly RunBody[]): TimelineRun[] {
  return runs.map((run, i): TimelineRun => {
    const seconds = (at: string | null) => (at === null ? null : Date.parse(at) / 1000);
    const kind = run.finishedAt === null ? null : i === 0 ? 'free' : 'back-off';
    const nominal = kind === null ? 0 : nominalWaitMs(run.restartIndex + 1) / 1000;
    const { restartIndex, exitCode, missedBefore } = run;
    return [
      restartIndex,
      seconds(run.startedAt),
      seconds(run.finishedAt),
      exitCode,
      missedBefore,
      kind,
      nominal,
      false,
    ];
  });
}

/** A lane of a replica of revision 14 that waits. */
export function exampleLane(change: Partial<TimelineLane>): TimelineLane {
  return {
    pod: 'checkout-6d5f9c7b84-x2x4k',
    podUid: 'uid-x2x4k',
    node: 'worker-2',
    revision: '14',
    createdAt: '2026-11-12T13:13:44.000Z',
    deletedAt: null,
    firstStartAt: null,
    isAlive: true,
    isReady: false,
    restarts: 13,
    status: 'CrashLoopBackOff',
    runs: [],
    next: null,
    pull: null,
    pullText: 'Successfully pulled image "registry.example.com/shop/checkout:2.31.0" in 2m31s.',
    replaced: null,
    ...change,
  };
}

/** The timeline of the example loop: two replicas of revision 14 that crash, one of revision 13 that runs. */
export function exampleTimeline(loopId: string, first: readonly RunBody[], second: readonly RunBody[]): Timeline {
  return {
    loopId,
    lanes: [
      exampleLane({
        runs: exampleTrack(first),
        next: {
          from: '2026-11-12T14:03:22.000Z',
          to: '2026-11-12T14:03:40.000Z',
          since: first.at(-1)?.finishedAt ?? '',
          nominalMs: 300_000,
          basis: 'announced',
          isCollected: false,
        },
        replaced: {
          pod: 'checkout-75c8d9f6b9-q7dvm',
          revision: '13',
          createdAt: '2026-11-09T16:21:00.000Z',
          deletedAt: '2026-11-12T13:14:03.000Z',
        },
      }),
      exampleLane({
        pod: 'checkout-6d5f9c7b84-m8tqz',
        podUid: 'uid-m8tqz',
        node: 'worker-4',
        runs: exampleTrack(second),
      }),
      exampleLane({
        pod: 'checkout-75c8d9f6b9-k4w9p',
        podUid: 'uid-k4w9p',
        node: 'worker-5',
        revision: '13',
        createdAt: '2026-11-09T16:21:00.000Z',
        isReady: true,
        restarts: 0,
        status: 'Running',
        pullText: '',
      }),
    ],
    isCut: false,
    changes: [
      {
        kind: 'config',
        at: '2026-11-12T13:13:42.000Z',
        text: 'ConfigMap checkout-config lost DATABASE_URL, got DB_URL',
        short: 'checkout-config',
        role: 'started',
      },
      {
        kind: 'rollout',
        at: '2026-11-12T13:13:44.000Z',
        text: 'rev 14: image checkout:2.31.0',
        short: 'rev 14',
        role: 'started',
      },
      {
        kind: 'config',
        at: '2026-11-12T13:40:10.000Z',
        text: 'ConfigMap checkout-config changed LOG_LEVEL',
        short: 'checkout-config',
        role: null,
      },
    ],
    backoff: { baseMs: 10_000, capMs: 300_000, basis: 'announced', explained: 26, total: 26 },
    lifetime: {
      pattern: 'instant',
      runs: 14,
      minMs: 2_000,
      medianMs: 2_000,
      maxMs: 2_000,
      changeMsPerRun: 0,
      probe: 'liveness',
      budget: { fromMs: 25_000, toMs: 67_000, runsWithin: 0 },
    },
    probes: [
      {
        kind: 'liveness',
        initialDelay: 5,
        period: 10,
        timeout: 1,
        failureThreshold: 3,
        budget: { fromMs: 25_000, toMs: 67_000 },
      },
    ],
  };
}
