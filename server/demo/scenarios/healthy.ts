import { klog, slog } from '@/server/demo/logs/go';
import { lines, numberOf } from '@/server/demo/logs/lines';
import type { LogScript } from '@/server/demo/logs/log-script';
import { pino } from '@/server/demo/logs/node';
import { postgres } from '@/server/demo/logs/postgres';
import { goTraffic, nodeTraffic } from '@/server/demo/logs/traffic';
import type { DemoDeployment, DemoStatefulSet, Scenario } from '@/server/demo/workload';
import { env, httpProbe, image, port, resources } from './container';
import { always, ending } from './programs';
import { DAY, HOUR, MINUTE, SECOND } from './time';

function deployment(
  namespace: string,
  name: string,
  options: { replicas: number; tag: string; ageDays: number; listen: number; log: LogScript },
): DemoDeployment {
  return {
    kind: 'Deployment',
    namespace,
    name,
    replicas: options.replicas,
    revisions: [
      {
        at: -options.ageDays * DAY,
        revision: 3 + options.ageDays,
        containers: [
          {
            name,
            image: image(`${namespace}/${name}`, options.tag),
            ports: [port(options.listen)],
            env: [env('LOG_LEVEL', 'info')],
            resources: resources(['100m', '128Mi'], { memory: '512Mi' }),
            livenessProbe: httpProbe('/healthz', options.listen, { initialDelaySeconds: 10 }),
            readinessProbe: httpProbe('/readyz', options.listen),
          },
        ],
        programs: { [name]: always(options.log, { readyAfterMs: 1_500 }) },
      },
    ],
  };
}

function database(namespace: string, name: string, size: string, ageDays: number): DemoStatefulSet {
  const log: LogScript = {
    opening: lines(
      [300, postgres('LOG', 'starting PostgreSQL 18.1 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit')],
      [900, postgres('LOG', 'database system is ready to accept connections')],
    ),
    steady: {
      everyMs: 5 * MINUTE,
      print: (at, turn) => postgres('LOG', `checkpoint complete: wrote ${numberOf(turn, 40, 4_000)} buffers`, 27)(at),
    },
  };
  return {
    kind: 'StatefulSet',
    namespace,
    name,
    replicas: 1,
    claims: [{ name: 'data', size, storageClass: 'standard', isBound: true }],
    revision: {
      at: -ageDays * DAY,
      revision: 2,
      containers: [
        {
          name: 'postgres',
          image: 'docker.io/library/postgres:18.1',
          ports: [port(5432, 'postgres')],
          resources: resources(['500m', '1Gi'], { memory: '2Gi' }),
          readinessProbe: { exec: { command: ['pg_isready', '-U', 'postgres'] } },
          volumeMounts: [{ name: 'data', mountPath: '/var/lib/postgresql' }],
        },
      ],
      programs: {
        postgres: always(log, { readyAfterMs: 1_000, unreadyMessage: '/var/run/postgresql:5432 - no response' }),
      },
    },
  };
}

function node(name: string, paths: readonly [string, ...string[]]): LogScript {
  return {
    opening: lines([400, pino('info', name, 'starting')], [1_200, pino('info', name, 'listening', { port: 8080 })]),
    steady: nodeTraffic(name, paths),
  };
}

function go(name: string, paths: readonly [string, ...string[]]): LogScript {
  return {
    opening: lines([200, slog('INFO', name)], [900, slog('INFO', 'serving', 'addr=:8080')]),
    steady: goTraffic(paths),
  };
}

const exporter: LogScript = {
  opening: lines([100, slog('INFO', 'node-exporter', 'version=1.10.2')]),
  steady: { everyMs: 10 * MINUTE, print: slog('INFO', 'scrape statistics', 'collectors=42 errors=0') },
};

const dns: LogScript = {
  opening: lines([150, klog('I', 'server.go:62', 'CoreDNS-1.13.1 linux/amd64, serving on .:53')]),
  steady: { everyMs: 10 * MINUTE, print: klog('I', 'cache.go:31', 'cache: 4096 entries') },
};

