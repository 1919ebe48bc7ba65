import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Diagnosis, DiagnosisSchema } from '@/lib/contract/diagnosis';
import { PodsSchema } from '@/lib/contract/pod';
import { pluralOf } from '@/lib/domain/loop';
import { formatRestarts } from '@/lib/format/restarts';
import { connect, deleteNow, type Kube, listNames, listUids, podTable, type TableRow } from './kube';
import { applyScenario, loadScenarios, removeScenario, removeScenarios, type Scenario } from './scenarios';
import { isOf, type Lookout, type Sighting, startLookout } from './sightings';
import { describeOnCluster } from './test-cluster';
import { startUnloop, type Unloop } from './unloop-process';
import { waitUntil } from './wait-until';

/** So many scenarios fail at a time: eighty loops at once would keep a node of two cores from running any of them. */
const AT_A_TIME = 16;
const LATENCY_MS = 3000;
/**
 * Where kubectl's STATUS says nothing, only an event, which on a healthy start comes too: Unloop waits for the third of its
 * kind, or for the end of the grace of 60 s (lib/domain/start-fault.ts), and a busy kubelet may need as long for the third.
 */
const EVENT_LATENCY_MS = 60_000 + LATENCY_MS;
/** The slowest fail by a second eviction, or a CronJob's next minute. */
const SHOWN_MS = 300_000;
/** An init container that runs on and on is told of after five minutes. */
const SILENT_MS = 330_000;
const VERDICT_MS = 90_000;
const RESTARTS_MS = 280_000;
const GONE_MS = 180_000;
const COMPARE_EVERY_MS = 1000;
const COMPARED_MS = 60_000;

const scenarios = loadScenarios();
/** The silent first: they last longest. */
const failing = scenarios
  .filter(({ truth }) => truth.cause !== null)
  .toSorted((a, b) => Number(b.truth.isSilent) - Number(a.truth.isSilent));
const healthy = scenarios.filter(({ truth }) => truth.cause === null);

vi.setConfig({ maxConcurrency: AT_A_TIME, testTimeout: SILENT_MS + VERDICT_MS + RESTARTS_MS + GONE_MS + COMPARED_MS });

function path(scenario: Scenario): string {
  const { kind, namespace, name } = scenario.truth.workload;
  return `/loops/${pluralOf(kind)}/${namespace}/${name}`;
}

function restartsOf(pods: readonly TableRow[], scenario: Scenario): number {
  const own = pods.filter((pod) => pod.namespace === scenario.truth.workload.namespace);
  return Math.max(own.length, ...own.map((pod) => Number.parseInt(pod.restarts, 10)));
}

/** `13 (4m ago)` becomes `13 (ago)`. */
function ageless(restarts: string | undefined): string | undefined {
  return restarts?.replace(/\(\S{1,20} ago\)/, '(ago)');
}

/** How late the board was, or null where it was in time. */
function lateness({ kubectlAt, eventAt, boardAt }: Sighting): string | null {
  const board = boardAt ?? Date.now();
  if (kubectlAt !== null) return board - kubectlAt > LATENCY_MS ? `${board - kubectlAt} ms after kubectl` : null;
  return eventAt !== null && board - eventAt > EVENT_LATENCY_MS ? `${board - eventAt} ms after its event` : null;
}

