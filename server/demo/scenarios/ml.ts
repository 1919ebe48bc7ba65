import type { ContainerSpec } from '@/server/demo/kube-types';
import { slog } from '@/server/demo/logs/go';
import { lines, plain } from '@/server/demo/logs/lines';
import type { LogScript } from '@/server/demo/logs/log-script';
import { pyLog, uvicorn } from '@/server/demo/logs/python';
import { goTraffic, pythonTraffic } from '@/server/demo/logs/traffic';
import type { Program } from '@/server/demo/program';
import type { Scenario } from '@/server/demo/workload';
import { env, httpProbe, image, port, resources } from './container';
import { always, ending, serving } from './programs';
import { DAY, MINUTE } from './time';

const recommenderStart = lines(
  [180, slog('INFO', 'recommender', 'go=go1.26.1')],
  [900, slog('INFO', 'embeddings mapped', 'size=3.1GiB')],
);
const recommenderServes: LogScript = {
  opening: [...recommenderStart, ...lines([1_700, slog('INFO', 'serving', 'addr=:8080')])],
  steady: goTraffic(['/v2/similar', '/v2/for-you', '/v2/basket']),
};

const recommenderPanics: Program = ({ random }) =>
  ending(random.between(2_100, 3_000), 2, {
    opening: [
      ...recommenderStart,
      ...lines(
        [1_400, slog('INFO', 'loading model', 'name=two-tower-2026-11 shards=8')],
        [
          1_900,
          plain(`panic: assignment to entry in nil map

goroutine 1 [running]:
example.com/recommender/internal/model.(*Store).loadModel(0xc0001ba000, {0xc00002e0a8, 0x12})
	/src/internal/model/store.go:118 +0x4d2
example.com/recommender/internal/model.Open({0xc00002e0a8, 0x12})
	/src/internal/model/store.go:61 +0x10f
main.main()
	/src/cmd/recommender/main.go:54 +0x3a5`),
        ],
      ),
    ],
  });

function recommender(tag: string): ContainerSpec {
  return {
    name: 'recommender',
    image: image('ml/recommender', tag),
    ports: [port(8080)],
    env: [env('MODEL', 'two-tower-2026-11'), env('GOMEMLIMIT', '3500MiB')],
    resources: resources(['1', '4Gi'], { memory: '4Gi' }),
    readinessProbe: httpProbe('/readyz', 8080, { periodSeconds: 5 }),
  };
}

const featureStore: Program = ({ random }) =>
  ending(random.between(11_000, 16_000), 1, {
    opening: lines(
      [900, uvicorn('Started server process [1]')],
      [930, uvicorn('Waiting for application startup.')],
      [1_400, pyLog('INFO', 'features.catalog', '118 feature views registered')],
      [4_000, pyLog('INFO', 'features.backfill', 'replaying 2026-11-19 from the change log')],
      [8_800, pyLog('WARNING', 'features.backfill', 'column price: 3 values are not numbers')],
      [
        10_100,
        plain(`ERROR:    Traceback (most recent call last):
  File "/usr/local/lib/python3.13/site-packages/starlette/routing.py", line 694, in lifespan
    async with self.lifespan_context(app) as maybe_state:
  File "/srv/features/app.py", line 33, in lifespan
    await catalog.replay()
  File "/srv/features/catalog.py", line 142, in replay
    row.price = float(raw["price"])
ValueError: could not convert string to float: 'n/a'

ERROR:    Application startup failed. Exiting.`),
      ],
    ),
  });

const ocr: Program = ({ node, random }) =>
  node.architecture === 'arm64'
    ? ending(random.between(40, 120), 1, {
        opening: lines([15, plain('exec /usr/local/bin/ocr-server: exec format error')]),
      })
    : serving(
        {
          opening: lines(
            [2_000, pyLog('INFO', 'ocr', 'models loaded: latin, greek, digits')],
            [2_300, pyLog('INFO', 'ocr', 'listening on :8500')],
          ),
          steady: pythonTraffic('ocr', ['page read', 'table found', 'page read']),
        },
        { readyAfterMs: 2_400 },
      );

/** Models: a nil map in a rollout that comes while one watches, a value that is no number, one node of another kind, too big a request. */
export const ML: Scenario = {
  workloads: [
    {
      kind: 'Deployment',
      namespace: 'ml',
      name: 'recommender',
      replicas: 6,
      revisions: [
        {
          at: -3 * DAY,
          revision: 202,
          changeCause: 'recommender 14.6.1',
          containers: [recommender('14.6.1')],
          programs: { recommender: always(recommenderServes, { readyAfterMs: 1_800 }) },
        },
        {
          at: MINUTE,
          revision: 203,
          changeCause: 'recommender 14.7.0',
          containers: [recommender('14.7.0')],
          programs: { recommender: recommenderPanics },
        },
      ],
    },
    {
      kind: 'Deployment',
      namespace: 'ml',
      name: 'feature-store',
      replicas: 2,
      placement: ['worker-2', 'worker-5'],
      revisions: [
        {
          at: -95 * MINUTE,
          revision: 12,
          containers: [
            {
              name: 'feature-store',
              image: image('ml/feature-store', '0.41.0'),
              ports: [port(8000)],
              env: [env('CHANGE_LOG', 's3://change-log-eu-1/prices')],
              resources: resources(['500m', '1Gi'], { memory: '2Gi' }),
              readinessProbe: httpProbe('/health', 8000, { initialDelaySeconds: 20 }),
            },
          ],
          programs: { 'feature-store': featureStore },
        },
      ],
    },
    {
      kind: 'Deployment',
      namespace: 'ml',
      name: 'ocr',
      replicas: 3,
      placement: ['worker-1', 'worker-3', 'worker-6'],
      revisions: [
        {
          at: -169 * MINUTE,
          revision: 5,
          containers: [
            {
              name: 'ocr',
              image: image('ml/ocr', '2.2.0'),
              ports: [port(8500)],
              resources: resources(['1', '2Gi'], { memory: '4Gi' }),
              readinessProbe: { tcpSocket: { port: 8500 } },
            },
          ],
          programs: { ocr },
        },
      ],
    },
    {
      kind: 'Deployment',
      namespace: 'ml',
      name: 'trainer',
      replicas: 1,
      revisions: [
        {
          at: -51 * MINUTE,
          revision: 1,
          containers: [
            {
              name: 'trainer',
              image: image('ml/trainer', '1.0.0'),
              args: ['--epochs=40'],
              resources: resources(['8', '96Gi'], { memory: '96Gi' }),
            },
          ],
          unschedulable: () =>
            '0/7 nodes are available: 1 node(s) had untolerated taint(s), 6 Insufficient memory. no new claims to deallocate, preemption: 0/7 nodes are available: 7 Preemption is not helpful for scheduling.',
          programs: { trainer: always({ opening: [] }) },
        },
      ],
    },
  ],
  services: [
    { namespace: 'ml', name: 'recommender', port: 8080, app: 'recommender' },
    { namespace: 'ml', name: 'feature-store', port: 8000, app: 'feature-store' },
    { namespace: 'ml', name: 'ocr', port: 8500, app: 'ocr' },
  ],
};