/** What works: most of the cluster, as everywhere. */
export const HEALTHY: Scenario = {
  workloads: [
    deployment('shop', 'api-gateway', {
      replicas: 3,
      tag: '9.2.0',
      ageDays: 6,
      listen: 8080,
      log: node('api-gateway', ['/api/cart', '/api/products', '/api/me']),
    }),
    deployment('shop', 'accounts', {
      replicas: 2,
      tag: '3.3.1',
      ageDays: 13,
      listen: 8080,
      log: go('accounts', ['/v1/users', '/v1/sessions']),
    }),
    deployment('payments', 'payments-api', {
      replicas: 2,
      tag: '11.0.4',
      ageDays: 4,
      listen: 8080,
      log: go('payments-api', ['/v1/charges', '/v1/refunds']),
    }),
    deployment('media', 'object-proxy', {
      replicas: 2,
      tag: '1.5.2',
      ageDays: 33,
      listen: 8080,
      log: go('object-proxy', ['/o/a8', '/o/77', '/o/09']),
    }),
    deployment('ml', 'model-server', {
      replicas: 2,
      tag: '4.1.0',
      ageDays: 9,
      listen: 8080,
      log: go('model-server', ['/predict', '/models']),
    }),
    deployment('observability', 'dashboards', {
      replicas: 1,
      tag: '12.2.0',
      ageDays: 21,
      listen: 3000,
      log: go('dashboards', ['/api/ds/query', '/d/shop']),
    }),
    deployment('search', 'suggest', {
      replicas: 2,
      tag: '2.7.3',
      ageDays: 17,
      listen: 9200,
      log: go('suggest', ['/suggest']),
    }),
    database('shop', 'checkout-db', '40Gi', 58),
    database('shop', 'catalog-db', '20Gi', 58),
    database('payments', 'ledger-db', '200Gi', 72),
    database('media', 'media-db', '80Gi', 41),
    {
      kind: 'DaemonSet',
      namespace: 'observability',
      name: 'node-exporter',
      revision: {
        at: -60 * DAY,
        revision: 2,
        extra: { hostNetwork: true, tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }] },
        containers: [
          {
            name: 'node-exporter',
            image: 'quay.io/prometheus/node-exporter:v1.10.2',
            ports: [port(9100, 'metrics')],
            resources: resources(['20m', '32Mi'], { memory: '64Mi' }),
          },
        ],
        programs: { 'node-exporter': always(exporter) },
      },
    },
    {
      kind: 'Deployment',
      namespace: 'kube-system',
      name: 'coredns',
      replicas: 2,
      revisions: [
        {
          at: -90 * DAY,
          revision: 1,
          serviceAccount: 'coredns',
          containers: [
            {
              name: 'coredns',
              image: 'registry.k8s.io/coredns/coredns:v1.13.1',
              args: ['-conf', '/etc/coredns/Corefile'],
              ports: [port(9153, 'metrics')],
              resources: resources(['100m', '70Mi'], { memory: '170Mi' }),
              livenessProbe: httpProbe('/health', 8080, { initialDelaySeconds: 60 }),
              readinessProbe: httpProbe('/ready', 8181),
            },
          ],
          programs: { coredns: always(dns, { readyAfterMs: 600 }) },
        },
      ],
    },
    {
      kind: 'CronJob',
      namespace: 'shop',
      name: 'basket-cleanup',
      schedule: '*/5 * * * *',
      everyMs: 5 * MINUTE,
      firstAt: -HOUR,
      backoffLimit: 2,
      plan: {
        restartPolicy: 'OnFailure',
        containers: [
          {
            name: 'cleanup',
            image: image('shop/basket-cleanup', '1.0.9'),
            resources: resources(['50m', '64Mi'], { memory: '128Mi' }),
          },
        ],
        programs: {
          cleanup: ({ random }) =>
            ending(random.between(6, 11) * SECOND, 0, {
              opening: lines(
                [300, slog('INFO', 'basket-cleanup', 'older_than=72h')],
                [5_400, slog('INFO', 'done', `deleted=${random.whole(40, 400)}`)],
              ),
            }),
        },
      },
    },
  ],
  services: [
    { namespace: 'shop', name: 'api-gateway', port: 8080, app: 'api-gateway' },
    { namespace: 'shop', name: 'checkout-db', port: 5432, app: 'checkout-db' },
    { namespace: 'payments', name: 'payments-api', port: 8080, app: 'payments-api' },
    { namespace: 'payments', name: 'ledger-db', port: 5432, app: 'ledger-db' },
    { namespace: 'kube-system', name: 'kube-dns', port: 53, app: 'coredns' },
  ],
};
