import type { Loop, LoopsPage, Totals } from '@/lib/contract/loop';
import { CAUSES, type CauseId } from '@/lib/domain/causes';
import { type LoopState, loopId } from '@/lib/domain/loop';

/** The moment that the example page shows, in epoch milliseconds: 2026-11-12T14:02:31Z. */
export const EXAMPLE_NOW = Date.parse('2026-11-12T14:02:31.000Z');

interface Row {
  readonly state?: LoopState;
  readonly kind?: string;
  readonly ns: string;
  readonly name: string;
  readonly container?: string;
  readonly init?: boolean;
  readonly cause: CauseId;
  readonly sure?: 'certain' | 'likely' | 'possible';
  readonly what: string;
  readonly status?: string;
  readonly restarts: number;
  /** Seconds since the last exit. */
  readonly exited?: number;
  readonly exit?: number;
  readonly reason?: string;
  /** Seconds from now until the window opens; below -18 it is past. */
  readonly next?: number;
  /** Seconds the run that is alive has lived. */
  readonly running?: number;
  readonly failing: number;
  readonly total: number;
  /** Seconds since the first crash. */
  readonly since: number;
  readonly change?: string;
  readonly node?: string;
}

const ROWS: readonly Row[] = [
  ...(
    [
      ['shop', 'orders-worker'],
      ['shop', 'email-worker'],
      ['billing', 'invoice-worker'],
      ['billing', 'webhook-dispatcher'],
    ] as const
  ).map(
    ([ns, name], index): Row => ({
      ns,
      name,
      cause: 'dependency-refused',
      sure: 'likely',
      what: 'rabbitmq refuses connections',
      restarts: 6,
      exited: 71 + index,
      next: 228,
      failing: index === 0 ? 3 : 2,
      total: index === 0 ? 3 : 2,
      since: 488 - index,
      change: 'rabbitmq rev 9, 48s before',
    }),
  ),
  {
    ns: 'payments',
    name: 'ledger-api',
    cause: 'oom-killed',
    what: 'killed at its memory limit, 512Mi',
    restarts: 7,
    exited: 134,
    exit: 137,
    reason: 'OOMKilled',
    next: 165,
    failing: 4,
    total: 4,
    since: 1029,
    change: 'rev 42, 3m5s before',
  },
  {
    ns: 'media',
    name: 'media-api',
    container: 'api',
    cause: 'probe-too-early',
    sure: 'likely',
    what: 'liveness probe kills a slow start',
    status: 'Running',
    restarts: 6,
    exited: 187,
    exit: 137,
    running: 21,
    failing: 2,
    total: 2,
    since: 723,
    change: 'rev 7, 1m20s before',
  },
  {
    ns: 'data',
    name: 'geo-sync',
    cause: 'unknown',
    sure: 'possible',
    what: 'unknown: SIGKILL, no OOM, no probe',
    restarts: 18,
    exited: 400,
    exit: 137,
    next: -101,
    failing: 1,
    total: 1,
    since: 4483,
    change: 'none in 7d',
  },
  {
    state: 'never-started',
    kind: 'CronJob',
    ns: 'data',
    name: 'nightly-report',
    cause: 'config-ref-missing',
    what: 'Secret smtp has no PASSWORD',
    status: 'CreateContainerConfigError',
    restarts: 0,
    failing: 1,
    total: 1,
    since: 7347,
    change: 'secret/smtp, 18h before',
  },
  {
    kind: 'DaemonSet',
    ns: 'observability',
    name: 'log-agent',
    container: 'fluent-bit',
    cause: 'config-syntax',
    what: 'fluent-bit.conf line 31 is invalid',
    restarts: 24,
    exited: 220,
    next: 79,
    failing: 3,
    total: 12,
    since: 6122,
    change: 'cm/log-agent, 22s before',
  },
  {
    ns: 'shop',
    name: 'checkout',
    cause: 'env-missing',
    what: 'DATABASE_URL is not set',
    restarts: 13,
    exited: 248,
    next: 51,
    failing: 2,
    total: 3,
    since: 2769,
    change: 'rev 14, 2m40s before',
  },
  {
    state: 'starting',
    ns: 'ml',
    name: 'recommender',
    cause: 'app-exception',
    sure: 'likely',
    what: 'panics in loadModel: nil map',
    status: 'Error',
    restarts: 2,
    exited: 28,
    exit: 2,
    next: 10,
    failing: 1,
    total: 6,
    since: 32,
    change: 'rev 203, 14s before',
  },
  {
    state: 'came-back',
    kind: 'StatefulSet',
    ns: 'search',
    name: 'catalog-index',
    cause: 'kernel-limit',
    what: 'vm.max_map_count is too low',
    restarts: 4,
    exited: 62,
    exit: 78,
    next: 17,
    failing: 1,
    total: 3,
    since: 196,
    change: 'to worker-9, 31s before',
  },
  {
    state: 'never-started',
    ns: 'shop',
    name: 'storefront',
    cause: 'image-not-found',
    what: 'tag 5.2.0-rc1 does not exist',
    status: 'ImagePullBackOff',
    restarts: 0,
    failing: 1,
    total: 6,
    since: 1331,
    change: 'rev 88, 4s before',
  },
  {
    ns: 'shop',
    name: 'catalog',
    container: 'migrate',
    init: true,
    cause: 'migration-failed',
    what: 'dirty schema version 47',
    status: 'Init:CrashLoopBackOff',
    restarts: 11,
    exited: 110,
    next: 189,
    failing: 1,
    total: 2,
    since: 2034,
    change: 'rev 19, 41s before',
  },
  {
    ns: 'ml',
    name: 'ocr',
    cause: 'wrong-architecture',
    what: 'amd64 image on arm64 node',
    restarts: 37,
    exited: 291,
    exit: 255,
    next: 8,
    failing: 1,
    total: 3,
    since: 10192,
    change: 'to worker-11, 12s before',
    node: 'worker-11',
  },
  {
    state: 'slow',
    ns: 'media',
    name: 'pdf-render',
    cause: 'heap-exhausted',
    sure: 'likely',
    what: 'heap full at 2.0 GiB every 52m',
    status: 'Running',
    restarts: 41,
    exited: 1635,
    exit: 134,
    running: 1633,
    failing: 1,
    total: 3,
    since: 129600,
    change: 'none in 7d',
  },
  {
    state: 'holding',
    ns: 'shop',
    name: 'cart',
    cause: 'bad-credentials',
    sure: 'likely',
    what: 'redis rejected its password',
    status: 'Running',
    restarts: 8,
    exited: 691,
    running: 391,
    failing: 0,
    total: 2,
    since: 1370,
    change: 'secret/redis, then held',
  },
  {
    state: 'recovered',
    ns: 'edge',
    name: 'gateway',
    cause: 'bad-argument',
    what: 'port 84430 is out of range',
    status: 'Running',
    restarts: 5,
    exited: 11520,
    running: 11500,
    failing: 0,
    total: 3,
    since: 12060,
    change: 'rev 31 ended it',
  },
  {
    state: 'gone',
    kind: 'Job',
    ns: 'data',
    name: 'backfill',
    cause: 'app-exception',
    what: 'KeyError: tenant_id',
    status: 'Error',
    restarts: 6,
    exited: 2443,
    failing: 0,
    total: 1,
    since: 2825,
    change: 'backoffLimit 6 reached',
  },
];

