import { describe, expect, it } from 'vitest';
import type { Run } from './loop';
import type { LoopInput, LoopStanding, PreviousStanding } from './loop-standing';
import { judgeLoop } from './loop-state';
import { at, condition, container, ended, pod, running, terminated, waiting } from './pod-fixture';
import type { ContainerSnapshot, PodSnapshot } from './pod-snapshot';
import type { EpochMs } from './time';

const NOON = at('12:00:00');
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const message = (delay: string) => `back-off ${delay} restarting failed container=app pod=web_shop(uid)`;

function judge(pods: readonly PodSnapshot[], over: Partial<LoopInput> = {}) {
  return judgeLoop({ container: 'app', pods, runs: [], now: NOON, previous: null, ...over });
}

const stateOf = (pods: readonly PodSnapshot[], over: Partial<LoopInput> = {}) =>
  judge(pods, over).standing?.state ?? null;

/** A run of the fixture pod that ended `endedAgo` before noon after having lived `lived`. */
function run(index: number, endedAgo: number, lived: number, over: Partial<Run> = {}): Run {
  const finishedAt = NOON - endedAgo;
  return {
    id: `r${index}-${over.podUid ?? ''}`,
    loopId: 'deployments/shop/web/app',
    podUid: 'uid-web-0',
    podName: 'web-7d4b9c-x2x1z',
    namespace: 'shop',
    container: 'app',
    containerType: 'app',
    containerId: `containerd://${over.podUid ?? ''}${index}`,
    restartIndex: index,
    startedAt: finishedAt - lived,
    finishedAt,
    exitCode: 1,
    reason: 'Error',
    message: '',
    nodeName: 'node-1',
    image: 'registry.example/app:1',
    missedBefore: 0,
    observedAt: finishedAt,
    ...over,
  };
}

/** The container after the crash described by `end`, in back-off or still shown as terminated. */
function crashed(
  restartCount: number,
  endedAgo: number,
  lived: number,
  shown: 'terminated' | 'waiting' = 'terminated',
) {
  const end = {
    startedAt: NOON - endedAgo - lived,
    finishedAt: NOON - endedAgo,
    containerId: `containerd://${restartCount}`,
  };
  return shown === 'terminated'
    ? container({ restartCount, state: terminated(end) })
    : container({ restartCount, state: waiting('CrashLoopBackOff', message('10s')), lastTermination: ended(end) });
}

/** The container in its run after `restartCount` restarts, up for `upFor`; the run before lived `lived`. */
function upAfter(restartCount: number, upFor: number, lived: number): ContainerSnapshot {
  const finishedAt = NOON - upFor - SECOND;
  return container({
    restartCount,
    state: running(NOON - upFor),
    lastTermination: ended({
      finishedAt,
      startedAt: finishedAt - lived,
      containerId: `containerd://${restartCount - 1}`,
    }),
  });
}

const previous = (state: PreviousStanding['state'], sinceAgo: number, over: Partial<PreviousStanding> = {}) => ({
  state,
  since: NOON - sinceAgo,
  ...over,
});

