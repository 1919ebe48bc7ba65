import type { ContainerSpec } from '@/server/demo/kube-types';
import { lines, plain } from '@/server/demo/logs/lines';
import type { LogScript } from '@/server/demo/logs/log-script';
import { pino } from '@/server/demo/logs/node';
import { nodeTraffic } from '@/server/demo/logs/traffic';
import type { Program } from '@/server/demo/program';
import type { Scenario } from '@/server/demo/workload';
import { env, envFromMap, envFromSecret, httpProbe, image, port, resources } from './container';
import { always, ending } from './programs';
import { DAY, MINUTE } from './time';

const start = lines(
  [240, pino('info', 'checkout', 'starting checkout', { node: 'v24.11.1', env: 'production' })],
  [410, pino('info', 'checkout', 'feature flags loaded', { flags: 23 })],
);

const broken: Program = ({ random }) =>
  ending(random.between(1_300, 1_900), 1, {
    opening: [
      ...start,
      ...lines(
        [760, pino('warn', 'checkout', 'no value for PAYMENT_TIMEOUT_MS, using 8000')],
        [
          1_150,
          plain(`file:///app/dist/config.js:42
    throw new Error('DATABASE_URL is not set');
          ^

Error: DATABASE_URL is not set
    at required (file:///app/dist/config.js:42:11)
    at loadConfig (file:///app/dist/config.js:58:18)
    at file:///app/dist/server.js:9:16
    at ModuleJob.run (node:internal/modules/esm/module_job:377:25)
    at async onImport.tracePromise.__proto__ (node:internal/modules/esm/loader:671:26)

Node.js v24.11.1`),
        ],
      ),
    ],
  });

const serves: LogScript = {
  opening: [
    ...start,
    ...lines(
      [900, pino('info', 'checkout', 'database pool ready', { max: 20 })],
      [1_200, pino('info', 'checkout', 'listening', { port: 8080 })],
    ),
  ],
  steady: nodeTraffic('checkout', ['/v1/baskets', '/v1/orders', '/v1/orders/quote', '/healthz']),
};

function app(tag: string): ContainerSpec {
  return {
    name: 'app',
    image: image('shop/checkout', tag),
    ports: [port(8080)],
    env: [
      env('NODE_ENV', 'production'),
      envFromMap('DATABASE_URL', 'checkout-settings', 'database-url', true),
      envFromMap('PRICING_URL', 'checkout-settings', 'pricing-url', true),
      envFromSecret('SESSION_KEY', 'checkout-session', 'key'),
    ],
    resources: resources(['250m', '256Mi'], { memory: '512Mi' }),
    readinessProbe: httpProbe('/healthz', 'http', { periodSeconds: 5 }),
    livenessProbe: httpProbe('/healthz', 'http', { initialDelaySeconds: 15 }),
  };
}

/** A key of the ConfigMap was renamed: the new revision finds no DATABASE_URL, the old pods read it days ago and serve on. */
export const CHECKOUT: Scenario = {
  workloads: [
    {
      kind: 'Deployment',
      namespace: 'shop',
      name: 'checkout',
      replicas: 3,
      maxSurge: 1,
      maxUnavailable: 1,
      labels: { 'app.kubernetes.io/part-of': 'shop', 'app.kubernetes.io/managed-by': 'Helm' },
      revisions: [
        {
          at: -9 * DAY,
          revision: 13,
          changeCause: 'checkout 2.30.4',
          containers: [app('2.30.4')],
          programs: { app: always(serves, { readyAfterMs: 1_300 }) },
        },
        {
          at: -46 * MINUTE,
          revision: 14,
          changeCause: 'checkout 2.31.0, settings tidied up',
          containers: [app('2.31.0')],
          programs: { app: broken },
        },
      ],
    },
  ],
  configMaps: [
    {
      namespace: 'shop',
      name: 'checkout-settings',
      versions: [
        {
          at: -30 * DAY,
          data: {
            'database-url': 'postgres://checkout-db.shop.svc.cluster.local:5432/checkout',
            'pricing-url': 'http://pricing.shop.svc.cluster.local:8080',
          },
        },
        {
          at: -49 * MINUTE,
          data: {
            'db-url': 'postgres://checkout-db.shop.svc.cluster.local:5432/checkout',
            'pricing-url': 'http://pricing.shop.svc.cluster.local:8080',
          },
        },
      ],
    },
  ],
  services: [{ namespace: 'shop', name: 'checkout', port: 8080, app: 'checkout' }],
};
