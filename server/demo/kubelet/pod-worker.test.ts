import { describe, expect, test } from 'vitest';
import { type ContainerStatus, isPod, type KubeObject, type Pod } from '@/server/demo/kube-types';
import type { Attempt, Program } from '@/server/demo/program';
import { createSimulation, type Simulation } from '@/server/demo/simulation';
import type { PodPlan } from '@/server/demo/workload';

const OPENED_AT = Date.parse('2026-11-25T12:00:00Z');
const ON_134 = 'worker-2';
const ON_136 = 'worker-1';
const QUIET = { opening: [] };

interface Seen {
  readonly at: number;
  readonly status: ContainerStatus;
  readonly phase: string;
}

/** One pod, watched from its creation at second 1 for a time; every status of `container` as it was written. */
function watchPod(
  node: string,
  plan: Partial<PodPlan> & Pick<PodPlan, 'programs'>,
  seconds: number,
  container = 'app',
): { simulation: Simulation; seen: readonly Seen[]; pod: Pod } {
  const containers = plan.containers ?? [{ name: 'app', image: 'example.com/app:1' }];
  const simulation = createSimulation({
    openedAt: OPENED_AT,
    seed: 11,
    speed: 1,
    scenarios: [
      {
        workloads: [
          {
            kind: 'Pod',
            namespace: 'test',
            name: 'subject',
            at: 1_000,
            placement: [node],
            plan: { ...plan, containers },
          },
        ],
      },
    ],
  });
  const { cluster } = simulation;
  const seen: Seen[] = [];
  cluster.store.subscribe('pods', ({ next }) => {
    if (!next || !isPod(next)) return;
    const all = [...(next.status.initContainerStatuses ?? []), ...(next.status.containerStatuses ?? [])];
    const status = all.find((one) => one.name === container);
    if (status) seen.push({ at: cluster.clock.now, status, phase: next.status.phase });
  });
  simulation.catchUp(OPENED_AT + seconds * 1000);
  const pod = cluster.store.get('pods', 'test', 'subject');
  if (!pod || !isPod(pod)) throw new Error('the pod of the test is gone');
  return { simulation, seen, pod };
}

/** Seconds between each exit and the next start, as the API showed them. */
function waits(seen: readonly Seen[]): readonly number[] {
  const ends = new Map<string, number>();
  const starts: number[] = [];
  for (const { status } of seen) {
    const { state, lastState } = status;
    for (const dead of [state.terminated, lastState.terminated]) {
      if (dead?.finishedAt) ends.set(dead.containerID, Date.parse(dead.finishedAt) / 1000);
    }
    const startedAt = state.running?.startedAt;
    if (startedAt && starts.at(-1) !== Date.parse(startedAt) / 1000) starts.push(Date.parse(startedAt) / 1000);
  }
  const finished = [...ends.values()];
  return starts.slice(1).map((start, index) => start - (finished[index] ?? Number.NaN));
}

function events(simulation: Simulation, reason: string): readonly KubeObject[] {
  return simulation.cluster.store.list('events').filter((event) => event.reason === reason);
}

function crashing(livesMs: number, code = 1): Program {
  return () => ({ kind: 'run', livesMs, exit: { code }, log: QUIET });
}

