import { afterAll, beforeAll, expect, it } from 'vitest';
import { ClustersSchema } from '@/lib/contract/cluster';
import { DiagnosisSchema, type RunBody } from '@/lib/contract/diagnosis';
import type { Loop } from '@/lib/contract/loop';
import { retrySlackMs } from '@/lib/domain/restart-window';
import { applyManifest, connect, type Kube } from './kube';
import { openStream, type StreamReader } from './stream-reader';
import { describeOnCluster } from './test-cluster';
import { startUnloop, type Unloop } from './unloop-process';
import { waitUntil } from './wait-until';

const NAMESPACE = 'waits';
/** Seconds that each container lives before it exits 1. */
const LIVES = [0, 2, 4, 7, 11];
const WAITS = 12;
/** Kubernetes cuts times to whole seconds. */
const ROUNDING_MS = 1_000;

const manifest = [
  `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${NAMESPACE} }`,
  ...LIVES.map(
    (seconds) => `apiVersion: v1
kind: Pod
metadata: { name: lives-${seconds}, namespace: ${NAMESPACE} }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: main
      image: 127.0.0.1:5000/unloop/base:1
      command: [sh, -c, "sleep ${seconds}; exit 1"]`,
  ),
].join('\n---\n');

interface ShownWait {
  readonly window: NonNullable<Loop['nextRestart']>;
  readonly endedAt: number;
  readonly startedAt: number;
}

/** The last window that was shown for each wait before the next start, with that start. */
function shownWaits(stream: StreamReader, runs: readonly RunBody[]): readonly ShownWait[] {
  const waits: ShownWait[] = [];
  const inOrder = [...runs].sort((a, b) => a.restartIndex - b.restartIndex);
  for (const [at, run] of inOrder.entries()) {
    const next = inOrder[at + 1];
    if (!run.finishedAt || !next?.startedAt || next.restartIndex !== run.restartIndex + 1) continue;
    const startedAt = Date.parse(next.startedAt);
    const rows = stream.frames
      .filter((one) => one.at < startedAt + ROUNDING_MS)
      .flatMap(({ frame }): readonly Loop[] =>
        frame.kind === 'change' ? frame.upserts : frame.kind === 'snapshot' ? frame.page.loops : [],
      )
      .filter((row) => row.id === run.loopId && row.nextRestart && row.lastExit?.finishedAt === run.finishedAt);
    const window = rows.at(-1)?.nextRestart;
    if (window) waits.push({ window, endedAt: Date.parse(run.finishedAt), startedAt });
  }
  return waits;
}

describeOnCluster('the next restart, as the board announces it', (cluster) => {
  let kube: Kube;
  let unloop: Unloop;
  let stream: StreamReader;

  const waits = async (): Promise<readonly ShownWait[]> => {
    const all = await Promise.all(
      LIVES.map(async (seconds) => {
        const { runs } = await unloop.read(`/loops/pods/${NAMESPACE}/lives-${seconds}`, DiagnosisSchema);
        return shownWaits(stream, runs);
      }),
    );
    return all.flat();
  };

  beforeAll(async () => {
    kube = connect(cluster.kubeconfig);
    unloop = await startUnloop({ kubeconfig: cluster.kubeconfig });
    stream = await openStream(`${unloop.url}/api/v1/clusters/${encodeURIComponent(unloop.cluster)}/stream`);
    await applyManifest(kube, manifest);
  });

  afterAll(async () => {
    stream?.close();
    await unloop?.stop();
    await kube?.request('DELETE', `/api/v1/namespaces/${NAMESPACE}`);
    await kube?.close();
  });

  it(`holds the real start in at least 95 % of ${WAITS} or more waits, and is no wider than the kubelet's own slack`, async () => {
    const seen = await waitUntil(`${WAITS} waits are over`, 420_000, async () => {
      const now = await waits();
      return now.length >= WAITS ? now : null;
    });
    const { clusters } = ClustersSchema.parse(await (await unloop.get('/api/v1/clusters')).json());
    const minor = Number(/^v1\.(\d+)/.exec(clusters[0]?.version ?? '')?.[1]);
    const told = seen.map(({ window, endedAt, startedAt }) => ({
      waitedS: (startedAt - endedAt) / 1000,
      shownS: [(Date.parse(window.from) - endedAt) / 1000, (Date.parse(window.to) - endedAt) / 1000],
      holds: startedAt >= Date.parse(window.from) && startedAt <= Date.parse(window.to),
    }));
    process.stdout.write(`shown windows on 1.${minor}: ${JSON.stringify(told)}\n`);
    const outside = told.filter((wait) => !wait.holds);
    expect(outside.length / told.length, JSON.stringify(outside)).toBeLessThanOrEqual(0.05);
    for (const { window, endedAt } of seen) {
      const from = Date.parse(window.from);
      const nominalMs = from + ROUNDING_MS - endedAt;
      const widthMs = Date.parse(window.to) - from;
      expect(widthMs).toBeLessThanOrEqual(retrySlackMs(minor, nominalMs, true) + ROUNDING_MS);
    }
  });
});
