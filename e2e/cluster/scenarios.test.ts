import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Diagnosis, DiagnosisSchema } from '@/lib/contract/diagnosis';
import { type Loop, LoopsPageSchema } from '@/lib/contract/loop';
import { PodsSchema } from '@/lib/contract/pod';
import { RULES } from '@/lib/diagnosis/registry';
import { pluralOf } from '@/lib/domain/loop';
import { connect, deleteNow, type Kube, listNames, podTable, type TableRow } from './kube';
import { applyScenario, loadScenarios, removeScenarios, type Scenario } from './scenarios';
import { isShownFailing, namespacesWithoutStart } from './shown-failing';
import { describeOnCluster } from './test-cluster';
import { startUnloop, type Unloop } from './unloop-process';
import { waitUntil } from './wait-until';

const APPLY_EVERY_MS = 900;
const LATENCY_MS = 3000;
/**
 * Where kubectl's STATUS says nothing, only an event, which on a healthy start comes too: Unloop waits for the third of its
 * kind, or for the end of the grace of 60 s (lib/domain/start-fault.ts), and a busy kubelet may need as long for the third.
 */
const EVENT_LATENCY_MS = 60_000 + LATENCY_MS;
/** Everything is on the board by then: the slowest fail by a second eviction, or a CronJob's next minute. */
const ALL_SHOWN_MS = 600_000;
const VERDICT_MS = 90_000;
const REMEMBERED_A_LOOK = 4;
/** An init container that runs on and on is told of after five minutes. */
const SILENT_MS = 330_000;

const judged = new Set<string>(RULES.map((rule) => rule.cause));
/**
 * Scenarios whose cause has a rule, healthy ones, and those of no cause. `UNLOOP_ALL_SCENARIOS=1` takes the others too: they
 * show what is still judged `unknown`.
 */
const scenarios = loadScenarios().filter(
  ({ truth }) => process.env.UNLOOP_ALL_SCENARIOS === '1' || truth.cause === null || judged.has(truth.cause),
);
const failing = scenarios.filter((scenario) => scenario.truth.cause !== null);
const healthy = scenarios.filter((scenario) => scenario.truth.cause === null);
const crashing = failing.filter((scenario) => scenario.truth.state === 'looping' && scenario.truth.log !== null);

/** What was seen of one scenario while all were applied. */
interface Sighting {
  kubectlAt: number | null;
  eventAt: number | null;
  boardAt: number | null;
  /** The first crash whose log was held. */
  crash: { readonly runId: string; readonly pod: string; readonly log: string; readonly restarts: number } | null;
}

function path(scenario: Scenario): string {
  const { kind, namespace, name } = scenario.truth.workload;
  return `/loops/${pluralOf(kind)}/${namespace}/${name}`;
}

function isOf(loop: Loop, scenario: Scenario): boolean {
  const { workload, container } = scenario.truth;
  return (
    loop.workload.kind === workload.kind &&
    loop.workload.namespace === workload.namespace &&
    loop.workload.name === workload.name &&
    loop.container === container
  );
}

function restartsOf(pods: readonly TableRow[], scenario: Scenario): number {
  const own = pods.filter((pod) => pod.namespace === scenario.truth.workload.namespace);
  return Math.max(own.length, ...own.map((pod) => Number.parseInt(pod.restarts, 10)));
}

