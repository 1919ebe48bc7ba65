import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type StreamFrame, StreamFrameSchema } from '@/lib/contract/stream';
import { LOCAL_VIEWER, sightOf } from '@/lib/domain/viewer';
import { targetFromServer } from '@/server/kubernetes/cluster-targets';
import { FakeApiServer, sendJson, sendStatus } from '@/server/kubernetes/testing/fake-api-server';
import { crashingPod, healthyPod, type SamplePod } from '@/server/kubernetes/testing/sample-objects';
import { until } from '@/server/kubernetes/testing/until';
import { rowsOf, statusOf } from '@/server/loops/live-cluster';
import { openStore } from '@/server/store/open-store';
import type { Store } from '@/server/store/store';
import { ClusterPipeline } from './cluster-pipeline';

const POD = '/api/v1/namespaces/shop/pods/web-5d9c7b8f6d-abcde';
const REPLICA_SET = '/apis/apps/v1/namespaces/shop/replicasets/web-5d9c7b8f6d';
const LOG = '2026-11-25T10:05:01Z Error: listen EADDRINUSE: address already in use :::8080\n';

let server: FakeApiServer;
let store: Store;
let pipeline: ClusterPipeline;
let frames: StreamFrame[];

beforeEach(async () => {
  server = await new FakeApiServer().start();
  server.intercept = (_request, response, url) => {
    const pod = server.objects.pods?.get('uid-shop-web-5d9c7b8f6d-abcde');
    if (url.pathname === POD && pod) sendJson(response, 200, pod);
    else if (url.pathname === `${POD}/log`) response.end(LOG);
    else if (url.pathname === REPLICA_SET) sendJson(response, 200, replicaSet());
    else if (/^\/apis\/(apps|batch|discovery|networking)/.test(url.pathname))
      sendStatus(response, 403, 'Forbidden', 'no');
    else return false;
    return true;
  };
  store = await openStore({ databaseUrl: null, dataDir: null });
  pipeline = new ClusterPipeline(targetFromServer('test', server.url), store, null);
  frames = [];
  pipeline.hub.subscribe({
    sight: sightOf(LOCAL_VIEWER, 'test', null),
    send: (text) => {
      const data = /^data: (.*)$/m.exec(text ?? '')?.[1];
      if (data) frames.push(StreamFrameSchema.parse(JSON.parse(data)));
    },
  });
});
afterEach(async () => {
  await pipeline.stop();
  await store.close();
  await server.stop();
});

const replicaSet = () => ({
  metadata: {
    name: 'web-5d9c7b8f6d',
    namespace: 'shop',
    uid: 'rs-1',
    ownerReferences: [
      { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'web', uid: 'r-1', controller: true },
    ],
  },
});
const rows = () => [...rowsOf(pipeline.live)];
const asked = (path: string) => server.requests.filter((request) => request.split('?')[0] === path).length;

/** The pod after one more crash, of a run of its own. */
function crashedAgain(): SamplePod {
  const pod = structuredClone(crashingPod(undefined, undefined, 4));
  const [status] = pod.status.containerStatuses as { containerID: string; lastState: unknown }[];
  if (!status) throw new Error('the sample has no container');
  status.containerID = 'containerd://a4';
  status.lastState = {
    terminated: {
      exitCode: 7,
      reason: 'Error',
      startedAt: '2026-11-25T10:06:00Z',
      finishedAt: '2026-11-25T10:06:02Z',
      containerID: 'containerd://a4',
    },
  };
  return pod;
}

describe('ClusterPipeline', () => {
  it('goes from the bytes of a pod to its row, its log, its owner and its verdict, and asks for each once', async () => {
    server.put('pods', crashingPod());
    for (let n = 0; n < 20; n++) server.put('pods', healthyPod(`calm-${n}`));
    await pipeline.start();
    await until(() => rows()[0]?.verdict);
    expect(pipeline.live.isSynced).toBe(true);
    expect(rows()).toHaveLength(1);
    expect(rows()[0]).toMatchObject({
      workload: { kind: 'Rollout', namespace: 'shop', name: 'web' },
      container: 'app',
      status: 'CrashLoopBackOff',
      restarts: 3,
      replicas: { failing: 1, total: 21 },
      verdict: { cause: 'port-in-use' },
    });
    const runs = await store.runsOfLoop('test', rows()[0]?.id ?? '');
    const run = runs.find(({ exitCode }) => exitCode !== null);
    expect(run).toMatchObject({ restartIndex: 3, loopId: rows()[0]?.id });
    expect(await store.log('test', run?.id ?? '')).toMatchObject({ state: 'held' });
    expect(asked(REPLICA_SET)).toBe(1);
    expect(asked(`${POD}/log`)).toBe(1);
    expect(server.requests.filter((path) => path.includes('calm-'))).toEqual([]);
  });

  it('records a further crash before it tells of it, once', async () => {
    server.put('pods', crashingPod());
    await pipeline.start();
    await until(() => rows()[0]?.workload.kind === 'Rollout');
    frames.length = 0;
    server.put('pods', crashedAgain());
    const told = () => frames.flatMap((frame) => (frame.kind === 'change' ? frame.upserts : []));
    await until(() => told().some((row) => row.restarts === 4));
    const runs = await store.runsOfLoop('test', rows()[0]?.id ?? '');
    expect(runs.map(({ exitCode, restartIndex }) => [restartIndex, exitCode])).toEqual([
      [4, 7],
      [3, -532462766],
    ]);
  });

  it('goes on with what is recorded after a restart, and records nothing twice', async () => {
    server.put('pods', crashingPod());
    await pipeline.start();
    await until(() => rows()[0]?.verdict);
    const [before] = rows();
    await pipeline.stop();
    pipeline = new ClusterPipeline(targetFromServer('test', server.url), store, null);
    await pipeline.start();
    expect(rows()[0]).toMatchObject({ id: before?.id, verdict: before?.verdict, since: before?.since });
    await until(() => pipeline.live.isSynced && pipeline.live.podCounts.get('shop') === 1);
    expect(await store.runsOfLoop('test', before?.id ?? '')).toHaveLength(1);
  });

  it('says what it may not see, and that it is live once it sees', async () => {
    server.mayI = () => false;
    await pipeline.start();
    await until(() => statusOf(pipeline.live, LOCAL_VIEWER).state === 'forbidden');
    expect(rows()).toEqual([]);
    expect(pipeline.live.isSynced).toBe(false);
    expect(frames.at(-1)).toMatchObject({ kind: 'change', cluster: { state: 'forbidden' } });
  });
});
