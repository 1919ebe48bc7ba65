import { beforeAll, describe, expect, test } from 'vitest';
import { type ContainerStatus, isPod, type Pod } from '@/server/demo/kube-types';
import { createSimulation, type Simulation } from '@/server/demo/simulation';
import { DEMO_SCENARIOS } from './demo-scenarios';

const OPENED_AT = Date.parse('2026-11-25T12:00:00Z');
const RESET_MS = 600_000;

function open(speed = 1): Simulation {
  return createSimulation({ openedAt: OPENED_AT, seed: 5, speed, scenarios: DEMO_SCENARIOS });
}

function pods(simulation: Simulation, app?: string): readonly Pod[] {
  const all = simulation.cluster.store.list('pods').filter(isPod);
  return app === undefined ? all : all.filter((pod) => pod.metadata.labels?.['app.kubernetes.io/name'] === app);
}

function statuses(pod: Pod): readonly ContainerStatus[] {
  return [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
}

function runningForMs(status: ContainerStatus | undefined, now: number): number {
  const startedAt = status?.state.running?.startedAt;
  return startedAt === undefined ? 0 : now - Date.parse(startedAt);
}

/** Workloads with a container of which `fits` is true. */
function appsWhere(simulation: Simulation, fits: (status: ContainerStatus, pod: Pod) => boolean): ReadonlySet<string> {
  const fitting = pods(simulation).filter((pod) => statuses(pod).some((status) => fits(status, pod)));
  return new Set(fitting.map((pod) => pod.metadata.labels?.['app.kubernetes.io/name'] ?? pod.metadata.name));
}

describe('the demo cluster, when it opens', () => {
  let simulation: Simulation;
  beforeAll(() => {
    simulation = open();
  }, 60_000);

  test('has at least fourteen failing workloads and twenty-five healthy pods', () => {
    const failing = appsWhere(
      simulation,
      (status) => status.state.waiting !== undefined || (status.restartCount > 0 && !status.ready),
    );
    expect(failing.size).toBeGreaterThanOrEqual(14);
    const healthy = pods(simulation).filter(
      (pod) =>
        pod.status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') &&
        statuses(pod).every((status) => status.restartCount === 0),
    );
    expect(healthy.length).toBeGreaterThanOrEqual(25);
  });

  test('shows mature loops, at the cap of the back-off', () => {
    const capped = appsWhere(
      simulation,
      (status) => status.state.waiting?.message?.startsWith('back-off 5m0s') ?? false,
    );
    for (const app of ['checkout', 'importer', 'metrics-gateway']) expect(capped).toContain(app);
  });

  test('shows the ways in which containers never start', () => {
    const because = (reason: string): ReadonlySet<string> =>
      appsWhere(simulation, (status) => status.state.waiting?.reason === reason);
    expect(because('CreateContainerConfigError')).toEqual(new Set(['nightly-report', 'edge-cache']));
    const unpulled = new Set([...because('ImagePullBackOff'), ...because('ErrImagePull')]);
    expect(unpulled).toEqual(new Set(['storefront', 'geoip-refresh']));
    expect(because('ContainerCreating')).toContain('thumbnailer');
    for (const app of ['trainer', 'warehouse']) {
      const [pod] = pods(simulation, app);
      expect(pod?.status.conditions).toMatchObject([
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable' },
      ]);
    }
  });

  test('shows the ways in which they end', () => {
    const ended = (fits: (code: number, reason: string) => boolean): ReadonlySet<string> =>
      appsWhere(simulation, ({ state, lastState }) =>
        [state.terminated, lastState.terminated].some((dead) => dead !== undefined && fits(dead.exitCode, dead.reason)),
      );
    expect(ended((code, reason) => code === 137 && reason === 'OOMKilled')).toContain('ledger-api');
    expect(ended((code, reason) => code === 137 && reason === 'Error')).toContain('geo-sync');
    expect(ended((code, reason) => code === 128 && reason === 'StartError')).toContain('reindex-worker');
    expect(ended((code, reason) => code === 0 && reason === 'Completed')).toContain('transcode-scheduler');
    expect(ended((code) => code === 143)).toContain('media-api');
    expect(ended((code) => code === 3)).toContain('pdf-render');
    expect(ended((code) => code === 101)).toContain('rate-limiter');
  });

  test('shows loops that hold, two of them about to recover, and one that has only begun', () => {
    const heldMs = (app: string): readonly number[] =>
      pods(simulation, app).map((pod) => runningForMs(statuses(pod)[0], OPENED_AT));
    for (const [app, restarts, from, to] of [
      ['cart', 7, 180_000, 420_000],
      ['gateway', 7, 500_000, RESET_MS],
      ['indexer', 4, 500_000, RESET_MS],
    ] as const) {
      for (const pod of pods(simulation, app)) expect(statuses(pod)[0]?.restartCount, app).toBe(restarts);
      for (const held of heldMs(app)) {
        expect(held, app).toBeGreaterThan(from);
        expect(held, app).toBeLessThan(to);
      }
    }
    for (const pod of pods(simulation, 'rate-limiter')) expect(statuses(pod)[0]?.restartCount).toBe(2);
  });

  test('keeps the good revision beside the bad one', () => {
    const isReady = (pod: Pod): boolean => statuses(pod).every((status) => status.ready);
    for (const app of ['checkout', 'storefront', 'catalog', 'query-gateway']) {
      expect(pods(simulation, app).some(isReady), app).toBe(true);
      expect(
        pods(simulation, app).some((pod) => !isReady(pod)),
        app,
      ).toBe(true);
    }
    const revisions = simulation.cluster.store
      .list('replicasets')
      .filter((set) => set.metadata.labels?.['app.kubernetes.io/name'] === 'checkout')
      .map((set) => set.metadata.annotations?.['deployment.kubernetes.io/revision']);
    expect(new Set(revisions)).toEqual(new Set(['13', '14']));
  });

  test('fails on some nodes only where the node is the cause', () => {
    const nodesOf = (app: string): readonly (string | undefined)[] =>
      pods(simulation, app)
        .filter((pod) => statuses(pod).some((status) => status.restartCount > 0))
        .map((pod) => pod.spec.nodeName)
        .sort();
    expect(nodesOf('log-agent')).toEqual(['worker-2', 'worker-4']);
    expect(nodesOf('ocr')).toEqual(['worker-6']);
  });
});

describe('the demo cluster, while one watches', () => {
  let simulation: Simulation;
  beforeAll(() => {
    simulation = open();
    simulation.catchUp(OPENED_AT + 300_000);
  }, 60_000);

  test('a new revision fails, one loop recovers, and one that had comes back', () => {
    for (const pod of pods(simulation, 'gateway')) {
      expect(runningForMs(statuses(pod)[0], OPENED_AT + 300_000)).toBeGreaterThan(RESET_MS);
    }
    const broken = pods(simulation, 'recommender').filter((pod) => statuses(pod).some((one) => one.restartCount >= 2));
    expect(broken.length).toBeGreaterThan(0);
    expect(statuses(pods(simulation, 'indexer')[0] as Pod)[0]?.restartCount).toBeGreaterThanOrEqual(6);
  });

  test('a Job gives up and takes its pod with it', () => {
    expect(pods(simulation, 'backfill-2026-11')).toHaveLength(0);
    const job = simulation.cluster.store.get('jobs', 'data', 'backfill-2026-11');
    expect(JSON.stringify(job?.status)).toContain('BackoffLimitExceeded');
  });

  test('the slow one fails once more, and starts again at once', () => {
    const [status] = statuses(pods(simulation, 'pdf-render')[0] as Pod);
    expect(status?.restartCount).toBeGreaterThan(20);
    expect(runningForMs(status, OPENED_AT + 300_000)).toBeLessThan(120_000);
  });

  test('the workers of two namespaces recover after their broker', () => {
    simulation.catchUp(OPENED_AT + 900_000);
    for (const app of ['orders-worker', 'invoice-mailer', 'notifications', 'settlement-worker']) {
      for (const pod of pods(simulation, app)) expect(statuses(pod)[0]?.ready, app).toBe(true);
    }
  });

  test('goes on for two hours, with no more objects than it began with', () => {
    const before = simulation.cluster.store.list('pods').length;
    simulation.catchUp(OPENED_AT + 2 * 3_600_000);
    expect(simulation.cluster.store.list('pods').length).toBeLessThan(before + 20);
    expect(simulation.cluster.store.list('events').length).toBeLessThan(1_500);
  }, 60_000);
});

test('equal options give equal clusters, and no written time lies in the future at any speed', () => {
  const left = open(20);
  const right = open(20);
  for (const simulation of [left, right]) simulation.catchUp(OPENED_AT + 30_000);
  expect(JSON.stringify(left.cluster.store.list('pods'))).toBe(JSON.stringify(right.cluster.store.list('pods')));
  // Thirty seconds at twenty times the speed: ten minutes of the stories have happened.
  expect(pods(left, 'recommender').some((pod) => (statuses(pod)[0]?.restartCount ?? 0) >= 5)).toBe(true);
  const starts = pods(left).flatMap((pod) => statuses(pod).flatMap((one) => one.state.running?.startedAt ?? []));
  expect(Math.max(...starts.map((text) => Date.parse(text)))).toBeLessThanOrEqual(OPENED_AT + 30_000);
}, 60_000);