describe('healthy lookalikes are no loops', () => {
  const job = { owner: { apiVersion: 'batch/v1', kind: 'Job', name: 'sync', uid: 'uid-job' }, restartPolicy: 'Never' };
  const quiet: readonly (readonly [string, readonly PodSnapshot[], Partial<LoopInput>?])[] = [
    ['a running pod', [pod([container()])]],
    ['no pods at all', []],
    ['the first crash, restart at once', [pod([crashed(0, SECOND, 45 * SECOND)])]],
    ['one crash, and it holds', [pod([upAfter(1, 30 * SECOND, 45 * SECOND)])]],
    ['two restarts long ago', [pod([upAfter(2, 20 * MINUTE, 45 * SECOND)])]],
    [
      'many restarts over many days, the last after a long run',
      [pod([upAfter(9, MINUTE, 30 * HOUR)], { createdAt: NOON - 400 * HOUR })],
    ],
    ['not ready for long', [pod([container({ ready: false, started: false, state: running(NOON - 9 * MINUTE) })])]],
    ['a completed job', [pod([container({ state: terminated({ exitCode: 0 }) })], { ...job, phase: 'Succeeded' })]],
    ['a job that failed once', [pod([container({ state: terminated() })], { ...job, phase: 'Failed' })]],
    [
      'a bare pod that is not restarted',
      [pod([container({ state: terminated() })], { owner: null, restartPolicy: 'Never', phase: 'Failed' })],
    ],
    [
      'ended well under OnFailure',
      [pod([container({ restartCount: 2, state: terminated({ exitCode: 0 }) })], { restartPolicy: 'OnFailure' })],
    ],
    [
      'a rolling update: old pods end with 143 while they are deleted, new ones are created',
      [
        pod([container({ restartCount: 0, state: terminated({ exitCode: 143 }) })], { deletedAt: NOON }),
        pod([container({ state: waiting('ContainerCreating') })], {
          uid: 'new',
          phase: 'Pending',
          createdAt: NOON - 4 * SECOND,
        }),
      ],
    ],
    [
      'a pod being created',
      [pod([container({ state: waiting('ContainerCreating') })], { phase: 'Pending', createdAt: NOON - 50 * SECOND })],
    ],
    [
      'one failed mount while being created',
      [pod([container({ state: waiting('ContainerCreating') })], { phase: 'Pending', createdAt: NOON - 50 * SECOND })],
      { troubles: new Map([['uid-web-0', { since: NOON - 40 * SECOND, count: 1 }]]) },
    ],
    [
      'a claim about to be bound',
      [
        pod([], {
          phase: 'Pending',
          nodeName: '',
          createdAt: NOON - 10 * SECOND,
          appCount: 1,
          specContainers: [{ name: 'app', type: 'app', image: '' }],
          conditions: [condition('PodScheduled', 'False', 'Unschedulable')],
        }),
      ],
    ],
    [
      'a scheduling gate',
      [
        pod([], {
          phase: 'Pending',
          nodeName: '',
          createdAt: NOON - HOUR,
          appCount: 1,
          specContainers: [{ name: 'app', type: 'app', image: '' }],
          conditions: [condition('PodScheduled', 'False', 'SchedulingGated')],
        }),
      ],
    ],
    [
      'waiting for an init container',
      [
        pod(
          [
            container({
              name: 'init',
              type: 'init',
              restartCount: 4,
              state: waiting('CrashLoopBackOff', message('1m20s')),
            }),
            container({ state: waiting('PodInitializing') }),
          ],
          { phase: 'Pending', createdAt: NOON - HOUR },
        ),
      ],
    ],
    [
      'stopped with its pod by the rule of another container',
      [pod([container({ restartCount: 2, state: terminated({ exitCode: 137, reason: 'RestartingAllContainers' }) })])],
    ],
    [
      'a node that came back: one exit nobody knows about, long after the start',
      [
        pod([
          container({
            restartCount: 1,
            state: running(NOON - 20 * SECOND),
            lastTermination: ended({
              exitCode: 255,
              reason: 'Unknown',
              startedAt: NOON - 90 * HOUR,
              finishedAt: NOON - MINUTE,
            }),
          }),
        ]),
      ],
    ],
  ];
  for (const [what, pods, over = {}] of quiet) {
    it(what, () => {
      expect(stateOf(pods, over)).toBeNull();
    });
  }
});

