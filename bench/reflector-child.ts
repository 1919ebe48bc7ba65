import { homedir } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { loadClusterTargets } from '@/server/kubernetes/cluster-targets';
import { KubeClient } from '@/server/kubernetes/kube-client';
import { watchCluster } from '@/server/kubernetes/watch-cluster';

const RESOLUTION_MS = 2;
const STEADY_MS = 5_000;

/** The reflector alone: time to the first complete list, memory afterwards, longest block of the event loop. Prints one JSON line. */
const [target] = loadClusterTargets({ kubeconfig: null, contexts: [], env: process.env, home: homedir() });
if (!target) throw new Error('KUBECONFIG names no cluster');
const client = new KubeClient(target);
globalThis.gc?.();
const { rss: rssBefore, heapUsed: heapBefore } = process.memoryUsage();
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delays.enable();
const began = performance.now();
let firstFailingMs: number | null = null;
const watch = watchCluster(
  client,
  { namespaces: null },
  {
    onPod: (_, pod) => {
      if (firstFailingMs === null && pod?.app.some((each) => each.state.kind === 'waiting')) {
        firstFailingMs = performance.now() - began;
      }
    },
    onEvent: () => undefined,
    onSynced: () => void report(performance.now() - began),
    onState: () => undefined,
    onVersion: () => undefined,
  },
);

async function report(ms: number): Promise<void> {
  const blockMs = Math.max(0, delays.max / 1e6 - RESOLUTION_MS);
  const rssSynced = process.memoryUsage.rss();
  await new Promise((resolve) => {
    setTimeout(resolve, STEADY_MS);
  });
  const rssSteady = process.memoryUsage.rss();
  globalThis.gc?.();
  const { heapUsed, rss: rssCollected } = process.memoryUsage();
  const pods = watch.pods.size;
  process.stdout.write(
    `${JSON.stringify({ ms, pods, blockMs, firstFailingMs, rssBefore, rssSynced, rssSteady, rssCollected, heapBefore, heapUsed })}\n`,
  );
  await watch.stop();
}