/** The 19 loops of the example page as seen at `now` (epoch milliseconds). */
export function exampleLoops(now: number = EXAMPLE_NOW): Loop[] {
  return ROWS.map((row) => toLoop(row, now));
}

function toLoop(row: Row, now: number): Loop {
  const at = (secondsAgo: number): string => new Date(now - secondsAgo * 1000).toISOString();
  const workload = { kind: row.kind ?? 'Deployment', namespace: row.ns, name: row.name };
  const container = row.container ?? row.name;
  const { cause } = row;
  return {
    id: loopId(workload, container),
    workload,
    container,
    containerType: row.init ? 'init' : 'app',
    state: row.state ?? 'looping',
    status: row.status ?? 'CrashLoopBackOff',
    restarts: row.restarts,
    lastRestartAt: row.exited === undefined ? null : at(row.exited),
    pod: `${row.name}-7d9f8b6c5-x2x4q`,
    replicas: { failing: row.failing, total: row.total },
    verdict: { cause, category: CAUSES[cause].category, confidence: row.sure ?? 'certain', what: row.what },
    lastExit:
      row.exited === undefined
        ? null
        : {
            exitCode: row.exit ?? 1,
            signal: row.exit === 137 ? 'SIGKILL' : row.exit === 134 ? 'SIGABRT' : null,
            reason: row.reason ?? 'Error',
            startedAt: at(row.exited + 4),
            finishedAt: at(row.exited),
            livedMs: 4000,
          },
    nextRestart:
      row.next === undefined ? null : { from: at(-row.next), to: at(-row.next - 18), overdue: row.next < -18 },
    since: at(row.since),
    runningSince: row.running === undefined ? null : at(row.running),
    change: row.change === undefined ? null : { kind: 'rollout', at: at(row.since + 60), text: row.change },
    nodes: [row.node ?? 'worker-7'],
    image: `registry.example.com/${row.ns}/${row.name}:1.4.2`,
    strip: stripOf(row, Math.trunc(now / 1000)),
  };
}

