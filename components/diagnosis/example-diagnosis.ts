import { exampleTimeline } from '@/components/timeline/example-timeline';
import type { Diagnosis, RunBody } from '@/lib/contract/diagnosis';
import type { Loop } from '@/lib/contract/loop';

/** The moment of the example: 12 Nov 2026, 14:02:31 UTC. */
export const EXAMPLE_NOW = Date.parse('2026-11-12T14:02:31.000Z');

const instant = (at: number) => new Date(at).toISOString();
const LOOP_ID = 'deployments/shop/checkout/checkout';

/** Waits after each crash in seconds, as a kubelet keeps them: the first restart is free, then 10 s doubling up to 300 s. */
const WAITS = [1, 16, 24, 51, 87, 169, 303, 308, 305, 312, 306, 310, 303];

function runsOf(pod: string, podUid: string, node: string, firstStart: string): RunBody[] {
  let start = Date.parse(firstStart);
  return Array.from({ length: WAITS.length + 1 }, (_, index) => {
    const end = start + 2000;
    const run: RunBody = {
      id: `${podUid}.checkout.${index}`,
      loopId: LOOP_ID,
      pod,
      podUid,
      container: 'checkout',
      restartIndex: index,
      startedAt: instant(start),
      finishedAt: instant(end),
      livedMs: 2000,
      exitCode: 1,
      signal: null,
      reason: 'Error',
      message: '',
      node,
      missedBefore: 0,
      log: 'held',
      logText: '',
      logLines: 14,
    };
    start = end + (WAITS[index] ?? 0) * 1000;
    return run;
  });
}

const loop: Loop = {
  id: LOOP_ID,
  workload: { kind: 'Deployment', namespace: 'shop', name: 'checkout' },
  container: 'checkout',
  containerType: 'app',
  state: 'looping',
  status: 'CrashLoopBackOff',
  restarts: 13,
  lastRestartAt: '2026-11-12T13:58:23.000Z',
  pod: 'checkout-6d5f9c7b84-x2x4k',
  replicas: { failing: 2, total: 3 },
  verdict: {
    cause: 'env-missing',
    category: 'configuration',
    confidence: 'certain',
    what: 'DATABASE_URL is not set',
  },
  lastExit: {
    exitCode: 1,
    signal: null,
    reason: 'Error',
    startedAt: '2026-11-12T13:58:21.000Z',
    finishedAt: '2026-11-12T13:58:23.000Z',
    livedMs: 2000,
  },
  nextRestart: { from: '2026-11-12T14:03:22.000Z', to: '2026-11-12T14:03:40.000Z', overdue: false },
  since: '2026-11-12T13:16:22.000Z',
  runningSince: null,
  change: null,
  nodes: ['worker-2', 'worker-4'],
  image: 'registry.example.com/shop/checkout:2.31.0',
  strip: [],
};

/** The log of every crashed run of the example, stamped. */
export const EXAMPLE_LOG = [
  '2026-11-12T13:58:21.118204113Z checkout 2.31.0 starting (node v22.20.0, pid 1)',
  '2026-11-12T13:58:21.126914227Z env: PORT=8080 LOG_LEVEL=debug REGION=eu-central-1 DB_POOL_MAX=20',
  '2026-11-12T13:58:21.131000000Z tracing: exporter off',
  '2026-11-12T13:58:21.402000000Z flags: 31 loaded',
  '2026-11-12T13:58:21.530000000Z http: client ready, keep-alive 5s',
  '2026-11-12T13:58:21.702000000Z cache: warm in 120 ms',
  '2026-11-12T13:58:22.100000000Z metrics: \u001b[32mlistening\u001b[0m on :9090',
  '2026-11-12T13:58:22.640118200Z config: validating 11 settings',
  '2026-11-12T13:58:22.655812009Z \u001b[31mConfigError\u001b[0m: DATABASE_URL is required but not set',
  '2026-11-12T13:58:22.655812009Z     at requireEnv (/app/dist/config.js:41:11)',
  '2026-11-12T13:58:22.655812009Z     at loadConfig (/app/dist/config.js:88:19)',
  '2026-11-12T13:58:22.655812009Z     at main (/app/dist/server.js:17:18)',
  '2026-11-12T13:58:22.661700410Z config: 1 problem, giving up',
  '2026-11-12T13:58:22.702511999Z bye (1)',
].join('\n');

const YAML = `apiVersion: v1
kind: Pod
metadata:
  name: checkout-6d5f9c7b84-x2x4k
  namespace: shop
  labels:
    app: checkout
spec:
  containers:
    - name: checkout
      image: registry.example.com/shop/checkout:2.31.0
      envFrom:
        - configMapRef:
            name: checkout-config
      env:
        - name: PORT
          value: "8080" # kept as text
      resources:
        limits:
          memory: 512Mi
      livenessProbe:
        httpGet:
          path: /healthz
          port: 8080
        initialDelaySeconds: 5
  restartPolicy: Always
`;

const firstRuns = runsOf('checkout-6d5f9c7b84-x2x4k', 'uid-x2x4k', 'worker-2', '2026-11-12T13:16:20.000Z');
const secondRuns = runsOf('checkout-6d5f9c7b84-m8tqz', 'uid-m8tqz', 'worker-4', '2026-11-12T13:17:11.000Z');
const newest = firstRuns.at(-1);

