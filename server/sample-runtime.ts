import { pod } from '@/lib/domain/pod-fixture';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import { BrokenRules } from '@/server/loops/broken-rules';
import { DayHours } from '@/server/loops/day-hours';
import { evaluateEntry, isOnBoard } from '@/server/loops/evaluate';
import { type LiveCluster, streamView } from '@/server/loops/live-cluster';
import type { LoopEntry } from '@/server/loops/loop-entry';
import { LoopTable } from '@/server/loops/loop-table';
import { crashed, WEB_GROUP } from '@/server/loops/sample-entries';
import { type Runtime, runtimeSlot } from '@/server/runtime-slot';
import type { Store } from '@/server/store/store';
import { StreamHub } from '@/server/stream/hub';

export const SAMPLE_CLUSTER = 'kind-dev';

const CONFIG: Runtime['config'] = {
  port: 5667,
  host: '127.0.0.1',
  kubeconfig: null,
  contexts: [],
  namespaces: null,
  demo: false,
  dataDir: null,
  isDataDirChosen: false,
  databaseUrl: null,
  home: '/',
  keepMs: 30 * 86_400_000,
  keepBytes: 1024 ** 3,
};

/** A live cluster without a pipeline: Deployment `web` in `shop` loops, and one pod of `billing` is well. Tests only. */
export function sampleLive(
  now: number,
  told: Partial<Pick<LiveCluster, 'watchStates' | 'hours'>> = {},
): LiveCluster & { readonly entry: LoopEntry } {
  const table = new LoopTable();
  const web = crashed(3);
  const calm = pod([], { uid: 'uid-calm', name: 'calm-0', namespace: 'billing', owner: null, templateHash: '' });
  const workload = { kind: 'Deployment', namespace: 'shop', name: 'web' };
  const entry = table.suspected(WEB_GROUP, workload, { name: 'app', type: 'app', image: 'registry.example/app:1' });
  for (const n of [1, 2, 3]) table.seen(entry, crashed(n), now);
  const evaluation = evaluateEntry(entry, [web], { now, serverMinor: 34, nodes: new Map() });
  table.judged(entry, evaluation, isOnBoard(evaluation.standing, now));
  return {
    entry,
    target: { id: SAMPLE_CLUSTER, server: 'https://127.0.0.1:6443', source: 'kubeconfig', problem: null },
    version: 'v1.34.2',
    serverMinor: 34,
    watchStates: [
      {
        resource: 'pods',
        namespace: '*',
        state: 'live',
        text: '',
        since: now,
        attempt: 0,
        lastHeardAt: now,
        nextTryAt: null,
      },
    ],
    isSynced: true,
    get entries() {
      return table.all();
    },
    pods: new Map<string, PodSnapshot>([
      [web.uid, web],
      [calm.uid, calm],
    ]),
    podsOf: (one) => (one === entry ? [web] : []),
    podCounts: new Map([
      ['shop', 1],
      ['billing', 1],
    ]),
    nodes: new Map(),
    hours: new DayHours([]),
    recordedSince: null,
    historyTrouble: null,
    unwritten: { run: () => undefined, runs: () => [], log: () => undefined },
    ...told,
  };
}

/** Puts a runtime in place that holds this cluster and store. Tests only. */
export function placeRuntime(store: Store, live: LiveCluster): void {
  const { runtime } = runtimeSlot();
  if (runtime) throw new Error('a runtime is in place already');
  const hub = new StreamHub(streamView(live));
  const cluster = {
    live,
    hub,
    brokenRules: new BrokenRules(),
    figures: () => ({ podChanges: 0, events: 0, recorderLag: 0, lost: 0 }),
    readLog: async () => ({ state: 'missing', reason: 'the kubelet was not asked' }) as const,
  };
  runtimeSlot().runtime = {
    config: CONFIG,
    store,
    targets: [],
    clusters: new Map([[SAMPLE_CLUSTER, cluster]]),
    closers: new Set(),
    startedAt: 0,
  };
}
