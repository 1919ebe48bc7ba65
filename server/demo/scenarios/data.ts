import { slog } from '@/server/demo/logs/go';
import { lines, numberOf, plain } from '@/server/demo/logs/lines';
import { pyLog } from '@/server/demo/logs/python';
import type { Program } from '@/server/demo/program';
import type { Scenario } from '@/server/demo/workload';
import { env, envFromMap, envFromSecret, image, resources } from './container';
import { always, ending } from './programs';
import { DAY, MINUTE, SECOND } from './time';

const missingModule: Program = ({ random }) =>
  ending(random.between(1_400, 2_300), 1, {
    opening: lines(
      [600, pyLog('INFO', 'importer', 'importer 3.2.0 on python 3.13.9')],
      [
        1_200,
        plain(`Traceback (most recent call last):
  File "<frozen runpy>", line 198, in _run_module_as_main
  File "<frozen runpy>", line 88, in _run_code
  File "/srv/importer/__main__.py", line 5, in <module>
    from importer.sources import parquet, csv
  File "/srv/importer/sources/parquet.py", line 3, in <module>
    import pyarrow.dataset as ds
ModuleNotFoundError: No module named 'pyarrow'`),
      ],
    ),
  });

const backfill: Program = ({ random }) => {
  const livesMs = random.between(6_500, 9_000);
  return ending(livesMs, 1, {
    opening: lines(
      [700, pyLog('INFO', 'backfill', 'backfill 2026-11, 1 worker')],
      [1_900, pyLog('INFO', 'backfill.events', 'reading events-2026-11-02.jsonl')],
      [4_100, pyLog('INFO', 'backfill.events', '48000 rows, 12 s left')],
      [
        livesMs - 120,
        plain(`Traceback (most recent call last):
  File "/srv/backfill/run.py", line 91, in <module>
    main()
  File "/srv/backfill/run.py", line 64, in main
    write(enrich(row) for row in rows)
  File "/srv/backfill/run.py", line 37, in enrich
    tenant = tenants[row["tenant_id"]]
                     ~~~^^^^^^^^^^^^^
KeyError: 'tenant_id'`),
      ],
    ),
  });
};

/** Killed from outside, at any time, without an out-of-memory mark and without a probe: nothing in the cluster says why. */
const geoSync: Program = ({ random }) =>
  ending(random.between(6, 85) * SECOND, 137, {
    opening: lines(
      [220, slog('INFO', 'geo-sync', 'version=1.3.3')],
      [640, slog('INFO', 'cursor restored', 'position=88120033')],
    ),
    steady: {
      everyMs: 3_500,
      print: (at, turn) =>
        slog(
          'INFO',
          'region synced',
          `region=${['eu-1', 'us-2', 'ap-1'][turn % 3]} rows=${numberOf(turn, 120, 4_800)}`,
        )(at),
    },
  });

const evaluation: Program = ({ random }) =>
  ending(random.between(9_000, 13_000), 1, {
    opening: lines(
      [800, pyLog('INFO', 'evaluate', 'model ranker-2026-11-18, dataset holdout')],
      [6_400, pyLog('INFO', 'evaluate', 'weights loaded in 5.5 s')],
      [
        8_200,
        plain(`Traceback (most recent call last):
  File "/srv/evaluate/main.py", line 52, in <module>
    frame = pd.read_parquet(path)
  File "/usr/local/lib/python3.13/site-packages/pandas/io/parquet.py", line 669, in read_parquet
    return impl.read(
FileNotFoundError: [Errno 2] No such file or directory: '/data/holdout/2026-11-18.parquet'`),
      ],
    ),
  });

