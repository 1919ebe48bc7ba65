import { afterAll, beforeAll, expect, it } from 'vitest';
import { DiagnosisSchema, type RunBody } from '@/lib/contract/diagnosis';
import { pluralOf } from '@/lib/domain/loop';
import { connect, type Kube, podTable } from './kube';
import { applyScenario, loadScenarios, type Scenario } from './scenarios';
import { describeOnCluster } from './test-cluster';
import { newDataDirectory, startUnloop, type Unloop } from './unloop-process';
import { waitUntil } from './wait-until';

const scenarios = loadScenarios([
  'app-exception',
  'bad-argument',
  'bad-command-shell',
  'data-corrupt',
  'env-missing-shell',
  'exits-early',
  'file-missing',
  'init-failing',
  'missing-module-python',
  'sidecar-crash',
]);

describeOnCluster('Unloop killed in the middle of ten loops', (cluster) => {
  const data = newDataDirectory();
  let kube: Kube;
  let unloop: Unloop;

  const runsOf = async (scenario: Scenario): Promise<readonly RunBody[]> => {
    const { kind, namespace, name } = scenario.truth.workload;
    const body = await unloop.read(`/loops/${pluralOf(kind)}/${namespace}/${name}`, DiagnosisSchema);
    return body.runs.filter((run) => run.container === scenario.truth.container);
  };
  const ended = (runs: readonly RunBody[]) => runs.filter((run) => run.exitCode !== null);
  const restarts = async (scenario: Scenario) => {
    const own = (await podTable(kube)).filter((pod) => pod.namespace === scenario.truth.workload.namespace);
    return Math.max(0, ...own.map((pod) => Number.parseInt(pod.restarts, 10)));
  };

  beforeAll(async () => {
    kube = connect(cluster.kubeconfig);
    for (const scenario of scenarios) await applyScenario(kube, scenario);
    unloop = await startUnloop({ kubeconfig: cluster.kubeconfig, data });
  });

  afterAll(async () => {
    await unloop?.stop();
    await kube?.close();
  });

  it('loses no acknowledged crash, doubles none, and says what it missed', async () => {
    await waitUntil('all ten loop', 120_000, async () => {
      const all = await Promise.all(scenarios.map((scenario) => runsOf(scenario)));
      return all.every((runs) => ended(runs).length >= 2);
    });
    const atKill = new Map<string, number>();
    for (const scenario of scenarios) atKill.set(scenario.id, await restarts(scenario));
    const acknowledged = new Map<string, readonly RunBody[]>();
    await Promise.all(scenarios.map(async (s) => acknowledged.set(s.id, ended(await runsOf(s)))));
    await unloop.kill();

    const jumped = new Set<string>();
    await waitUntil('five of them crash three times more', 180_000, async () => {
      for (const scenario of scenarios)
        if ((await restarts(scenario)) >= (atKill.get(scenario.id) ?? 0) + 3) jumped.add(scenario.id);
      return jumped.size >= 5;
    });
    unloop = await startUnloop({ kubeconfig: cluster.kubeconfig, data });

    for (const scenario of scenarios) {
      const known = acknowledged.get(scenario.id) ?? [];
      const newest = Math.max(...known.map((run) => run.restartIndex));
      const runs = await waitUntil(`${scenario.id} goes on`, 90_000, async () => {
        const now = await runsOf(scenario);
        return ended(now).some((run) => run.restartIndex > newest) ? now : null;
      });
      for (const run of known) {
        const same = runs.find((other) => other.id === run.id);
        expect(same, `${scenario.id}: crash ${run.restartIndex} of ${run.pod}`).toMatchObject({
          exitCode: run.exitCode,
          startedAt: run.startedAt,
          finishedAt: run.finishedAt,
          restartIndex: run.restartIndex,
        });
        if (run.log === 'held') expect(same?.log).toBe('held');
      }
      expect(new Set(runs.map((run) => run.id)).size).toBe(runs.length);
      for (const podUid of new Set(runs.map((run) => run.podUid))) {
        const life = runs.filter((run) => run.podUid === podUid).sort((a, b) => a.restartIndex - b.restartIndex);
        const told = life.map((run) => `${run.restartIndex}${run.missedBefore ? ` (${run.missedBefore} missed)` : ''}`);
        for (const [at, run] of life.entries()) {
          const previous = life[at - 1];
          if (!previous) continue;
          expect(run.restartIndex, `${scenario.id}: ${run.id} stands once`).toBeGreaterThan(previous.restartIndex);
          expect(run.missedBefore, `${scenario.id}: missed before ${run.restartIndex} of ${told.join(', ')}`).toBe(
            run.restartIndex - previous.restartIndex - 1,
          );
        }
        const isJump = jumped.has(scenario.id) && known.some((run) => run.podUid === podUid);
        if (isJump) expect(life.some((run) => run.missedBefore > 0)).toBe(true);
      }
    }
  });
});
