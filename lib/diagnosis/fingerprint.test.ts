import { describe, expect, it } from 'vitest';
import { buildEvidence } from './build-evidence';
import { diagnose } from './diagnose';
import type { EvidenceSource } from './evidence-source';
import { failureKey, fingerprintOf } from './fingerprint';

const NONE = { missing: 'not collected' } as const;

interface Failing {
  readonly name?: string;
  readonly namespace?: string;
  readonly pod?: string;
  readonly image?: string;
  readonly exitCode?: number;
  readonly log?: string;
  readonly waiting?: { readonly reason: string; readonly message: string };
}

/** A container that crashes with a log, or that waits with a message and never ran. */
function failing(over: Failing) {
  const {
    name = 'web',
    namespace = 'shop',
    image = 'registry.example/shop/web:1.4.1',
    exitCode = 1,
    log,
    waiting,
  } = over;
  const terminated = {
    exitCode,
    reason: 'Error',
    startedAt: '2026-03-01T11:58:20Z',
    finishedAt: '2026-03-01T11:58:22Z',
    containerID: 'containerd://1',
  };
  const source: EvidenceSource = {
    now: Date.parse('2026-03-01T12:00:00Z'),
    cluster: 'test',
    workload: { kind: 'Deployment', namespace, name },
    container: 'main',
    pod: {
      kind: 'Pod',
      metadata: { namespace, name: over.pod ?? `${name}-6d4cf56db6-x2k4p`, uid: over.pod ?? 'u1' },
      spec: { nodeName: 'node-1', containers: [{ name: 'main', image }] },
      status: {
        phase: waiting ? 'Pending' : 'Running',
        containerStatuses: [
          waiting
            ? { name: 'main', restartCount: 0, state: { waiting } }
            : {
                name: 'main',
                restartCount: 5,
                state: { waiting: { reason: 'CrashLoopBackOff', message: '' } },
                lastState: { terminated },
              },
        ],
      },
    },
    runs: [],
    previousLog: log === undefined ? NONE : { value: { head: log, tail: '', skippedLines: 0, stamped: false } },
    currentLog: NONE,
    firstLog: NONE,
    events: NONE,
    node: NONE,
    siblings: NONE,
    owner: NONE,
    revisions: NONE,
    references: NONE,
    services: NONE,
    claims: NONE,
    policies: NONE,
  };
  return buildEvidence(source);
}

function fingerprint(over: Failing): string {
  const evidence = failing(over);
  return fingerprintOf(evidence, diagnose(evidence).verdicts[0] ?? null);
}

const TRACE = (at: string) =>
  `${at} INFO starting\nTraceback (most recent call last):\n  File "run.py", line 37, in enrich\nKeyError: 'tenant_id'\n`;
const REFUSED = 'ERROR cannot connect err="dial tcp: connect: connection refused" host=';

describe('one failure has one fingerprint', () => {
  it('on two replicas, at two times', () => {
    expect(fingerprint({ pod: 'web-6d4cf56db6-x2k4p', log: TRACE('2026-03-01T11:58:20Z') })).toBe(
      fingerprint({ pod: 'web-6d4cf56db6-m8tqz', log: TRACE('2026-03-01T11:59:59Z') }),
    );
  });

  it('in two workloads of one program, whatever its version', () => {
    expect(fingerprint({ name: 'web', log: TRACE('a') })).toBe(
      fingerprint({ name: 'worker', image: 'registry.example/shop/web:1.4.2', log: TRACE('b') }),
    );
  });

  it('in programs of two languages that miss the same Service, named in short or in full', () => {
    const go = `time=2026-03-01T11:58:20Z level=ERROR msg="cannot connect" err="dial rabbitmq:5672: connection refused"\n`;
    const java = [
      '2026-03-01T11:58:21.337Z INFO Attempting to connect to: [rabbitmq.shop.svc.cluster.local:5672]',
      'ERROR Application run failed',
      'Caused by: java.net.ConnectException: Connection refused',
      '',
    ].join('\n');
    expect(fingerprint({ name: 'orders', image: 'orders:1', log: go })).toBe(
      fingerprint({ name: 'settlement', namespace: 'payments', image: 'settlement:4', log: java }),
    );
  });

  it('where two workloads of a namespace wait for the same Secret', () => {
    const waiting = { reason: 'CreateContainerConfigError', message: 'secret "smtp" not found' };
    expect(fingerprint({ name: 'mailer', image: 'mailer:1', waiting })).toBe(
      fingerprint({ name: 'report', image: 'report:2', waiting }),
    );
    expect(fingerprint({ name: 'report', namespace: 'other', waiting })).not.toBe(fingerprint({ waiting }));
  });
});

describe('two failures never share a fingerprint', () => {
  it.each<[string, Failing, Failing]>([
    ['another exit', { log: TRACE('a'), exitCode: 1 }, { log: TRACE('a'), exitCode: 3 }],
    ['another line', { log: "KeyError: 'tenant_id'\n" }, { log: "KeyError: 'user_id'\n" }],
    ['another program', { image: 'a/web:1', log: TRACE('a') }, { image: 'b/web:1', log: TRACE('a') }],
    ['another port', { log: `${REFUSED}db.shop.svc:5432\n` }, { log: `${REFUSED}db.shop.svc:6432\n` }],
    ['another host', { log: `${REFUSED}db.shop.svc:5432\n` }, { log: `${REFUSED}db.other.svc:5432\n` }],
    ['no line at all', { name: 'web', exitCode: 137 }, { name: 'api', exitCode: 137 }],
    ['an empty complaint', { name: 'web', log: 'error\n' }, { name: 'api', log: 'error\n' }],
    [
      'another image that cannot be pulled',
      { name: 'a', image: 'r.example/a:1', waiting: { reason: 'ErrImagePull', message: 'r.example/a:1: not found' } },
      { name: 'a', image: 'r.example/a:2', waiting: { reason: 'ErrImagePull', message: 'r.example/a:2: not found' } },
    ],
    [
      'two refusals of addresses that nothing names',
      { name: 'a', image: 'a:1', log: 'dial tcp 10.0.0.1:5432: connect: connection refused\n' },
      { name: 'b', image: 'b:1', log: 'dial tcp 10.0.0.2:5432: connect: connection refused\n' },
    ],
  ])('%s', (_name, one, other) => {
    expect(fingerprint(one)).not.toBe(fingerprint(other));
  });

  it('names the loop itself where nothing tells more', () => {
    expect(failureKey(failing({ exitCode: 137 }), null)).toEqual([
      'own',
      'unknown',
      '137 SIGKILL Error',
      'deployments/shop/web/main',
    ]);
  });
});
