import type { ContainerSpec } from '@/server/demo/kube-types';
import { goLog } from '@/server/demo/logs/go';
import { lines, plain } from '@/server/demo/logs/lines';
import type { LogScript } from '@/server/demo/logs/log-script';
import { pino } from '@/server/demo/logs/node';
import { sidekiq } from '@/server/demo/logs/ruby';
import { goTraffic, nodeTraffic } from '@/server/demo/logs/traffic';
import type { Program } from '@/server/demo/program';
import type { Scenario } from '@/server/demo/workload';
import { env, httpProbe, image, port, resources } from './container';
import { always, ending, endingAt } from './programs';
import { DAY, MINUTE } from './time';

/** When the next malformed document comes through the queue. */
const SECOND_DOCUMENT_AT = 2 * MINUTE;

const queryGatewayStart = lines(
  [300, pino('info', 'query-gateway', 'starting', { version: '8.1.0' })],
  [520, pino('info', 'query-gateway', 'synonyms loaded', { sets: 41 })],
);
const noSuchHost: Program = ({ random }) =>
  ending(random.between(1_600, 2_800), 1, {
    opening: [
      ...queryGatewayStart,
      ...lines(
        [900, pino('warn', 'query-gateway', 'suggest index not reachable, trying again', { attempt: 1 })],
        [
          1_450,
          plain(`node:internal/process/promises:394
      triggerUncaughtException(err, true /* fromPromise */);
      ^

Error: getaddrinfo ENOTFOUND suggest-index.search.svc.cluster.local
    at GetAddrInfoReqWrap.onlookupall [as oncomplete] (node:dns:122:26) {
  errno: -3008,
  code: 'ENOTFOUND',
  syscall: 'getaddrinfo',
  hostname: 'suggest-index.search.svc.cluster.local'
}

Node.js v24.11.1`),
        ],
      ),
    ],
  });
const queryGatewayServes: LogScript = {
  opening: [...queryGatewayStart, ...lines([1_100, pino('info', 'query-gateway', 'listening', { port: 8080 })])],
  steady: nodeTraffic('query-gateway', ['/search?q=boots', '/search?q=jacket', '/suggest?q=ja']),
};

function queryGateway(tag: string): ContainerSpec {
  return {
    name: 'gateway',
    image: image('search/query-gateway', tag),
    ports: [port(8080)],
    env: [
      env('SUGGEST_URL', `http://${tag.startsWith('8.1') ? 'suggest-index' : 'suggest'}.search.svc.cluster.local:9200`),
    ],
    resources: resources(['250m', '256Mi'], { memory: '512Mi' }),
    readinessProbe: httpProbe('/ready', 8080, { periodSeconds: 5 }),
  };
}

const indexerStart = lines(
  [1_100, sidekiq('INFO', 'Booting indexer 5.6.0')],
  [2_400, sidekiq('INFO', 'Starting processing, hit Ctrl-C to stop')],
);
const indexerWork: NonNullable<LogScript['steady']> = {
  everyMs: 4_000,
  print: (at, turn) =>
    sidekiq(
      'INFO',
      `indexed ${20 + (turn % 180)} documents`,
      `class=IndexBatch jid=${(turn * 104_729).toString(16)}`,
    )(at),
};
const malformed = lines(
  [-300, sidekiq('WARN', 'document 77120 has no attributes', 'class=IndexBatch')],
  [
    -120,
    plain(`/app/lib/indexer/document.rb:31:in 'Indexer::Document#brand': undefined method 'fetch' for nil (NoMethodError)

    attributes.fetch("brand")
              ^^^^^^
	from /app/lib/indexer/batch.rb:54:in 'block in Indexer::Batch#run'
	from /app/lib/indexer/batch.rb:49:in 'Array#each'
	from /app/lib/indexer/batch.rb:49:in 'Indexer::Batch#run'
	from /app/bin/indexer:9:in '<main>'`),
  ],
);

/** Crashed four times until a document was taken out of the queue, and has recovered a minute after the opening; then comes a second one. */
const indexer: Program = (context) => {
  const { attempt, sinceOpening, random } = context;
  const log: LogScript = { opening: indexerStart, steady: indexerWork, ending: malformed };
  if (attempt === 4 && sinceOpening < SECOND_DOCUMENT_AT) return endingAt(SECOND_DOCUMENT_AT, context, 1, log);
  return ending(random.between(7_000, 11_000), 1, log);
};