describe('starting and looping', () => {
  it('is starting with the second crash, whatever word the kubelet shows', () => {
    expect(stateOf([pod([crashed(1, 2 * SECOND, 2 * SECOND, 'terminated')])])).toBe('starting');
    expect(stateOf([pod([crashed(1, 2 * SECOND, 2 * SECOND, 'waiting')])])).toBe('starting');
  });

  it('counts clean exits of a container that is always restarted', () => {
    const clean = container({
      restartCount: 1,
      state: terminated({ exitCode: 0, startedAt: NOON - 5 * SECOND, finishedAt: NOON - SECOND }),
    });
    expect(stateOf([pod([clean])])).toBe('starting');
  });

  it('counts starts that the runtime refused, whose runs have no start', () => {
    const refused = container({
      restartCount: 1,
      state: waiting('RunContainerError', 'no such file'),
      lastTermination: ended({ exitCode: 128, reason: 'StartError', startedAt: null }),
    });
    expect(stateOf([pod([refused])])).toBe('starting');
  });

  it('stays starting while it runs between two early crashes', () => {
    expect(stateOf([pod([upAfter(2, 5 * SECOND, 45 * SECOND)])])).toBe('starting');
  });

  it('is looping with the fifth crash', () => {
    expect(stateOf([pod([crashed(3, SECOND, SECOND)])])).toBe('starting');
    expect(stateOf([pod([crashed(4, SECOND, SECOND)])])).toBe('looping');
  });

  it('is looping where the kubelet names a long wait', () => {
    const resumed = container({
      restartCount: 1,
      state: waiting('CrashLoopBackOff', message('1m20s')),
      lastTermination: ended(),
    });
    expect(stateOf([pod([resumed])])).toBe('looping');
  });

  it('becomes looping five minutes after the first crash, and says when that is', () => {
    const runs = [run(0, 200 * SECOND, 60 * SECOND), run(1, 100 * SECOND, 90 * SECOND)];
    const replica = [pod([crashed(2, SECOND, 80 * SECOND)])];
    const judged = judge(replica, { runs });
    expect(judged.standing).toMatchObject({ state: 'starting', since: NOON - 200 * SECOND, crashes: 3 });
    expect(judged.nextCheckAt).toBe(NOON + 100 * SECOND);
    expect(stateOf(replica, { runs, now: NOON + 100 * SECOND })).toBe('looping');
  });

  it('knows a loop that was there before Unloop, and estimates when it began', () => {
    const standing = judge([pod([crashed(7, 100 * SECOND, 0, 'waiting')], { createdAt: NOON - 100 * HOUR })]).standing;
    expect(standing).toMatchObject({ state: 'looping', crashes: 8, isSinceKnown: false });
    expect(standing?.since).toBe(NOON - (100 + 0 + 10 + 20 + 40 + 80 + 160 + 300) * SECOND);
  });

  it('never dates a loop before its pod', () => {
    expect(judge([pod([crashed(7, 100 * SECOND, 0)], { createdAt: NOON - 8 * MINUTE })]).standing?.since).toBe(
      NOON - 8 * MINUTE,
    );
  });

  it('counts missed restarts', () => {
    const runs = [run(0, 300 * SECOND, SECOND), run(4, 100 * SECOND, SECOND, { missedBefore: 3 })];
    expect(judge([pod([crashed(5, SECOND, SECOND)])], { runs }).standing).toMatchObject({
      state: 'looping',
      crashes: 6,
    });
  });

  it('starts from the crash that follows a long healthy run', () => {
    const runs = [run(0, 9 * HOUR, SECOND), run(1, 20 * SECOND, 9 * HOUR)];
    expect(judge([pod([crashed(2, SECOND, 5 * SECOND)])], { runs }).standing).toMatchObject({
      state: 'starting',
      crashes: 2,
      since: NOON - 20 * SECOND,
    });
  });

  it('counts failing replicas over healthy and leaving ones', () => {
    const standing = judge([
      pod([crashed(5, SECOND, SECOND)], { uid: 'a' }),
      pod([container()], { uid: 'b' }),
      pod([upAfter(3, 5 * SECOND, 20 * SECOND)], { uid: 'c' }),
      pod([crashed(5, SECOND, SECOND)], { uid: 'd', deletedAt: NOON }),
    ]).standing;
    expect(standing).toMatchObject({ failingReplicas: 2, totalReplicas: 3 });
  });

  it('is a loop where the image cannot be pulled any more for the restart', () => {
    const stuck = container({ state: waiting('ImagePullBackOff'), restartCount: 0, lastTermination: ended() });
    expect(stateOf([pod([stuck])])).toBe('starting');
  });

  it('keeps one loop over a rollout that does not help', () => {
    const fresh = pod([crashed(1, SECOND, SECOND)], { uid: 'new' });
    const standing = judge([fresh], { previous: previous('looping', HOUR) }).standing;
    expect(standing).toMatchObject({ state: 'looping', since: NOON - HOUR });
    expect(
      stateOf([pod([container({ state: waiting('ContainerCreating') })], { uid: 'new', createdAt: NOON - SECOND })], {
        previous: previous('looping', HOUR),
      }),
    ).toBe('looping');
  });

  it('judges sidecars and init containers by their own rules', () => {
    const initLoop = pod([container({ name: 'migrate', type: 'init', restartCount: 2, state: terminated() })], {
      phase: 'Pending',
    });
    expect(stateOf([initLoop], { container: 'migrate' })).toBe('starting');
    const sidecar = pod(
      [container({ name: 'proxy', type: 'sidecar', restartCount: 2, state: terminated({ exitCode: 0 }) })],
      { restartPolicy: 'Never' },
    );
    expect(stateOf([sidecar], { container: 'proxy' })).toBe('starting');
    const initDone = pod([
      container({ name: 'migrate', type: 'init', restartCount: 2, state: terminated({ exitCode: 0 }) }),
      container(),
    ]);
    expect(stateOf([initDone], { container: 'migrate' })).toBeNull();
  });
});

