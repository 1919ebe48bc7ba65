import { slog } from '@/server/demo/logs/go';
import { lines, numberOf } from '@/server/demo/logs/lines';
import type { Program } from '@/server/demo/program';
import type { Scenario } from '@/server/demo/workload';
import { env, image, resources } from './container';
import { ending } from './programs';
import { MINUTE, SECOND } from './time';

/** Gives up with exit 1 and no word of why: only the last thing that it did can be told. */
const outboxRelay: Program = ({ random }) =>
  ending(random.between(4, 40) * SECOND, 1, {
    opening: lines(
      [180, slog('INFO', 'outbox-relay', 'version=0.9.0')],
      [410, slog('INFO', 'reading outbox', 'table=outbox batch=200')],
    ),
    steady: {
      everyMs: 2_500,
      print: (at, turn) => slog('INFO', 'batch relayed', `rows=${numberOf(turn, 3, 200)}`)(at),
    },
  });

/** A loop whose evidence holds no cause. */
export const OUTBOX: Scenario = {
  workloads: [
    {
      kind: 'Deployment',
      namespace: 'data',
      name: 'outbox-relay',
      replicas: 1,
      placement: ['worker-5'],
      revisions: [
        {
          at: -52 * MINUTE,
          revision: 3,
          containers: [
            {
              name: 'outbox-relay',
              image: image('data/outbox-relay', '0.9.0'),
              env: [env('BATCH', '200')],
              resources: resources(['100m', '128Mi']),
            },
          ],
          programs: { 'outbox-relay': outboxRelay },
        },
      ],
    },
  ],
};
