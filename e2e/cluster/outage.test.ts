import { afterAll, beforeAll, expect, it } from 'vitest';
import { ClustersSchema } from '@/lib/contract/cluster';
import { LoopsPageSchema } from '@/lib/contract/loop';
import { PodsSchema } from '@/lib/contract/pod';
import { type StoppedApiServer, stopApiServer } from './api-server';
import { connect, type Kube, podTable } from './kube';
import { applyScenario, loadScenarios } from './scenarios';
import { openStream, type StreamReader } from './stream-reader';
import { describeOnCluster } from './test-cluster';
import { startUnloop, type Unloop } from './unloop-process';
import { waitUntil } from './wait-until';

const OUTAGE_MS = 60_000;
const SAID_MS = 5000;

const scenarios = loadScenarios(['app-exception', 'env-missing-shell', 'bad-command-shell']);

describeOnCluster('an API server that goes away', (cluster) => {
  let kube: Kube;
  let unloop: Unloop;
  let stream: StreamReader;
  let stopped: StoppedApiServer | null = null;

  const state = async () => {
    const { clusters } = ClustersSchema.parse(await (await unloop.get('/api/v1/clusters')).json());
    return clusters[0];
  };
  /** The cluster's state as the open page knows it. */
  const streamed = () =>
    stream.frames
      .flatMap(({ frame }) =>
        (frame.kind === 'change' || frame.kind === 'hello') && frame.cluster ? [frame.cluster] : [],
      )
      .at(-1);

  beforeAll(async () => {
    kube = connect(cluster.kubeconfig);
    for (const scenario of scenarios) await applyScenario(kube, scenario);
    unloop = await startUnloop({ kubeconfig: cluster.kubeconfig });
    stream = await openStream(`${unloop.url}/api/v1/clusters/${unloop.cluster}/stream`);
    await waitUntil('the loops are on the board', 90_000, async () => {
      const { loops } = await unloop.read('/loops', LoopsPageSchema);
      return scenarios.every((s) => loops.some((loop) => loop.workload.namespace === s.truth.workload.namespace));
    });
  });

  afterAll(async () => {
    stopped?.start();
    stream?.close();
    await unloop?.stop();
    await kube?.close();
  });

  it.skipIf(cluster.tools === null)('is said within 5 s, and all is right within 5 s of its return', async () => {
    if (cluster.tools === null) return;
    const before = await unloop.read('/loops', LoopsPageSchema);
    stopped = stopApiServer(cluster.kubeconfig, cluster.tools);
    const stoppedAt = Date.now();
    const said = await waitUntil(
      'API and open page say that the cluster is away',
      SAID_MS,
      async () => {
        const now = await state();
        return now && now.state !== 'live' && streamed()?.state === now.state ? now : null;
      },
      () => `the page says ${streamed()?.state}`,
    );
    expect(said.reason).toBeTruthy();

    await waitUntil('the outage lasts a minute', OUTAGE_MS + 10_000, async () => {
      const page = await unloop.read('/loops', LoopsPageSchema);
      expect(page.loops.length).toBeGreaterThanOrEqual(before.loops.length);
      return Date.now() - stoppedAt >= OUTAGE_MS;
    });

    stopped.start();
    stopped = null;
    await waitUntil('kubectl works again', 60_000, async () => (await podTable(kube)).length > 0);
    let told = '';
    await waitUntil(
      'everything is right again, without a reload',
      SAID_MS,
      async () => {
        const first = await podTable(kube);
        const { pods } = await unloop.read('/pods', PodsSchema);
        const second = await podTable(kube);
        const wrong = first.filter((row) => {
          const later = second.find((other) => other.namespace === row.namespace && other.name === row.name);
          if (later?.status !== row.status) return false;
          const mine = pods.find((pod) => pod.namespace === row.namespace && pod.name === row.name);
          return mine?.status !== row.status || mine.restarts !== Number.parseInt(row.restarts, 10);
        });
        const now = await state();
        told = `${wrong.length} pods are wrong, the API says ${now?.state} (${now?.reason}), the page says ${streamed()?.state}`;
        return wrong.length === 0 && now?.state === 'live' && streamed()?.state === 'live';
      },
      () => `${told}; ${unloop.output()}`,
    );
    expect(stream.isOver()).toBe(false);
  });
});