describe('holding, recovered, came back', () => {
  const held = (upFor: number) => [pod([upAfter(6, upFor, 45 * SECOND)])];

  it('goes from looping over holding to recovered by time alone', () => {
    const started = NOON - 30 * SECOND;
    const replica = held(30 * SECOND);
    let state: LoopStanding | PreviousStanding = previous('looping', HOUR);
    const seen: (readonly [string, EpochMs])[] = [];
    let now: EpochMs | null = NOON;
    while (now !== null && seen.length < 6) {
      const judged = judge(replica, { now, previous: state });
      if (judged.standing === null) break;
      seen.push([judged.standing.state, now - started]);
      state = judged.standing;
      now = judged.nextCheckAt;
    }
    expect(seen).toEqual([
      ['looping', 30 * SECOND],
      ['holding', 60 * SECOND],
      ['recovered', 600 * SECOND],
    ]);
  });

  it('holds only once it ran longer than it ever did', () => {
    const long = [pod([upAfter(6, 200 * SECOND, 300 * SECOND)])];
    expect(stateOf(long, { previous: previous('looping', HOUR) })).toBe('looping');
    expect(stateOf(long, { previous: previous('looping', HOUR), now: NOON + 110 * SECOND })).toBe('holding');
  });

  it('waits for the youngest replica', () => {
    const pods = [
      pod([upAfter(6, 20 * MINUTE, SECOND)], { uid: 'a' }),
      pod([container({ state: running(NOON - 5 * SECOND) })], { uid: 'b' }),
    ];
    expect(stateOf(pods, { previous: previous('looping', HOUR) })).toBe('looping');
    expect(stateOf(pods, { previous: previous('looping', HOUR), now: NOON + MINUTE })).toBe('holding');
  });

  it('recovers through new pods of a rollout', () => {
    const replaced = [pod([container({ state: running(NOON - 11 * MINUTE) })], { uid: 'new' })];
    const runs = [
      run(5, 12 * MINUTE, 40 * SECOND),
      run(0, 11 * MINUTE, 70 * HOUR, { podUid: 'old-healthy', exitCode: 143 }),
    ];
    expect(stateOf(replaced, { runs, previous: previous('looping', HOUR) })).toBe('recovered');
  });

  it('recovered when it had held, not when somebody looked again', () => {
    expect(judge(held(5 * HOUR), { previous: previous('looping', 6 * HOUR) }).standing).toMatchObject({
      state: 'recovered',
      enteredAt: NOON - 5 * HOUR + 600 * SECOND,
    });
    const rolledBack = [pod([container({ state: running(NOON - 70 * HOUR) })], { uid: 'old-healthy' })];
    const runs = [run(5, 12 * MINUTE, 40 * SECOND)];
    expect(judge(rolledBack, { runs, previous: previous('looping', HOUR) }).standing).toMatchObject({
      state: 'recovered',
      enteredAt: NOON,
    });
  });

  it('loops again when it crashes while holding', () => {
    expect(stateOf([pod([crashed(7, SECOND, 400 * SECOND)])], { previous: previous('holding', HOUR) })).toBe('looping');
  });

  it('finds a loop that holds already when Unloop starts', () => {
    expect(judge(held(5 * MINUTE)).standing).toMatchObject({ state: 'holding', crashes: 6 });
    expect(judge(held(5 * MINUTE)).nextCheckAt).toBe(NOON + 5 * MINUTE);
  });

  it('comes back with the first crash after recovery', () => {
    const back = [pod([crashed(7, SECOND, 2 * HOUR)])];
    const recovered = previous('recovered', 5 * HOUR, { enteredAt: NOON - HOUR });
    const standing = judge(back, { previous: recovered }).standing;
    expect(standing).toMatchObject({ state: 'came-back', since: NOON - SECOND, hasReturned: true });
    const upAgain = [
      pod([
        container({
          restartCount: 8,
          state: running(NOON),
          lastTermination: ended({ startedAt: NOON - 2 * HOUR, finishedAt: NOON - SECOND }),
        }),
      ]),
    ];
    expect(stateOf(upAgain, { previous: standing, now: NOON + 5 * SECOND })).toBe('came-back');
    const holding = judge(upAgain, { previous: standing, now: NOON + 2 * MINUTE }).standing;
    expect(holding?.state).toBe('holding');
    expect(stateOf(upAgain, { previous: holding, now: NOON + 10 * MINUTE })).toBe('recovered');
    const again = [pod([crashed(8, -180 * SECOND, 170 * SECOND)])];
    expect(stateOf(again, { previous: holding, now: NOON + 181 * SECOND })).toBe('came-back');
  });

  it('is forgotten a day after recovery', () => {
    const entered = NOON - 24 * HOUR;
    expect(
      stateOf(held(20 * MINUTE), { previous: previous('recovered', 25 * HOUR, { enteredAt: entered + SECOND }) }),
    ).toBe('recovered');
    expect(
      stateOf(held(20 * MINUTE), { previous: previous('recovered', 25 * HOUR, { enteredAt: entered }) }),
    ).toBeNull();
  });
});

