import { afterEach, describe, expect, it, vi } from 'vitest';
import { LOCAL_VIEWER } from '@/lib/domain/viewer';
import { targetFromServer } from '@/server/kubernetes/cluster-targets';
import { FakeApiServer, sendJson } from '@/server/kubernetes/testing/fake-api-server';
import { ClusterPipeline } from '@/server/pipeline/cluster-pipeline';
import { getRunLog } from '@/server/read/get-log';
import { type Runtime, runtimeSlot } from '@/server/runtime-slot';
import { openStore } from '@/server/store/open-store';
import { outageOf } from '@/server/store/outage';
import { ENGINES } from '@/server/store/test-engines';

const CONTAINERS = 200;
const CLUSTER = 'storm';
/** How long the history fails after the last crash; `UNLOOP_OUTAGE_MS=60000` for the long form. */
const OUTAGE_MS = Number(process.env.UNLOOP_OUTAGE_MS ?? 1500);
const WAIT = { timeout: 60_000, interval: 50 };

const names = Array.from({ length: CONTAINERS }, (_, n) => `pod-${n}`);
const idOf = (name: string, crash: number) => `containerd://${name}-${crash}`;
const timeOf = (crash: number) => new Date(Date.UTC(2026, 10, 25, 10, crash)).toISOString();

/** A bare pod whose container has crashed so many times and waits for its next start. */
function podAfter(name: string, crashes: number) {
  const terminated = {
    exitCode: 1,
    reason: 'Error',
    startedAt: timeOf(crashes - 1),
    finishedAt: timeOf(crashes),
    containerID: idOf(name, crashes),
  };
  const isNew = crashes === 0;
  return {
    metadata: { name, namespace: 'shop', uid: `uid-${name}`, creationTimestamp: timeOf(0) },
    spec: { nodeName: `node-${name}`, restartPolicy: 'Always', containers: [{ name: 'app', image: 'shop/app:1' }] },
    status: {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'app',
          image: 'shop/app:1',
          containerID: isNew ? idOf(name, 1) : terminated.containerID,
          restartCount: Math.max(0, crashes - 1),
          ready: false,
          state: isNew ? { running: { startedAt: timeOf(0) } } : { terminated },
          lastState: {},
        },
      ],
    },
  };
}

/** A cluster whose kubelets hold the log of the newest run of each container and no other. */
async function stormCluster() {
  const server = await new FakeApiServer().start();
  const pods = new Map(names.map((name) => [name, podAfter(name, 0)]));
  server.intercept = (_request, response, url) => {
    const [, name, isLog] = /^\/api\/v1\/namespaces\/shop\/pods\/([^/]+)(\/log)?$/.exec(url.pathname) ?? [];
    const pod = pods.get(name ?? '');
    if (!pod) return false;
    if (isLog) response.end(`2026-11-25T10:00:00.000000000Z log of ${pod.status.containerStatuses[0]?.containerID}\n`);
    else sendJson(response, 200, pod);
    return true;
  };
  for (const pod of pods.values()) server.put('pods', pod);
  return {
    server,
    crashAll(crash: number) {
      for (const name of names) {
        const pod = podAfter(name, crash);
        pods.set(name, pod);
        server.put('pods', pod);
      }
    },
  };
}

afterEach(() => vi.restoreAllMocks());

describe.each(ENGINES)('a crash storm of 200 containers while the history on $name fails', (engine) => {
  it('loses no run and no log, shows both meanwhile, and says what is wrong', { timeout: 180_000 }, async () => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const outage = await outageOf(engine);
    const { server, crashAll } = await stormCluster();
    const store = await openStore(outage.options);
    const target = targetFromServer(CLUSTER, server.url);
    const pipeline = new ClusterPipeline(target, store, null);
    runtimeSlot().runtime = { store, clusters: new Map([[CLUSTER, pipeline]]) } as unknown as Runtime;
    try {
      await pipeline.start();
      await vi.waitUntil(() => pipeline.live.isSynced && pipeline.live.pods.size === CONTAINERS, WAIT);
      await outage.begin();
      const { unwritten } = pipeline.live;
      const runs = [1, 2].flatMap((crash) => names.map((name) => ({ name, id: idOf(name, crash) })));
      // What is small may still find room on a full disk.
      const seenRuns = async () => [...unwritten.runs(), ...(await store.recentRuns(CLUSTER, 0).catch(() => []))];
      const logsRead = async () => {
        const ids = (await seenRuns()).filter((run) => run.exitCode !== null).map((run) => run.id);
        const stored = await store.logStates(CLUSTER, ids).catch(() => new Map());
        return new Set(ids.filter((id) => unwritten.log(id) || stored.has(id))).size;
      };
      for (const crash of [1, 2]) {
        crashAll(crash);
        // The kubelet waits 10 s at least before it erases a log by the next crash.
        await vi.waitUntil(async () => (await logsRead()) === crash * CONTAINERS, WAIT);
      }
      await vi.waitUntil(() => pipeline.live.historyTrouble !== null, WAIT);
      expect(pipeline.live.historyTrouble).toMatch(/disk that holds .* is full|database cannot be reached/);
      const [waiting] = [...unwritten.runs()].filter((run) => unwritten.log(run.id));
      if (!waiting) throw new Error('no run waits together with its log');
      const { text } = await getRunLog(
        { viewer: LOCAL_VIEWER },
        { cluster: CLUSTER, namespace: 'shop', pod: waiting.podName, container: 'app', run: waiting.id },
      );
      expect(text).toContain(`log of ${waiting.containerId}`);
      await new Promise((go) => setTimeout(go, OUTAGE_MS));

      await outage.end();
      await vi.waitUntil(() => pipeline.figures().recorderLag === 0, WAIT);
      const recorded = (await store.recentRuns(CLUSTER, 0)).filter((run) => run.exitCode !== null);
      expect(recorded.map((run) => run.containerId).sort()).toEqual(runs.map(({ id }) => id).sort());
      for (const run of recorded) {
        const log = await store.log(CLUSTER, run.id);
        expect(log?.state === 'held' && log.text.head).toContain(`log of ${run.containerId}`);
      }
      await vi.waitUntil(() => pipeline.live.historyTrouble === null, WAIT);
      expect(pipeline.figures().lost).toBe(0);
    } finally {
      await outage.end().catch(() => undefined);
      await pipeline.stop();
      runtimeSlot().runtime = null;
      await store.close();
      await server.stop();
      await outage.drop();
    }
  });
});