const queryApiServes: LogScript = {
  opening: lines(
    [500, goLog('query-api 2.0.0')],
    [2_900, goLog('segments opened: 64')],
    [3_200, goLog('listening on :9000, health on /healthz')],
  ),
  steady: goTraffic(['/query', '/query/explain', '/healthz'], 4_000),
};
const notFound = 'HTTP probe failed with statuscode: 404';

/** Search: a name that no longer exists, a queue with poison in it, a probe that asks the wrong path, a command that is one word. */
export const SEARCH: Scenario = {
  workloads: [
    {
      kind: 'Deployment',
      namespace: 'search',
      name: 'query-gateway',
      replicas: 2,
      revisions: [
        {
          at: -5 * DAY,
          revision: 26,
          containers: [queryGateway('8.0.7')],
          programs: { gateway: always(queryGatewayServes, { readyAfterMs: 1_200 }) },
        },
        {
          at: -38 * MINUTE,
          revision: 27,
          changeCause: 'query-gateway 8.1.0',
          containers: [queryGateway('8.1.0')],
          programs: { gateway: noSuchHost },
        },
      ],
    },
    {
      kind: 'Deployment',
      namespace: 'search',
      name: 'indexer',
      replicas: 1,
      placement: ['worker-5'],
      revisions: [
        {
          at: -11.25 * MINUTE,
          revision: 18,
          containers: [
            {
              name: 'indexer',
              image: image('search/indexer', '5.6.0'),
              env: [env('QUEUE', 'catalog-changes')],
              resources: resources(['250m', '384Mi'], { memory: '768Mi' }),
            },
          ],
          programs: { indexer },
        },
      ],
    },
    {
      kind: 'Deployment',
      namespace: 'search',
      name: 'query-api',
      replicas: 2,
      revisions: [
        {
          at: -64 * MINUTE,
          revision: 11,
          changeCause: 'query-api 2.0.0',
          containers: [
            {
              name: 'query-api',
              image: image('search/query-api', '2.0.0'),
              ports: [port(9000)],
              resources: resources(['500m', '512Mi'], { memory: '1Gi' }),
              livenessProbe: httpProbe('/health', 9000, { initialDelaySeconds: 10 }),
              readinessProbe: httpProbe('/healthz', 9000, { periodSeconds: 5 }),
            },
          ],
          programs: {
            'query-api': always(queryApiServes, {
              readyAfterMs: 3_300,
              probeFailures: [{ probe: 'liveness', fromMs: 3_300, message: notFound }],
              onTerm: { afterMs: 1_200, code: 0 },
            }),
          },
        },
      ],
    },
    {
      kind: 'Deployment',
      namespace: 'search',
      name: 'reindex-worker',
      replicas: 1,
      placement: ['worker-2'],
      revisions: [
        {
          at: -29 * MINUTE,
          revision: 2,
          containers: [
            {
              name: 'worker',
              image: image('search/reindex-worker', '0.3.0'),
              command: ['bundle exec sidekiq -C config/sidekiq.yml'],
              resources: resources(['250m', '256Mi'], { memory: '512Mi' }),
            },
          ],
          programs: {
            worker: () => ({
              kind: 'start-error',
              message:
                'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "bundle exec sidekiq -C config/sidekiq.yml": stat bundle exec sidekiq -C config/sidekiq.yml: no such file or directory',
            }),
          },
        },
      ],
    },
    {
      kind: 'Pod',
      namespace: 'sandbox',
      name: 'nettools',
      at: -18 * MINUTE,
      placement: ['worker-4'],
      plan: {
        containers: [{ name: 'nettools', image: 'docker.io/library/debian:13', command: ['bash'] }],
        programs: { nettools: ({ random }) => ending(random.between(20, 80), 0, { opening: [] }) },
      },
    },
  ],
  services: [
    { namespace: 'search', name: 'query-gateway', port: 8080, app: 'query-gateway' },
    { namespace: 'search', name: 'query-api', port: 9000, app: 'query-api' },
    { namespace: 'search', name: 'suggest', port: 9200, app: 'suggest' },
  ],
};