describe('gone', () => {
  it('is gone when no pod replaced the deleted one, after a moment', () => {
    const first = judge([], { previous: previous('looping', HOUR) });
    expect(first.standing).toMatchObject({ state: 'looping', emptySince: NOON });
    expect(first.nextCheckAt).toBe(NOON + 15 * SECOND);
    const second = judge([], { previous: first.standing, now: NOON + 15 * SECOND });
    expect(second.standing).toMatchObject({ state: 'gone', failingReplicas: 0, totalReplicas: 0 });
    expect(judge([], { previous: second.standing, now: NOON + 2 * HOUR }).standing).toBeNull();
  });

  it('is not gone while its pod is being deleted or made anew', () => {
    expect(
      stateOf([pod([crashed(5, SECOND, SECOND)], { deletedAt: NOON })], { previous: previous('looping', HOUR) }),
    ).toBe('looping');
    const first = judge([], { previous: previous('looping', HOUR) }).standing;
    expect(
      stateOf([pod([container({ state: waiting('ContainerCreating') })], { uid: 'new', createdAt: NOON })], {
        previous: first,
        now: NOON + 20 * SECOND,
      }),
    ).toBe('looping');
  });

  it('is the same loop when it returns', () => {
    expect(
      stateOf([pod([crashed(1, SECOND, SECOND)], { uid: 'new' })], {
        previous: previous('gone', 9 * HOUR, { enteredAt: NOON - 8 * HOUR }),
      }),
    ).toBe('came-back');
  });
});