/** One diagnosis with everything in it, for tests: a Deployment whose ConfigMap lost a key, two of three replicas failing. */
export const exampleDiagnosis: Diagnosis = {
  cluster: 'prod-eu-1',
  asOf: instant(EXAMPLE_NOW),
  sequence: 4711,
  workload: { kind: 'Deployment', namespace: 'shop', name: 'checkout', replicas: 3 },
  loops: [loop],
  verdicts: [
    {
      loopId: LOOP_ID,
      ruleId: 'env-missing',
      cause: 'env-missing',
      category: 'configuration',
      confidence: 'certain',
      what: 'DATABASE_URL is not set',
      sentence: 'checkout exits 1 because `DATABASE_URL` is not set: ConfigMap `checkout-config` holds no such key.',
      facts: [
        {
          text: '`ConfigError: DATABASE_URL is required but not set` ends 28 of 28 recorded crashes',
          source: 'log line 9',
          value: 'ConfigError: DATABASE_URL is required but not set',
          place: { tab: 'logs', runId: newest?.id ?? '', line: 9 },
        },
        {
          text: 'The container takes its variables from ConfigMap `checkout-config`, whose 11 keys do not include it',
          source: 'spec.containers[0].envFrom',
          value: 'checkout-config',
          place: { tab: 'spec', path: 'spec.containers[0].envFrom' },
        },
        {
          text: '`BackOff` was counted 431 times since 13:16:25',
          source: 'event',
          value: 'Back-off restarting failed container',
          place: { tab: 'events', eventUid: 'event-backoff' },
        },
      ],
      steps: [
        {
          kind: 'look',
          id: 'confirm',
          title: 'Confirm what is missing',
          text: 'Every crashed run names it.',
          place: { tab: 'logs', runId: newest?.id ?? '', line: 9 },
        },
        {
          kind: 'patch',
          id: 'add-key',
          title: 'Put the key back into checkout-config',
          text: 'The pods read the whole ConfigMap, so the key alone is enough.',
          command: `kubectl -n shop patch configmap checkout-config --type merge -p '{"data":{"DATABASE_URL":"postgres://pg/shop"}}'`,
          target: { kind: 'ConfigMap', namespace: 'shop', name: 'checkout-config' },
          patchType: 'merge',
          patch: { data: { DATABASE_URL: 'postgres://pg/shop' } },
          doneWhen: 'the key is there',
        },
        {
          kind: 'run',
          id: 'restart',
          title: 'Restart both pods now, or wait for the restart',
          text: 'New pods start without back-off.',
          command: 'kubectl -n shop rollout restart deployment/checkout',
        },
        { kind: 'decide', id: 'fix-chart', title: 'Fix the chart', text: 'The program 2.31.0 reads the old name.' },
      ],
    },
    {
      loopId: LOOP_ID,
      ruleId: 'exits-early',
      cause: 'exits-early',
      category: 'application',
      confidence: 'possible',
      what: 'ends after 2s',
      sentence: 'checkout may be built to end: it runs for 2s each time.',
      facts: [{ text: 'All 14 runs lived 2s', source: 'runs', value: '2s', place: { tab: 'runs' } }],
      steps: [],
    },
  ],
  runs: [...firstRuns, ...secondRuns],
  timelines: [exampleTimeline(LOOP_ID, firstRuns, secondRuns)],
  evidence: [
    { part: 'Statuses', state: 'present', text: '3 pods and their nodes' },
    { part: 'Logs', state: 'present', text: '28 of 28 crashed runs, recorded at each exit' },
    {
      part: 'Events',
      state: 'partial',
      text: 'from 13:02 on. Earlier ones have expired (the cluster keeps them 1 h)',
    },
    { part: 'Memory and CPU', state: 'missing', text: '`metrics.k8s.io` is not installed' },
  ],
  steps: [],
  events: [
    {
      uid: 'event-backoff',
      type: 'Warning',
      reason: 'BackOff',
      message: 'Back-off restarting failed container checkout in pod checkout-6d5f9c7b84-x2x4k_shop(uid-x2x4k)',
      object: 'Pod/checkout-6d5f9c7b84-x2x4k',
      container: 'checkout',
      first: '2026-11-12T13:16:25.000Z',
      last: '2026-11-12T14:02:25.000Z',
      count: 431,
    },
    {
      uid: 'event-deadline',
      type: 'Warning',
      reason: 'ProgressDeadlineExceeded',
      message: 'ReplicaSet "checkout-6d5f9c7b84" has timed out progressing.',
      object: 'Deployment/checkout',
      container: '',
      first: '2026-11-12T13:23:46.000Z',
      last: '2026-11-12T13:23:46.000Z',
      count: 1,
    },
  ],
  basis: {
    kind: 'record',
    at: instant(EXAMPLE_NOW),
    ruleset: 'rules-2',
    saidThen: null,
    brokenRules: [],
    problem: '',
  },
  eventsText: 'Events from before 13:02 have expired (the cluster keeps them 1 h).',
  pods: [
    {
      pod: 'checkout-6d5f9c7b84-x2x4k',
      uid: 'uid-x2x4k',
      node: 'worker-2',
      status: 'CrashLoopBackOff',
      restarts: 13,
      ready: false,
      alive: true,
      restartPolicy: 'Always',
    },
    {
      pod: 'checkout-6d5f9c7b84-m8tqz',
      uid: 'uid-m8tqz',
      node: 'worker-4',
      status: 'CrashLoopBackOff',
      restarts: 13,
      ready: false,
      alive: true,
      restartPolicy: 'Always',
    },
    {
      pod: 'checkout-75c8d9f6b9-k4w9p',
      uid: 'uid-k4w9p',
      node: 'worker-5',
      status: 'Running',
      restarts: 0,
      ready: true,
      alive: true,
      restartPolicy: 'Always',
    },
  ],
  spec: {
    yaml: YAML,
    pod: 'checkout-6d5f9c7b84-x2x4k',
    marks: [{ line: 12, path: 'spec.containers[0].envFrom', text: 'all variables come from here' }],
  },
  specText: '',
  collected: [],
};