describe.each([
  // How much later than due a start may be: reference section 1.4, and a second for whole-second times.
  ['a 1.34 kubelet', ON_134, () => 18],
  ['a 1.36 kubelet', ON_136, (nominal: number) => 0.5 * Math.min(nominal, 60) + 3],
] as const)('restarts on %s', (_name, node, slack) => {
  test('wait 0, 10, 20, 40, 80, 160, then 300 seconds', () => {
    const { seen } = watchPod(node, { programs: { app: crashing(2_000) } }, 1_500);
    const observed = waits(seen);
    for (const [index, nominal] of [0, 10, 20, 40, 80, 160, 300, 300].entries()) {
      const wait = observed[index];
      expect(wait, `wait ${index}`).toBeGreaterThanOrEqual(Math.max(0, nominal - 1));
      expect(wait, `wait ${index}`).toBeLessThanOrEqual(nominal === 0 ? 2 : nominal + slack(nominal));
    }
  });

  test('back off after exit 0 as after a failure', () => {
    const { seen, pod } = watchPod(node, { programs: { app: crashing(1_000, 0) } }, 60);
    expect(pod.status.containerStatuses?.[0]?.restartCount).toBe(3);
    expect(seen.some(({ status }) => status.state.terminated?.reason === 'Completed')).toBe(true);
  });

  test('begin anew after a run of more than ten minutes', () => {
    const program: Program = ({ attempt }) => ({
      kind: 'run',
      livesMs: attempt === 3 ? 620_000 : 1_000,
      exit: { code: 1 },
      log: QUIET,
    });
    const observed = waits(watchPod(node, { programs: { app: program } }, 900).seen);
    expect(observed[3]).toBeLessThanOrEqual(2);
    expect(observed[4]).toBeGreaterThanOrEqual(9);
    expect(observed[4]).toBeLessThanOrEqual(10 + slack(10));
  });

  test('may come at once after a probe kill, and name a delay that advanced without a wait', () => {
    const app: Attempt = {
      kind: 'run',
      livesMs: null,
      log: QUIET,
      probeFailures: [{ probe: 'liveness', fromMs: 0, message: 'HTTP probe failed with statuscode: 500' }],
      onTerm: { afterMs: 2_000, code: 137 },
    };
    const containers = [
      {
        name: 'app',
        image: 'example.com/app:1',
        livenessProbe: { tcpSocket: { port: 80 }, periodSeconds: 3, failureThreshold: 2 },
      },
    ];
    const { seen, simulation } = watchPod(node, { containers, programs: { app: () => app } }, 200);
    const observed = waits(seen);
    expect(observed[0]).toBeLessThanOrEqual(2);
    expect(observed[1]).toBeLessThanOrEqual(2);
    expect(observed.some((wait) => wait >= 9)).toBe(true);
    expect(events(simulation, 'Killing').at(0)?.message).toBe('Container app failed liveness probe, will be restarted');
    expect(events(simulation, 'Unhealthy').at(0)?.message).toBe(
      'Liveness probe failed: HTTP probe failed with statuscode: 500',
    );
  });
});

test('a 1.34 kubelet names the delay in CrashLoopBackOff some seconds after the exit', () => {
  const { seen, pod } = watchPod(ON_134, { programs: { app: crashing(1_000) } }, 400);
  const { uid } = pod.metadata;
  const messages = new Set(seen.flatMap(({ status }) => status.state.waiting?.message ?? []));
  for (const delay of ['20s', '40s', '1m20s', '2m40s']) {
    expect(messages).toContain(`back-off ${delay} restarting failed container=app pod=subject_test(${uid})`);
  }
  const terminated = seen.findIndex(({ status }) => status.restartCount === 4 && status.state.terminated !== undefined);
  const waiting = seen.findIndex(({ status }) => status.restartCount === 4 && status.state.waiting !== undefined);
  expect(terminated).toBeGreaterThanOrEqual(0);
  expect(waiting).toBeGreaterThan(terminated);
  expect(seen.at(waiting)?.status.lastState.terminated?.containerID).toBe(seen.at(waiting)?.status.containerID);
});

test('a 1.36 kubelet shows the first three waits as terminated, not as CrashLoopBackOff', () => {
  const { seen } = watchPod(ON_136, { programs: { app: crashing(1_000) } }, 1_000);
  const announcedMs = (restarts: number): number => {
    const own = seen.filter(({ status }) => status.restartCount === restarts);
    const announced = own.find(({ status }) => status.state.waiting !== undefined);
    const next = seen.find(({ status }) => status.restartCount === restarts + 1);
    return announced && next ? next.at - announced.at : 0;
  };
  for (const restarts of [1, 2, 3]) expect(announcedMs(restarts)).toBeLessThan(2_000);
  expect(announcedMs(6)).toBeGreaterThan(150_000);
});

