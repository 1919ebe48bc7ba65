import type { ContainerSpec } from '@/server/demo/kube-types';
import { slog } from '@/server/demo/logs/go';
import { SPRING_BANNER, spring } from '@/server/demo/logs/java';
import { lines, plain } from '@/server/demo/logs/lines';
import type { LogScript } from '@/server/demo/logs/log-script';
import { goTraffic, springTraffic } from '@/server/demo/logs/traffic';
import type { Program } from '@/server/demo/program';
import type { Scenario } from '@/server/demo/workload';
import { env, envFromSecret, httpProbe, image, port, resources } from './container';
import { always, ending } from './programs';
import { DAY, MINUTE } from './time';

const ledgerStart = lines(
  [60, plain(SPRING_BANNER)],
  [
    300,
    spring(
      'INFO',
      'com.example.ledger.LedgerApplication',
      'Starting LedgerApplication using Java 25.0.1 with PID 1 (/app/ledger.jar started by ledger in /app)',
    ),
  ],
  [1_900, spring('INFO', 'o.s.b.w.embedded.tomcat.TomcatWebServer', 'Tomcat initialized with port 8080 (http)')],
  [3_200, spring('INFO', 'com.zaxxer.hikari.HikariDataSource', 'HikariPool-1 - Start completed.')],
  [
    5_400,
    spring(
      'INFO',
      'com.example.ledger.LedgerApplication',
      'Started LedgerApplication in 5.118 seconds (process running for 5.602)',
    ),
  ],
);

const ledgerTraffic = springTraffic('c.e.ledger.api.AccountController', [
  'balance read',
  'entry booked',
  'statement page read',
]);

/** Since revision 42 all balances are held in memory: the limit is passed half a minute after each start. */
const ledgerGrows: Program = ({ random }) => {
  const livesMs = random.between(26_000, 44_000);
  return ending(
    livesMs,
    137,
    {
      opening: [
        ...ledgerStart,
        ...[1, 2, 3, 4].map((part) => ({
          after: Math.round(livesMs * (0.2 + part * 0.17)),
          print: spring(
            'INFO',
            'c.e.ledger.cache.BalanceCache',
            `Warming balance cache: ${part * 410_000} of 2300000 accounts`,
            'cache-warmer',
          ),
        })),
      ],
      steady: ledgerTraffic,
    },
    { reason: 'OOMKilled', readyAfterMs: 5_600 },
  );
};

function ledger(tag: string, warm: boolean): ContainerSpec {
  return {
    name: 'ledger-api',
    image: image('payments/ledger-api', tag),
    ports: [port(8080)],
    env: [
      env('JAVA_TOOL_OPTIONS', '-XX:MaxRAMPercentage=90'),
      ...(warm ? [env('LEDGER_CACHE_WARM', 'all')] : []),
      envFromSecret('SPRING_DATASOURCE_PASSWORD', 'ledger-db', 'password'),
    ],
    resources: resources(['500m', '512Mi'], { cpu: '2', memory: '512Mi' }),
    readinessProbe: httpProbe('/actuator/health/readiness', 8080, { periodSeconds: 5 }),
    livenessProbe: httpProbe('/actuator/health/liveness', 8080, { initialDelaySeconds: 60 }),
  };
}

const vaultServes: LogScript = {
  opening: lines([400, slog('INFO', 'card-vault', 'version=2.2.0')], [520, slog('INFO', 'serving', 'addr=:8443')]),
  steady: goTraffic(['/v1/tokens', '/v1/tokens/resolve', '/readyz']),
};

const agentFails: Program = ({ random }) =>
  ending(random.between(700, 1_200), 1, {
    opening: lines(
      [110, slog('INFO', 'token-agent', 'version=0.21.0 mode=sidecar')],
      [260, slog('INFO', 'reading config', 'path=/etc/token-agent/agent.hcl')],
      [480, slog('ERROR', 'cannot load CA bundle', 'err="open /etc/vault/tls/ca.crt: no such file or directory"')],
      [490, plain('token-agent: exiting')],
    ),
  });

function agent(tag: string): ContainerSpec {
  return {
    name: 'token-agent',
    image: image('platform/token-agent', tag),
    restartPolicy: 'Always',
    args: ['--config=/etc/token-agent/agent.hcl'],
    resources: resources(['20m', '32Mi'], { memory: '64Mi' }),
    volumeMounts: [{ name: 'agent-config', mountPath: '/etc/token-agent' }],
  };
}

const vault: ContainerSpec = {
  name: 'card-vault',
  image: image('payments/card-vault', '2.2.0'),
  ports: [port(8443, 'https')],
  env: [env('TOKEN_SOCKET', '/run/token-agent/agent.sock')],
  resources: resources(['200m', '128Mi'], { memory: '256Mi' }),
  readinessProbe: httpProbe('/readyz', 8443, { periodSeconds: 5 }),
};

const agentVolumes = [{ name: 'agent-config', configMap: { name: 'token-agent', defaultMode: 420 } }];
const agentServes: LogScript = {
  opening: lines([110, slog('INFO', 'token-agent', 'version=0.20.3 mode=sidecar')]),
  steady: { everyMs: 60_000, print: (at, turn) => slog('INFO', 'token renewed', `lease=${turn % 17} ttl=1h0m0s`)(at) },
};

/** A cache that does not fit into 512Mi, on all four replicas; and a native sidecar that misses its CA file. */
export const PAYMENTS: Scenario = {
  workloads: [
    {
      kind: 'Deployment',
      namespace: 'payments',
      name: 'ledger-api',
      replicas: 4,
      labels: { 'app.kubernetes.io/part-of': 'payments' },
      revisions: [
        {
          at: -8 * DAY,
          revision: 41,
          containers: [ledger('3.18.2', false)],
          programs: { 'ledger-api': always({ opening: ledgerStart, steady: ledgerTraffic }, { readyAfterMs: 5_600 }) },
        },
        {
          at: -20 * MINUTE,
          revision: 42,
          changeCause: 'ledger-api 3.19.0, balance cache',
          containers: [ledger('3.19.0', true)],
          programs: { 'ledger-api': ledgerGrows },
        },
      ],
    },
    {
      kind: 'Deployment',
      namespace: 'payments',
      name: 'card-vault',
      replicas: 2,
      labels: { 'app.kubernetes.io/part-of': 'payments' },
      revisions: [
        {
          at: -15 * DAY,
          revision: 7,
          initContainers: [agent('0.20.3')],
          containers: [vault],
          volumes: agentVolumes,
          programs: { 'token-agent': always(agentServes), 'card-vault': always(vaultServes, { readyAfterMs: 700 }) },
        },
        {
          at: -12 * MINUTE,
          revision: 8,
          changeCause: 'token-agent 0.21.0',
          initContainers: [agent('0.21.0')],
          containers: [vault],
          volumes: agentVolumes,
          programs: { 'token-agent': agentFails, 'card-vault': always(vaultServes, { readyAfterMs: 700 }) },
        },
      ],
    },
  ],
  configMaps: [
    {
      namespace: 'payments',
      name: 'token-agent',
      versions: [
        { at: -16 * DAY, data: { 'agent.hcl': 'vault {\n  address = "https://vault.platform.svc:8200"\n}\n' } },
      ],
    },
  ],
  services: [
    { namespace: 'payments', name: 'ledger-api', port: 8080, app: 'ledger-api' },
    { namespace: 'payments', name: 'card-vault', port: 8443, app: 'card-vault' },
  ],
};