/** Runs of a few seconds, ever further apart, as the back-off leaves them. */
function stripOf(row: Row, now: number): [number | null, number | null][] {
  const runs: [number | null, number | null][] = [];
  if (row.running !== undefined) runs.push([now - Math.min(row.running, 3600), null]);
  if (row.exited === undefined || row.exited > 3600) return runs;
  let end = now - row.exited;
  for (let step = Math.min(row.restarts, 5); end > now - Math.min(3600, row.since); ) {
    runs.unshift([end - 4, end]);
    end -= step > 0 ? Math.min(300, 10 * 2 ** step) : 8;
    if (row.restarts < 10) step -= 1;
  }
  return runs;
}

const HOURS: readonly Partial<Totals['crashesPerHour'][number]['counts']>[] = Array.from({ length: 24 }, (_, hour) => {
  if (hour === 23)
    return { dependency: 63, configuration: 77, resource: 38, kubernetes: 12, image: 11, application: 22, unknown: 11 };
  if (hour === 22) return { configuration: 42, image: 12, unknown: 8, resource: 1 };
  if (hour >= 3 && hour <= 6) return { dependency: [38, 112, 61, 9][hour - 3] ?? 0, resource: 4, application: 5 };
  if (hour >= 7 && hour <= 13) return { resource: [7, 15, 32, 34, 35, 23, 6][hour - 7] ?? 0 };
  if (hour >= 15 && hour <= 17) return { kubernetes: [12, 24, 9][hour - 15] ?? 0, image: hour - 13 };
  return { resource: 3, application: hour % 3 === 0 ? 9 : 0 };
});

/** A whole board as seen at `now` (epoch milliseconds), one namespace forbidden. */
export function examplePage(now: number = EXAMPLE_NOW, loops: Loop[] = exampleLoops(now)): LoopsPage {
  const perNamespace = Map.groupBy(loops, (loop) => loop.workload.namespace);
  const since = new Date(now - 17_280_000).toISOString();
  return {
    cluster: 'prod-eu-1',
    asOf: new Date(now).toISOString(),
    sequence: 100,
    coverage: [
      { resource: 'pods', namespace: '*', state: 'live', text: '', since },
      { resource: 'events', namespace: '*', state: 'live', text: '', since },
      {
        resource: 'pods/log',
        namespace: 'vault',
        state: 'forbidden',
        text: 'Forbidden: this service account may not read pods/log there. Grant get on pods/log in vault.',
        since,
      },
    ],
    totals: {
      looping: loops.filter((loop) => ['starting', 'looping', 'came-back', 'slow'].includes(loop.state)).length,
      neverStarted: loops.filter((loop) => loop.state === 'never-started').length,
      recovered24h: 5,
      replicasFailing: loops.reduce((sum, loop) => sum + loop.replicas.failing, 0),
      replicasTotal: loops.reduce((sum, loop) => sum + loop.replicas.total, 0),
      pods: 1284,
      namespaces: 23,
      crashesPerHour: HOURS.map((counts, hour) => ({
        at: new Date(now - (24 - hour) * 3_600_000).toISOString(),
        counts,
      })),
    },
    namespaces: [
      ...[...perNamespace].map(([name, rows]) => ({ name, loops: rows.length })),
      ...['default', 'kube-system', 'cert-manager', 'vault'].map((name) => ({ name, loops: 0 })),
    ],
    loops,
  };
}