test('a start error leaves a dead instance of 1970, and is backed off like a crash', () => {
  const message = 'exec: "serve": executable file not found in $PATH';
  const { seen, pod } = watchPod(ON_134, { programs: { app: () => ({ kind: 'start-error', message }) } }, 30);
  const status = pod.status.containerStatuses?.[0];
  expect(status?.lastState.terminated).toMatchObject({
    reason: 'StartError',
    exitCode: 128,
    startedAt: '1970-01-01T00:00:00Z',
    message,
  });
  expect(status?.restartCount).toBeGreaterThanOrEqual(1);
  const reasons = new Set(seen.map((one) => one.status.state.waiting?.reason));
  expect(reasons).toContain('RunContainerError');
  expect(reasons).toContain('CrashLoopBackOff');
});

test('a failing image pull alternates between its two reasons and never restarts', () => {
  const program: Program = () => ({ kind: 'pull-error', error: 'not found' });
  const { seen, pod, simulation } = watchPod(ON_136, { programs: { app: program } }, 300);
  const reasons = seen.map(({ status }) => status.state.waiting?.reason);
  const after = reasons.slice(reasons.indexOf('ImagePullBackOff'));
  expect(after).toContain('ErrImagePull');
  expect(pod.status.containerStatuses?.[0]?.restartCount).toBe(0);
  expect(pod.status.phase).toBe('Pending');
  const last = seen.findLast(({ status }) => status.state.waiting?.reason === 'ImagePullBackOff');
  expect(last?.status.state.waiting?.message).toBe(
    'Back-off pulling image "example.com/app:1": ErrImagePull: not found',
  );
  expect(events(simulation, 'BackOff').map((event) => event.type)).toEqual(['Normal']);
});

test('a failing init container keeps the pod pending and the others waiting', () => {
  const initContainers = [{ name: 'migrate', image: 'example.com/migrate:1' }];
  const programs = { migrate: crashing(1_000), app: crashing(1_000) };
  const { pod } = watchPod(ON_134, { initContainers, programs }, 120);
  expect(pod.status.phase).toBe('Pending');
  expect(pod.status.initContainerStatuses?.[0]?.restartCount).toBeGreaterThanOrEqual(3);
  expect(pod.status.containerStatuses?.[0]?.state.waiting?.reason).toBe('PodInitializing');
});

test('a finished init container lets the others run, and a crashing sidecar does not stop them', () => {
  const initContainers = [
    { name: 'proxy', image: 'example.com/proxy:1', restartPolicy: 'Always' as const },
    { name: 'setup', image: 'example.com/setup:1' },
  ];
  const programs = {
    proxy: crashing(1_000),
    setup: crashing(500, 0),
    app: (): Attempt => ({ kind: 'run', livesMs: null, log: QUIET }),
  };
  const { pod } = watchPod(ON_136, { initContainers, programs }, 120);
  const [proxy, setup] = pod.status.initContainerStatuses ?? [];
  expect(setup?.state.terminated?.reason).toBe('Completed');
  expect(pod.status.containerStatuses?.[0]?.ready).toBe(true);
  expect(proxy?.restartCount).toBeGreaterThanOrEqual(3);
  expect(pod.status.conditions?.find((one) => one.type === 'Ready')?.status).toBe('False');
});

test('a volume that cannot be mounted keeps the container from being created, with events', () => {
  const text = 'MountVolume.SetUp failed for volume "conf" : configmap "conf" not found';
  const { pod, simulation } = watchPod(ON_136, { mount: () => text, programs: { app: crashing(1_000) } }, 600);
  expect(pod.status.containerStatuses?.[0]?.state.waiting?.reason).toBe('ContainerCreating');
  const [event] = events(simulation, 'FailedMount');
  expect(event?.message).toBe(text);
  expect(event?.count).toBeGreaterThanOrEqual(8);
});

test('a program that is late for its startup probe is killed by it', () => {
  const containers = [
    {
      name: 'app',
      image: 'example.com/app:1',
      startupProbe: { tcpSocket: { port: 80 }, periodSeconds: 5, failureThreshold: 4 },
    },
  ];
  const program: Program = () => ({ kind: 'run', livesMs: null, log: QUIET, readyAfterMs: 90_000 });
  const { simulation } = watchPod(ON_136, { containers, programs: { app: program } }, 60);
  expect(events(simulation, 'Killing').at(0)?.message).toBe('Container app failed startup probe, will be restarted');
});