describeOnCluster('workloads that really break', (cluster) => {
  let kube: Kube;
  let unloop: Unloop;
  let lookout: Lookout;
  let open = failing.length;
  /** Namespaces of which a pod was compared with kubectl's line. */
  const compared = new Set<string>();
  const diagnosis = (scenario: Scenario): Promise<Diagnosis> => unloop.read(path(scenario), DiagnosisSchema);

  beforeAll(async () => {
    kube = connect(cluster.kubeconfig);
    await removeScenarios(kube);
    unloop = await startUnloop({ kubeconfig: cluster.kubeconfig });
    for (const scenario of healthy) await applyScenario(kube, scenario);
    lookout = startLookout(kube, unloop, scenarios);
  });

  afterAll(async () => {
    await unloop?.stop();
    // What is left would keep the node from what the next suites measure.
    if (kube) await removeScenarios(kube);
    await kube?.close();
  });

  /** Waits until the board has the row, no later than 3 s after kubectl told of it. */
  async function seeOnBoard(scenario: Scenario): Promise<void> {
    const sighting = lookout.of(scenario);
    await waitUntil('it is on the board', scenario.truth.isSilent ? SILENT_MS : SHOWN_MS, () => {
      return sighting.boardAt !== null || lateness(sighting) !== null;
    });
    expect(lateness(sighting)).toBeNull();
  }

  async function seeWhy(scenario: Scenario): Promise<void> {
    const { cause, also, decisive } = scenario.truth;
    const right = cause === null ? [] : [cause, ...also];
    let said = '';
    await waitUntil(
      `the verdict is ${right.join(' or ')} and quotes what decides`,
      VERDICT_MS,
      async () => {
        const body = await diagnosis(scenario);
        const loop = body.loops.find((candidate) => isOf(candidate, scenario));
        const best = body.verdicts.find((verdict) => verdict.loopId === loop?.id);
        const is = best?.cause ?? 'unknown';
        const quoted = [best?.sentence, ...(best?.facts ?? []).flatMap((fact) => [fact.text, fact.value])].join('\n');
        said = `${is}, ${best?.confidence}: ${quoted}`;
        return right.includes(is) && (is === 'unknown' || decisive.some((text) => quoted.includes(text)));
      },
      () => `said ${said}`,
    );
  }

  /** The crashed run's log is there, and still the same after two more restarts, and after its pod was deleted. */
  async function seeLogKept(scenario: Scenario, text: string): Promise<void> {
    const { container, workload } = scenario.truth;
    const crash = await waitUntil('a crash log is held', VERDICT_MS, async () => {
      const { runs } = await diagnosis(scenario);
      return runs.find((run) => run.container === container && run.log === 'held' && run.exitCode !== null);
    });
    const read = async () => {
      const response = await unloop.get(
        `/api/v1/clusters/${unloop.cluster}/logs/${workload.namespace}/${crash.pod}/${container}?run=${encodeURIComponent(crash.id)}`,
      );
      return response.ok ? response.text() : `status ${response.status}`;
    };
    const log = await read();
    expect(log).toContain(text);
    const restarts = restartsOf(await podTable(kube), scenario);
    await waitUntil('two more restarts', RESTARTS_MS, async () => {
      return restartsOf(await podTable(kube), scenario) >= restarts + 2;
    });
    expect(await read()).toBe(log);
    const pods = `/api/v1/namespaces/${workload.namespace}/pods`;
    await deleteNow(kube, `${pods}/${crash.pod}`);
    await waitUntil('the pod is gone', GONE_MS, async () => !(await listUids(kube, pods)).includes(crash.podUid));
    expect(await read()).toBe(log);
  }

  /** No scenario goes before a pod of it was compared, where it has pods at all. */
  async function seeCompared(scenario: Scenario): Promise<void> {
    const { namespace } = scenario.truth.workload;
    await waitUntil('its STATUS was compared with kubectl', COMPARED_MS, async () => {
      if (compared.has(namespace)) return true;
      return (await listNames(kube, `/api/v1/namespaces/${namespace}/pods`)).length === 0;
    });
  }

  it.concurrent('prints STATUS and RESTARTS as kubectl does, for every pod, all the while', async () => {
    const key = (pod: { namespace: string; name: string }) => `${pod.namespace}/${pod.name}`;
    const count = (pod: TableRow | undefined) => pod && Number.parseInt(pod.restarts, 10);
    const differences: string[] = [];
    while (open > 0) {
      // A pod counts where kubectl said the same before and after: what Unloop said in between must be that.
      const early = new Map((await podTable(kube)).map((pod) => [key(pod), pod]));
      await after(500);
      const before = new Map((await podTable(kube)).map((pod) => [key(pod), pod]));
      const { pods } = await unloop.read('/pods', PodsSchema);
      const behind = new Map((await podTable(kube)).map((pod) => [key(pod), pod]));
      const mine = new Map(pods.map((pod) => [key(pod), pod]));
      for (const [name, row] of before) {
        const others = [early.get(name), behind.get(name)];
        if (others.some((other) => other?.status !== row.status || count(other) !== count(row))) continue;
        const pod = mine.get(name);
        compared.add(row.namespace);
        const last = pod?.lastRestartAt ? Date.parse(pod.lastRestartAt) : null;
        const restarts = pod && formatRestarts(pod.restarts, last, Date.now());
        // The age in brackets goes on while both are asked: whether there is one must agree.
        const isSame = pod?.status === row.status && ageless(restarts) === ageless(row.restarts);
        if (!isSame)
          differences.push(`${name}: kubectl ${row.status} ${row.restarts}, Unloop ${pod?.status} ${restarts}`);
      }
      await after(COMPARE_EVERY_MS);
    }
    expect(differences).toEqual([]);
    expect(healthy.filter((scenario) => !compared.has(scenario.truth.workload.namespace))).toEqual([]);
  });

  it.concurrent.for(failing)('is on the board in time, says why, keeps the log: $id', async (scenario) => {
    const { state, log } = scenario.truth;
    try {
      await applyScenario(kube, scenario);
      await seeOnBoard(scenario);
      await seeWhy(scenario);
      if (state === 'looping' && log !== null) await seeLogKept(scenario, log);
      await seeCompared(scenario);
    } finally {
      open--;
      await removeScenario(kube, scenario);
    }
  });

  it('was on the board within 3 s of kubectl for as many as kubectl told of', async () => {
    await lookout.stop();
    const delays = failing.flatMap((scenario) => {
      const { kubectlAt, boardAt } = lookout.of(scenario);
      return kubectlAt === null || boardAt === null ? [] : [Math.max(0, boardAt - kubectlAt)];
    });
    delays.sort((a, b) => a - b);
    process.stdout.write(
      `on the board after kubectl: median ${delays[delays.length >> 1]} ms, slowest ${delays.at(-1)} ms, of ${delays.length}\n`,
    );
    expect(delays.length).toBeGreaterThan(40);
    expect(delays.at(-1)).toBeLessThanOrEqual(LATENCY_MS);
  });

  it('stayed quiet about healthy workloads', () => {
    expect([...lookout.falseAlarms]).toEqual([]);
  });
});
