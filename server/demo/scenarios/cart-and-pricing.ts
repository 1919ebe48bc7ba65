import type { ContainerSpec } from '@/server/demo/kube-types';
import { slog } from '@/server/demo/logs/go';
import { lines, plain } from '@/server/demo/logs/lines';
import type { LogScript } from '@/server/demo/logs/log-script';
import { rubyLog } from '@/server/demo/logs/ruby';
import type { Program } from '@/server/demo/program';
import type { Scenario } from '@/server/demo/workload';
import { env, envFromSecret, httpProbe, image, port, resources } from './container';
import { always, ending, serving } from './programs';
import { DAY, MINUTE } from './time';

const railsStart = lines(
  [900, rubyLog('INFO', 'Booting cart 4.8.2 (ruby 3.4.7, production)')],
  [2_600, rubyLog('INFO', 'Puma starting in single mode (7.1.0), min threads: 5, max threads: 5')],
);

const rejected: LogScript = {
  opening: [
    ...railsStart,
    ...lines(
      [3_500, rubyLog('FATAL', 'could not open the cart store')],
      [
        3_520,
        plain(`/usr/local/bundle/gems/redis-client-0.26.1/lib/redis_client/connection_mixin.rb:71:in 'RedisClient::ConnectionMixin#call_pipelined': WRONGPASS invalid username-password pair or user is disabled. (redis://cart-redis.shop.svc:6379/0) (RedisClient::AuthenticationError)
	from /usr/local/bundle/gems/redis-client-0.26.1/lib/redis_client.rb:790:in 'block in RedisClient#connect'
	from /app/lib/cart/store.rb:18:in 'Cart::Store.open'
	from config.ru:6:in 'block in <main>'`),
      ],
    ),
  ],
};

const accepted: LogScript = {
  opening: [
    ...railsStart,
    ...lines(
      [3_400, rubyLog('INFO', 'Connected to redis://cart-redis.shop.svc:6379/0')],
      [3_900, rubyLog('INFO', 'Listening on http://0.0.0.0:3000')],
    ),
  ],
  steady: {
    everyMs: 7_000,
    print: (at, turn) => rubyLog('INFO', `POST /carts/${1_000 + (turn % 731)}/items 200 in ${12 + (turn % 40)}ms`)(at),
  },
};

/** The password in the Secret was put right a few minutes ago; the start after that finds it. */
const cart: Program = ({ attempt, random }) =>
  attempt >= 7 ? serving(accepted, { readyAfterMs: 4_000 }) : ending(random.between(3_900, 5_100), 1, rejected);

const pricingServes: LogScript = {
  opening: lines(
    [300, slog('INFO', 'price book loaded', 'entries=48211')],
    [420, slog('INFO', 'serving', 'addr=:8080')],
  ),
  steady: {
    everyMs: 5_000,
    print: (at, turn) =>
      slog('INFO', 'quote', `basket=${turn % 977} items=${1 + (turn % 9)} took=${2 + (turn % 14)}ms`)(at),
  },
};

const exporterClash: Program = ({ random }) =>
  ending(random.between(500, 900), 1, {
    opening: lines(
      [90, slog('INFO', 'metrics exporter', 'version=1.9.0 target=http://127.0.0.1:8080/metrics')],
      [320, slog('ERROR', 'cannot serve', 'err="listen tcp :8080: bind: address already in use"')],
    ),
  });

const pricing: ContainerSpec = {
  name: 'pricing',
  image: image('shop/pricing', '1.44.2'),
  ports: [port(8080)],
  env: [env('PRICE_BOOK', '/var/lib/pricing/book.json')],
  resources: resources(['100m', '128Mi'], { memory: '256Mi' }),
  readinessProbe: httpProbe('/readyz', 8080),
};

const exporter: ContainerSpec = {
  name: 'metrics-exporter',
  image: image('platform/metrics-exporter', '1.9.0'),
  args: ['--target=http://127.0.0.1:8080/metrics', '--listen=:8080'],
  ports: [port(8080, 'metrics')],
  resources: resources(['10m', '32Mi'], { memory: '64Mi' }),
};

/** A rejected Redis password that has just been corrected, and two containers of one pod that want the same port. */
export const CART_AND_PRICING: Scenario = {
  workloads: [
    {
      kind: 'Deployment',
      namespace: 'shop',
      name: 'cart',
      replicas: 2,
      labels: { 'app.kubernetes.io/part-of': 'shop' },
      revisions: [
        {
          at: -16 * MINUTE,
          revision: 52,
          containers: [
            {
              name: 'cart',
              image: image('shop/cart', '4.8.2'),
              ports: [port(3000)],
              env: [
                env('REDIS_URL', 'redis://cart-redis.shop.svc:6379/0'),
                envFromSecret('REDIS_PASSWORD', 'cart-redis', 'password'),
              ],
              resources: resources(['150m', '256Mi'], { memory: '512Mi' }),
              readinessProbe: httpProbe('/up', 3000, { periodSeconds: 5 }),
            },
          ],
          programs: { cart },
        },
      ],
    },
    {
      kind: 'Deployment',
      namespace: 'shop',
      name: 'pricing',
      replicas: 2,
      placement: ['worker-4', 'worker-1', 'worker-2'],
      labels: { 'app.kubernetes.io/part-of': 'shop' },
      revisions: [
        {
          at: -12 * DAY,
          revision: 30,
          containers: [pricing],
          programs: { pricing: always(pricingServes, { readyAfterMs: 500 }) },
        },
        {
          at: -57 * MINUTE,
          revision: 31,
          changeCause: 'expose metrics',
          containers: [pricing, exporter],
          programs: { pricing: always(pricingServes, { readyAfterMs: 500 }), 'metrics-exporter': exporterClash },
        },
      ],
    },
  ],
  services: [
    { namespace: 'shop', name: 'cart', port: 3000, app: 'cart' },
    { namespace: 'shop', name: 'cart-redis', port: 6379, app: 'cart-redis' },
    { namespace: 'shop', name: 'pricing', port: 8080, app: 'pricing' },
  ],
};