describe('never started', () => {
  const pending = (state: ContainerSnapshot['state'], age: number, over: Partial<PodSnapshot> = {}) => [
    pod([container({ ready: false, started: false, state })], { phase: 'Pending', createdAt: NOON - age, ...over }),
  ];

  it.each([
    'ErrImagePull',
    'ImagePullBackOff',
    'InvalidImageName',
    'ErrImageNeverPull',
    'CreateContainerConfigError',
    'CreateContainerError',
    'SomethingNew',
  ])('is told at once of %s', (reason) => {
    expect(judge(pending(waiting(reason), 3 * SECOND)).standing).toMatchObject({
      state: 'never-started',
      failingReplicas: 1,
      totalReplicas: 1,
      crashes: 0,
    });
  });

  it('is told of a pod without a node after 15 s, once per pod', () => {
    const two = [container({ name: 'app' }), container({ name: 'log' })].map(({ name, type, image }) => ({
      name,
      type,
      image,
    }));
    const stuck = [
      pod([], {
        phase: 'Pending',
        nodeName: '',
        appCount: 2,
        createdAt: NOON - 9 * SECOND,
        specContainers: two,
        conditions: [condition('PodScheduled', 'False', 'Unschedulable')],
      }),
    ];
    expect(judge(stuck)).toMatchObject({ standing: null, nextCheckAt: NOON + 6 * SECOND });
    expect(stateOf(stuck, { now: NOON + 6 * SECOND })).toBe('never-started');
    expect(stateOf(stuck, { container: 'log', now: NOON + 6 * SECOND })).toBeNull();
  });

  it('is told of a volume that cannot be mounted after a minute, or when it fails steadily', () => {
    const creating = pending(waiting('ContainerCreating'), 30 * SECOND);
    const troubles = (count: number) => new Map([['uid-web-0', { since: NOON - 25 * SECOND, count }]]);
    expect(judge(creating, { troubles: troubles(1) })).toMatchObject({
      standing: null,
      nextCheckAt: NOON + 30 * SECOND,
    });
    expect(stateOf(creating, { troubles: troubles(1), now: NOON + 30 * SECOND })).toBe('never-started');
    expect(stateOf(creating, { troubles: troubles(3) })).toBe('never-started');
    // A mount is tried four times in the first eight seconds, which a ConfigMap that comes late may need.
    expect(judge(creating, { troubles: troubles(4), now: NOON - 10 * SECOND })).toMatchObject({
      standing: null,
      nextCheckAt: NOON - 5 * SECOND,
    });
  });

  it('is told of a creation that nothing explains after ten minutes', () => {
    expect(stateOf(pending(waiting('ContainerCreating'), 9 * MINUTE))).toBeNull();
    expect(stateOf(pending(waiting('ContainerCreating'), 10 * MINUTE))).toBe('never-started');
  });

  it('is told of an init container that does not end after five minutes', () => {
    const stuck = (age: number) => [
      pod(
        [
          container({ name: 'wait', type: 'init', state: running(NOON - age) }),
          container({ state: waiting('PodInitializing') }),
        ],
        { phase: 'Pending' },
      ),
    ];
    expect(stateOf(stuck(4 * MINUTE), { container: 'wait' })).toBeNull();
    expect(stateOf(stuck(5 * MINUTE), { container: 'wait' })).toBe('never-started');
    expect(stateOf(stuck(5 * MINUTE))).toBeNull();
  });

  it('is told where the controller may not make a pod', () => {
    expect(stateOf([], { refusedAt: NOON - MINUTE })).toBe('never-started');
  });

  it('holds as soon as it runs and has recovered a minute later', () => {
    const up = [pod([container({ state: running(NOON - 2 * SECOND) })])];
    const holding = judge(up, { previous: previous('never-started', HOUR) }).standing;
    expect(holding?.state).toBe('holding');
    expect(stateOf(up, { previous: holding, now: NOON + MINUTE })).toBe('recovered');
  });
});

describe('jobs whose pods are not restarted', () => {
  const attempt = (endedAgo: number, over: Partial<PodSnapshot> = {}) =>
    pod([container({ state: terminated({ startedAt: NOON - endedAgo - 2 * SECOND, finishedAt: NOON - endedAgo }) })], {
      uid: `job-${endedAgo}`,
      owner: { apiVersion: 'batch/v1', kind: 'Job', name: 'sync', uid: 'uid-job' },
      restartPolicy: 'Never',
      phase: 'Failed',
      ...over,
    });

  it('loops from the second failed pod on', () => {
    expect(judge([attempt(20 * SECOND), attempt(SECOND)]).standing).toMatchObject({
      state: 'starting',
      crashes: 2,
      failingReplicas: 1,
    });
    expect(
      stateOf(
        [400, 390, 370, 330, 250].map((s) => attempt(s * SECOND)),
        { now: NOON - 245 * SECOND },
      ),
    ).toBe('looping');
  });

  it('is gone when the job has given up', () => {
    const failed = [attempt(20 * SECOND), attempt(SECOND)];
    const looping = judge(failed).standing;
    const later = judge(failed, { previous: looping, now: NOON + 10 * MINUTE }).standing;
    expect(later?.state).toBe('gone');
    expect(stateOf(failed, { previous: later, now: NOON + 5 * HOUR })).toBe('gone');
  });

  it('has recovered when a later pod completes', () => {
    const done = pod([container({ state: terminated({ exitCode: 0, finishedAt: NOON }) })], {
      ...attempt(0),
      uid: 'done',
      phase: 'Succeeded',
    });
    const ok = { ...done, app: [container({ state: terminated({ exitCode: 0, finishedAt: NOON }) })] };
    expect(stateOf([attempt(40 * SECOND), attempt(20 * SECOND), ok], { previous: previous('starting', MINUTE) })).toBe(
      'recovered',
    );
  });

  it('is slow where a schedule fails each time', () => {
    expect(stateOf([attempt(2 * HOUR), attempt(HOUR), attempt(MINUTE)])).toBe('slow');
  });

  it('remembers failed pods that were cleaned up', () => {
    const cleaned = [2, 1].map((h) => run(0, h * HOUR, 2 * SECOND, { podUid: `gone-${h}` }));
    expect(stateOf([attempt(MINUTE)], { runs: cleaned })).toBe('slow');
  });
});