describeOnCluster('workloads that really break', (cluster) => {
  let kube: Kube;
  let unloop: Unloop;
  const seen = new Map<string, Sighting>(
    scenarios.map((s) => [s.id, { kubectlAt: null, eventAt: null, boardAt: null, crash: null }]),
  );
  let turn = 0;
  const sighting = (scenario: Scenario): Sighting => {
    const found = seen.get(scenario.id);
    if (!found) throw new Error(`no scenario ${scenario.id}`);
    return found;
  };
  const loops = async () => (await unloop.read('/loops', LoopsPageSchema)).loops;
  const diagnosis = (scenario: Scenario): Promise<Diagnosis> => unloop.read(path(scenario), DiagnosisSchema);
  const logOf = (scenario: Scenario, pod: string, runId: string) =>
    unloop.get(
      `/api/v1/clusters/${unloop.cluster}/logs/${scenario.truth.workload.namespace}/${pod}/${scenario.truth.container}?run=${encodeURIComponent(runId)}`,
    );

  /** Keeps the first crash whose log Unloop says it holds. */
  async function rememberCrash(scenario: Scenario): Promise<void> {
    const found = sighting(scenario);
    const runs = (await diagnosis(scenario)).runs.filter((run) => run.container === scenario.truth.container);
    const held = runs.find((run) => run.log === 'held' && run.exitCode !== null);
    if (!held) return;
    const response = await logOf(scenario, held.pod, held.id);
    if (!response.ok) throw new Error(`log of ${held.id}: ${response.status} ${await response.text()}`);
    found.crash = {
      runId: held.id,
      pod: held.pod,
      log: await response.text(),
      restarts: restartsOf(await podTable(kube), scenario),
    };
  }

  /** One look at kubectl and at the board, in this order, so that the board is never asked too early. */
  async function look(): Promise<void> {
    const [pods, over] = await Promise.all([podTable(kube), podTable(kube, 'status.phase=Failed')]);
    const silent = await namespacesWithoutStart(kube);
    const now = Date.now();
    const rows = await loops();
    const rowsAt = Date.now();
    for (const scenario of failing) {
      const found = sighting(scenario);
      const { namespace } = scenario.truth.workload;
      const own = (rows: readonly TableRow[]) => rows.filter((pod) => pod.namespace === namespace);
      if (isShownFailing(own(pods), own(over))) found.kubectlAt ??= now;
      if (silent.has(namespace)) found.eventAt ??= now;
      if (rows.some((row) => isOf(row, scenario))) found.boardAt ??= rowsAt;
    }
    // The board alone is asked again for what kubectl shows already: kubectl's own answers take long on a busy node.
    const isAwaited = (one: Scenario) => sighting(one).kubectlAt !== null && sighting(one).boardAt === null;
    for (let again = 0; again < 10 && failing.some(isAwaited); again++) {
      const newer = await loops();
      const newerAt = Date.now();
      for (const one of failing) if (newer.some((row) => isOf(row, one))) sighting(one).boardAt ??= newerAt;
    }
    // A few at a time: the next look must not be late for what this one asks.
    const open = crashing.filter((one) => sighting(one).boardAt !== null && sighting(one).crash === null);
    const some = [...open, ...open]
      .slice(turn % Math.max(1, open.length))
      .slice(0, Math.min(REMEMBERED_A_LOOK, open.length));
    turn += some.length;
    for (const scenario of some) await rememberCrash(scenario);
  }

  beforeAll(async () => {
    kube = connect(cluster.kubeconfig);
    await removeScenarios(kube);
    unloop = await startUnloop({ kubeconfig: cluster.kubeconfig });
  });

  afterAll(async () => {
    await unloop?.stop();
    // Eighty loops would keep the node from what the next suites measure.
    if (kube) await removeScenarios(kube);
    await kube?.close();
  });

  it(
    'puts each on the board within 3 s of kubectl showing it',
    async () => {
      let isApplied = false;
      const applied = (async () => {
        for (const scenario of scenarios) {
          await applyScenario(kube, scenario);
          await after(APPLY_EVERY_MS);
        }
        isApplied = true;
      })();
      await waitUntil(
        'every failing workload is on the board, with a crash whose log is held where it crashes',
        ALL_SHOWN_MS,
        async () => {
          await look();
          return (
            isApplied &&
            failing.every((s) => s.truth.isSilent || sighting(s).boardAt !== null) &&
            crashing.every((s) => sighting(s).crash !== null)
          );
        },
        () => {
          const off = failing.filter((s) => !s.truth.isSilent && sighting(s).boardAt === null).map((s) => s.id);
          const logless = crashing.filter((s) => sighting(s).crash === null).map((s) => s.id);
          return `not on the board: ${off.join(', ') || 'none'}; no log held: ${logless.join(', ') || 'none'}`;
        },
      );
      await applied;
      const delays = failing.flatMap(({ id }) => {
        const { kubectlAt, boardAt } = seen.get(id) ?? { kubectlAt: null, boardAt: null };
        return kubectlAt === null || boardAt === null ? [] : [Math.max(0, boardAt - kubectlAt)];
      });
      delays.sort((a, b) => a - b);
      process.stdout.write(
        `on the board after kubectl: median ${delays[delays.length >> 1]} ms, slowest ${delays.at(-1)} ms, of ${delays.length}\n`,
      );
      const late = failing.flatMap((scenario) => {
        const { kubectlAt, eventAt, boardAt } = sighting(scenario);
        const board = boardAt ?? Number.POSITIVE_INFINITY;
        if (kubectlAt !== null && board - kubectlAt > LATENCY_MS)
          return [`${scenario.id}: ${board - kubectlAt} ms after kubectl`];
        if (kubectlAt === null && eventAt !== null && board - eventAt > EVENT_LATENCY_MS)
          return [`${scenario.id}: ${board - eventAt} ms after its event`];
        return [];
      });
      expect(late).toEqual([]);
    },
    ALL_SHOWN_MS + 60_000,
  );

  it('prints STATUS and RESTARTS as kubectl does, for every pod', async () => {
    const key = (pod: { namespace: string; name: string }) => `${pod.namespace}/${pod.name}`;
    const compared = new Set<string>();
    const differences: string[] = [];
    for (let round = 0; round < 25; round++) {
      // A pod counts where kubectl said the same before and after: what Unloop said in between must be that.
      const early = new Map((await podTable(kube)).map((pod) => [key(pod), pod]));
      await after(500);
      const before = new Map((await podTable(kube)).map((pod) => [key(pod), pod]));
      const { pods } = await unloop.read('/pods', PodsSchema);
      const behind = new Map((await podTable(kube)).map((pod) => [key(pod), pod]));
      const mine = new Map(pods.map((pod) => [key(pod), pod]));
      for (const [name, row] of before) {
        const others = [early.get(name), behind.get(name)];
        const count = (pod: TableRow | undefined) => pod && Number.parseInt(pod.restarts, 10);
        if (others.some((other) => other?.status !== row.status || count(other) !== count(row))) continue;
        const pod = mine.get(name);
        compared.add(name);
        const hasAge = row.restarts.includes('ago');
        if (pod?.status !== row.status || pod.restarts !== count(row) || (pod.lastRestartAt !== null) !== hasAge)
          differences.push(`${name}: kubectl ${row.status} ${row.restarts}, Unloop ${pod?.status} ${pod?.restarts}`);
      }
    }
    expect(differences).toEqual([]);
    expect(compared.size).toBeGreaterThan(scenarios.length * 0.9);
  });

  it.concurrent.for(failing)('says why: $id', { timeout: SILENT_MS + 30_000 }, async (scenario) => {
    const { truth } = scenario;
    const right = truth.cause === null ? [] : [truth.cause, ...truth.also];
    let said = '';
    await waitUntil(
      `the verdict is ${right.join(' or ')} and quotes what decides`,
      truth.isSilent ? SILENT_MS : VERDICT_MS,
      async () => {
        const body = await diagnosis(scenario);
        const loop = body.loops.find((candidate) => isOf(candidate, scenario));
        const best = body.verdicts.find((verdict) => verdict.loopId === loop?.id);
        const cause = best?.cause ?? 'unknown';
        const quoted = [best?.sentence, ...(best?.facts ?? []).flatMap((fact) => [fact.text, fact.value])].join('\n');
        said = `${cause}, ${best?.confidence}: ${quoted}`;
        return right.includes(cause) && (cause === 'unknown' || truth.decisive.some((text) => quoted.includes(text)));
      },
      () => `said ${said}`,
    );
  });

  it.for(healthy)('stays quiet: $id', async (scenario) => {
    const rows = (await loops()).filter((row) => row.workload.namespace === scenario.truth.workload.namespace);
    expect(rows.map((row) => `${row.id} ${row.state} ${row.status}`)).toEqual([]);
  });

  it.concurrent.for(crashing)('keeps a crash log after two more restarts and after the pod: $id', async (scenario) => {
    const { crash } = sighting(scenario);
    if (!crash) throw new Error('no crash was remembered');
    await waitUntil('two more restarts', 280_000, async () => {
      return restartsOf(await podTable(kube), scenario) >= crash.restarts + 2;
    });
    const read = async () => {
      const response = await logOf(scenario, crash.pod, crash.runId);
      return response.ok ? response.text() : `status ${response.status}`;
    };
    expect(crash.log).toContain(scenario.truth.log);
    expect(await read()).toBe(crash.log);
    const pods = `/api/v1/namespaces/${scenario.truth.workload.namespace}/pods`;
    await deleteNow(kube, `${pods}/${crash.pod}`);
    await waitUntil('the pod is gone', 180_000, async () => !(await listNames(kube, pods)).includes(crash.pod));
    expect(await read()).toBe(crash.log);
  });
});
