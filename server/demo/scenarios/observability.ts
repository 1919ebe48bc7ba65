import { klog, slog } from '@/server/demo/logs/go';
import { lines, numberOf, plain } from '@/server/demo/logs/lines';
import type { LogScript } from '@/server/demo/logs/log-script';
import type { Program } from '@/server/demo/program';
import type { Scenario } from '@/server/demo/workload';
import { httpProbe, image, port, resources } from './container';
import { ending, endingAt, serving } from './programs';
import { DAY, MINUTE } from './time';

/** The hour at which the journal of two nodes was made volatile. */
const JOURNAL_GONE_AT = -102 * MINUTE;
const NODES_WITHOUT_JOURNAL = ['worker-2', 'worker-4'];

const agentStart = lines(
  [140, klog('I', 'main.go:61', 'log-agent v3.4.1 (go1.26.1), node agent')],
  [260, klog('I', 'config.go:114', 'inputs: journal, containers; output: http://log-store.observability.svc:9428')],
);
const agentServes: LogScript = {
  opening: [...agentStart, ...lines([900, klog('I', 'journal.go:77', 'tailing /host/var/log/journal')])],
  steady: {
    everyMs: 15_000,
    print: (at, turn) =>
      klog('I', 'output.go:203', `sent ${numberOf(turn, 210, 4_900)} records in ${numberOf(turn, 4, 61)} ms`)(at),
  },
};

const agent: Program = (context) => {
  const { node, sinceOpening, random } = context;
  if (!NODES_WITHOUT_JOURNAL.includes(node.name)) return serving(agentServes);
  if (sinceOpening < JOURNAL_GONE_AT) {
    const ends = lines([-60, klog('E', 'journal.go:191', 'journal read: bad file descriptor, restarting')]);
    return endingAt(JOURNAL_GONE_AT, context, 1, { ...agentServes, ending: ends });
  }
  return ending(random.between(600, 1_100), 1, {
    opening: [
      ...agentStart,
      ...lines(
        [420, klog('I', 'containers.go:58', 'found 31 container logs')],
        [510, klog('F', 'journal.go:52', 'open /host/var/log/journal: no such file or directory')],
      ),
    ],
  });
};

const unknownFlag: Program = ({ random }) =>
  ending(random.between(300, 600), 1, {
    opening: lines([
      120,
      plain(`Error: unknown flag: --retention-days
Usage:
  metrics-gateway serve [flags]

Flags:
      --addr string                 address to listen on (default ":8428")
      --retention duration          how long samples are kept (default 720h0m0s)
      --storage-path string         directory of the store
  -h, --help                        help for serve

unknown flag: --retention-days`),
    ]),
  });

const gatewayServes: LogScript = {
  opening: lines([200, slog('INFO', 'metrics-gateway', 'version=2.8.0')], [900, slog('INFO', 'serving', 'addr=:8428')]),
  steady: {
    everyMs: 10_000,
    print: (at, turn) => slog('INFO', 'flushed', `samples=${numberOf(turn, 12_000, 90_000)}`)(at),
  },
};

/** A node agent that lacks a directory on two nodes, and a flag that went with the new major version. */
export const OBSERVABILITY: Scenario = {
  workloads: [
    {
      kind: 'DaemonSet',
      namespace: 'observability',
      name: 'log-agent',
      revision: {
        at: -40 * DAY,
        revision: 6,
        serviceAccount: 'log-agent',
        extra: { tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }] },
        containers: [
          {
            name: 'log-agent',
            image: image('observability/log-agent', '3.4.1'),
            args: ['--journal=/host/var/log/journal', '--containers=/host/var/log/containers'],
            resources: resources(['50m', '64Mi'], { memory: '256Mi' }),
            volumeMounts: [{ name: 'var-log', mountPath: '/host/var/log', readOnly: true }],
          },
        ],
        volumes: [{ name: 'var-log', hostPath: { path: '/var/log', type: '' } }],
        programs: { 'log-agent': agent },
      },
    },
    {
      kind: 'Deployment',
      namespace: 'observability',
      name: 'metrics-gateway',
      replicas: 2,
      placement: ['worker-1', 'worker-5', 'worker-4'],
      revisions: [
        {
          at: -21 * DAY,
          revision: 3,
          containers: [
            {
              name: 'gateway',
              image: image('observability/metrics-gateway', '2.8.0'),
              args: ['serve', '--retention-days=30', '--storage-path=/data'],
              ports: [port(8428)],
              resources: resources(['200m', '512Mi'], { memory: '1Gi' }),
              readinessProbe: httpProbe('/-/ready', 8428),
            },
          ],
          programs: { gateway: () => serving(gatewayServes, { readyAfterMs: 1_000 }) },
        },
        {
          at: -35 * MINUTE,
          revision: 4,
          changeCause: 'metrics-gateway 3.0.0',
          containers: [
            {
              name: 'gateway',
              image: image('observability/metrics-gateway', '3.0.0'),
              args: ['serve', '--retention-days=30', '--storage-path=/data'],
              ports: [port(8428)],
              resources: resources(['200m', '512Mi'], { memory: '1Gi' }),
              readinessProbe: httpProbe('/-/ready', 8428),
            },
          ],
          programs: { gateway: unknownFlag },
        },
      ],
    },
  ],
  services: [{ namespace: 'observability', name: 'metrics-gateway', port: 8428, app: 'metrics-gateway' }],
};