describe('slow failures', () => {
  it('is slow with three crashes in a day, each after a long run', () => {
    const runs = [run(0, 6 * HOUR, HOUR), run(1, 3 * HOUR, 3 * HOUR), run(2, SECOND, 3 * HOUR)];
    expect(
      judge([pod([crashed(2, SECOND, 3 * HOUR)], { createdAt: NOON - 8 * HOUR })], { runs }).standing,
    ).toMatchObject({ state: 'slow', crashes: 3, since: NOON - 6 * HOUR });
    expect(stateOf([pod([crashed(1, SECOND, 3 * HOUR)])], { runs: runs.slice(1, 2) })).toBeNull();
  });

  it('knows it from the restarts of a young pod alone', () => {
    expect(stateOf([pod([upAfter(4, 5 * MINUTE, HOUR)], { createdAt: NOON - 6 * HOUR })])).toBe('slow');
  });

  it('is slow where it crashes steadily every other day', () => {
    const runs = [6, 4, 2, 0].map((days, i) => run(i, days * 24 * HOUR, 47 * HOUR));
    expect(stateOf([pod([upAfter(4, MINUTE, 47 * HOUR)], { createdAt: NOON - 200 * HOUR })], { runs })).toBe('slow');
  });

  it('is no slow failure where a fast loop is followed by one crash after a long run', () => {
    const runs = [...[0, 1, 2, 3].map((i) => run(i, (4 - i / 60) * HOUR, SECOND)), run(4, 10 * SECOND, 3 * HOUR)];
    expect(stateOf([pod([upAfter(5, 9 * SECOND, 3 * HOUR)], { createdAt: NOON - 5 * HOUR })], { runs })).toBeNull();
  });

  it('holds when it outlives its longest run, and has recovered at twice that', () => {
    const runs = [run(0, 10 * HOUR, HOUR), run(1, 9 * HOUR, HOUR), run(2, 8 * HOUR, HOUR)];
    const up = (hours: number) => [
      pod([container({ restartCount: 3, state: running(NOON - hours * HOUR), lastTermination: null })], {
        createdAt: NOON - 20 * HOUR,
      }),
    ];
    const before = previous('slow', 10 * HOUR);
    expect(stateOf(up(0.9), { runs, previous: before })).toBe('slow');
    expect(stateOf(up(1.1), { runs, previous: before })).toBe('holding');
    expect(stateOf(up(2.1), { runs, previous: before })).toBe('recovered');
  });
});

describe('evicted pods', () => {
  it('are crashes of their workload', () => {
    const evicted = (ago: number) =>
      pod([], {
        uid: `e${ago}`,
        phase: 'Failed',
        reason: 'Evicted',
        createdAt: NOON - ago - MINUTE,
        conditions: [{ ...condition('Ready', 'False'), at: NOON - ago }],
      });
    const next = pod([container({ state: waiting('ContainerCreating') })], {
      uid: 'next',
      phase: 'Pending',
      createdAt: NOON - SECOND,
    });
    expect(stateOf([evicted(4 * MINUTE), evicted(SECOND), next])).toBe('starting');
    const healthy = pod([container({ state: running(NOON - HOUR) })], { uid: 'next' });
    expect(stateOf([evicted(9 * HOUR), evicted(9 * HOUR - MINUTE), healthy])).toBeNull();
  });
});
