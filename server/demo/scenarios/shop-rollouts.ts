import type { ContainerSpec } from '@/server/demo/kube-types';
import { goLog } from '@/server/demo/logs/go';
import { iso, lines, plain } from '@/server/demo/logs/lines';
import type { LogScript } from '@/server/demo/logs/log-script';
import { coloured } from '@/server/demo/logs/node';
import { goTraffic } from '@/server/demo/logs/traffic';
import type { Program } from '@/server/demo/program';
import type { Scenario } from '@/server/demo/workload';
import { env, envFromMap, envFromSecret, httpProbe, image, port, resources } from './container';
import { always, ending } from './programs';
import { DAY, MINUTE } from './time';

function storefront(tag: string): ContainerSpec {
  return {
    name: 'web',
    image: image('shop/storefront', tag),
    ports: [port(3000)],
    env: [env('API_URL', 'http://api-gateway.shop.svc.cluster.local:8080')],
    resources: resources(['200m', '256Mi'], { cpu: '1', memory: '512Mi' }),
    readinessProbe: httpProbe('/', 3000),
  };
}

const storefrontServes: LogScript = {
  opening: lines([600, plain('  \u001b[1m\u001b[38;2;173;127;168m▲ storefront\u001b[39m\u001b[22m ready in 512ms')]),
  steady: {
    everyMs: 6_000,
    print: (_at, turn) => coloured('GET', ['/', '/shoes', '/sale', '/p/10482'][turn % 4] ?? '/', 200, 14 + (turn % 90)),
  },
};

const neverPushed = `rpc error: code = NotFound desc = failed to pull and unpack image "${image('shop/storefront', '5.2.0-rc1')}": failed to resolve image: ${image('shop/storefront', '5.2.0-rc1')}: not found`;

function migrate(tag: string): ContainerSpec {
  return {
    name: 'migrate',
    image: image('shop/catalog-migrations', tag),
    args: ['-path', '/migrations', '-database', '$(DATABASE_URL)', 'up'],
    env: [envFromSecret('DATABASE_URL', 'catalog-db', 'url')],
    resources: resources(['50m', '64Mi']),
  };
}

function catalog(tag: string): ContainerSpec {
  return {
    name: 'catalog',
    image: image('shop/catalog', tag),
    ports: [port(8080)],
    env: [envFromSecret('DATABASE_URL', 'catalog-db', 'url'), envFromMap('CURRENCY', 'catalog', 'currency')],
    resources: resources(['200m', '192Mi'], { memory: '384Mi' }),
    readinessProbe: httpProbe('/readyz', 'http'),
  };
}

const catalogServes: LogScript = {
  opening: lines([500, goLog('catalog 3.9.1 serving on :8080')]),
  steady: goTraffic(['/products', '/products/search', '/categories', '/readyz']),
};

const migrates: Program = () =>
  ending(1_800, 0, { opening: lines([700, goLog('Finished 47/u split_variant_table (read 12ms, ran 381ms)')]) });

const migratesDirty: Program = ({ random }) =>
  ending(random.between(2_200, 3_400), 1, {
    opening: lines(
      [120, (at) => `${iso(at)} migrate v4.19.0 linux/amd64`],
      [640, goLog('database postgres://catalog-db.shop.svc.cluster.local:5432/catalog, source file:///migrations')],
      [900, goLog('Start buffering 48/u add_variant_price_index')],
      [1_900, plain('error: Dirty database version 47. Fix and force version.')],
    ),
  });

/** Two rollouts that stopped at their first pods: a tag that was never pushed, and a migration that finds a dirty schema. */
export const SHOP_ROLLOUTS: Scenario = {
  workloads: [
    {
      kind: 'Deployment',
      namespace: 'shop',
      name: 'storefront',
      replicas: 6,
      labels: { 'app.kubernetes.io/part-of': 'shop' },
      revisions: [
        {
          at: -6 * DAY,
          revision: 87,
          containers: [storefront('5.1.3')],
          programs: { web: always(storefrontServes, { readyAfterMs: 900 }) },
        },
        {
          at: -22 * MINUTE,
          revision: 88,
          changeCause: 'storefront 5.2.0-rc1',
          containers: [storefront('5.2.0-rc1')],
          programs: { web: () => ({ kind: 'pull-error', error: neverPushed }) },
        },
      ],
    },
    {
      kind: 'Deployment',
      namespace: 'shop',
      name: 'catalog',
      replicas: 2,
      labels: { 'app.kubernetes.io/part-of': 'shop' },
      revisions: [
        {
          at: -4 * DAY,
          revision: 18,
          initContainers: [migrate('3.9.1')],
          containers: [catalog('3.9.1')],
          programs: { migrate: migrates, catalog: always(catalogServes, { readyAfterMs: 600 }) },
        },
        {
          at: -33 * MINUTE,
          revision: 19,
          changeCause: 'catalog 3.10.0',
          initContainers: [migrate('3.10.0')],
          containers: [catalog('3.10.0')],
          programs: { migrate: migratesDirty, catalog: always(catalogServes) },
        },
      ],
    },
  ],
  configMaps: [{ namespace: 'shop', name: 'catalog', versions: [{ at: -40 * DAY, data: { currency: 'EUR' } }] }],
  services: [
    { namespace: 'shop', name: 'storefront', port: 80, targetPort: 3000, app: 'storefront' },
    { namespace: 'shop', name: 'catalog', port: 8080, app: 'catalog' },
    { namespace: 'shop', name: 'catalog-db', port: 5432, app: 'catalog-db' },
  ],
};