/** Jobs and pipelines: a module that the image lacks, a missing key, a Job about to give up, a silent SIGKILL, a claim without a class. */
export const DATA: Scenario = {
  workloads: [
    {
      kind: 'Deployment',
      namespace: 'data',
      name: 'importer',
      replicas: 2,
      placement: ['worker-3', 'worker-4'],
      revisions: [
        {
          at: -41 * MINUTE,
          revision: 3,
          changeCause: 'importer 3.2.0, slim image',
          containers: [
            {
              name: 'importer',
              image: image('data/importer', '3.2.0-slim'),
              command: ['python', '-m', 'importer'],
              env: [env('SOURCE_BUCKET', 's3://landing-eu-1'), envFromMap('BATCH_SIZE', 'importer', 'batch-size')],
              resources: resources(['250m', '512Mi'], { memory: '1Gi' }),
            },
          ],
          programs: { importer: missingModule },
        },
      ],
    },
    {
      kind: 'CronJob',
      namespace: 'data',
      name: 'nightly-report',
      everyMs: DAY,
      firstAt: -122 * MINUTE,
      backoffLimit: 6,
      placement: ['worker-1'],
      plan: {
        restartPolicy: 'OnFailure',
        containers: [
          {
            name: 'report',
            image: image('data/nightly-report', '1.7.0'),
            env: [envFromSecret('SMTP_USER', 'smtp', 'USER'), envFromSecret('SMTP_PASSWORD', 'smtp', 'PASSWORD')],
            resources: resources(['100m', '256Mi'], { memory: '512Mi' }),
          },
        ],
        programs: {
          report: () => ({ kind: 'config-error', message: `couldn't find key PASSWORD in Secret data/smtp` }),
        },
      },
    },
    {
      kind: 'Job',
      namespace: 'data',
      name: 'backfill-2026-11',
      at: -5.2 * MINUTE,
      backoffLimit: 6,
      placement: ['worker-2'],
      plan: {
        restartPolicy: 'OnFailure',
        containers: [
          {
            name: 'backfill',
            image: image('data/backfill', '0.14.0'),
            args: ['--month=2026-11', '--workers=1'],
            resources: resources(['1', '1Gi'], { memory: '2Gi' }),
          },
        ],
        programs: { backfill },
      },
    },
    {
      kind: 'Job',
      namespace: 'ml',
      name: 'evaluate-ranker',
      at: -6 * MINUTE,
      backoffLimit: 3,
      plan: {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'evaluate',
            image: image('ml/evaluate', '2.0.1'),
            args: ['--model=ranker-2026-11-18'],
            resources: resources(['2', '4Gi'], { memory: '8Gi' }),
          },
        ],
        programs: { evaluate: evaluation },
      },
    },
    {
      kind: 'Deployment',
      namespace: 'data',
      name: 'geo-sync',
      replicas: 1,
      placement: ['worker-1'],
      revisions: [
        {
          at: -74 * MINUTE,
          revision: 8,
          containers: [
            {
              name: 'geo-sync',
              image: image('data/geo-sync', '1.3.3'),
              env: [env('REGIONS', 'eu-1,us-2,ap-1')],
              resources: resources(['200m', '256Mi']),
            },
          ],
          programs: { 'geo-sync': geoSync },
        },
      ],
    },
    {
      kind: 'StatefulSet',
      namespace: 'data',
      name: 'warehouse',
      replicas: 1,
      claims: [{ name: 'store', size: '500Gi', storageClass: 'fast-nvme', isBound: false }],
      revision: {
        at: -26 * MINUTE,
        revision: 1,
        containers: [
          {
            name: 'warehouse',
            image: image('data/warehouse', '25.10.2'),
            resources: resources(['2', '8Gi'], { memory: '8Gi' }),
            volumeMounts: [{ name: 'store', mountPath: '/var/lib/warehouse' }],
          },
        ],
        unschedulable: () =>
          '0/7 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found. preemption: 0/7 nodes are available: 7 Preemption is not helpful for scheduling.',
        programs: { warehouse: always({ opening: [] }) },
      },
    },
  ],
  configMaps: [
    { namespace: 'data', name: 'importer', versions: [{ at: -41 * MINUTE, data: { 'batch-size': '5000' } }] },
  ],
  services: [{ namespace: 'data', name: 'warehouse', port: 9000, app: 'warehouse' }],
};
