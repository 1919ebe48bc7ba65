import { describe, expect, test } from 'vitest';
import { buildEvidence } from './build-evidence';
import type { EvidenceSource, LogText } from './evidence-source';

const NONE = { missing: 'not collected' } as const;
const log = (head: string): { value: LogText } => ({ value: { head, tail: '', skippedLines: 0, stamped: false } });

function source(over: Partial<EvidenceSource>): EvidenceSource {
  return {
    now: 0,
    cluster: 'test',
    workload: { kind: 'Deployment', namespace: 'shop', name: 'web' },
    container: 'web',
    pod: {},
    runs: [],
    previousLog: NONE,
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
    ...over,
  };
}

function podWith(state: object, lastState: object = {}): EvidenceSource['pod'] {
  return {
    metadata: { namespace: 'shop', name: 'web-1', labels: { 'pod-template-hash': 'bbb' } },
    spec: { containers: [{ name: 'web', env: [{ name: 'DB_PASSWORD', value: 'hunter2' }] }] },
    status: { containerStatuses: [{ name: 'web', state, lastState }] },
  };
}
const ENDED = {
  terminated: { exitCode: 3, reason: 'Error', startedAt: '1970-01-01T00:00:00Z', finishedAt: '2026-03-01T11:58:22Z' },
};

describe('buildEvidence', () => {
  test('takes the newest end from the state, else from the last state, and forgets times that nobody knew', () => {
    const older = { terminated: { exitCode: 9 } };
    expect(buildEvidence(source({ pod: podWith(ENDED, older) })).lastTermination).toMatchObject({
      exitCode: 3,
      startedAt: null,
    });
    expect(
      buildEvidence(source({ pod: podWith({ waiting: { reason: 'CrashLoopBackOff' } }, ENDED) })).lastTermination
        ?.exitCode,
    ).toBe(3);
    const alive = buildEvidence(source({ pod: podWith({ running: {} }) }));
    expect(alive.lastTermination).toBeUndefined();
    expect(alive.missing.lastTermination).toBeTruthy();
  });

  test('while it waits, the current log is that of the newest ended run', () => {
    const waiting = buildEvidence(
      source({
        pod: podWith({ waiting: { reason: 'CrashLoopBackOff' } }, ENDED),
        currentLog: log('FATAL no licence\n'),
      }),
    );
    expect(waiting.previousLog?.lines.map((line) => line.text)).toEqual(['FATAL no licence']);
    expect(waiting.missing.previousLog).toBeUndefined();
    const alive = buildEvidence(source({ pod: podWith({ running: {} }, ENDED), currentLog: log('serving\n') }));
    expect(alive.previousLog).toBeUndefined();
    expect(alive.missing.previousLog).toBe('not collected');
  });

  test("takes the kubelet's sentence about a lost log for what it is", () => {
    const lost = buildEvidence(
      source({ pod: podWith(ENDED), previousLog: log('unable to retrieve container logs for containerd://4f88') }),
    );
    expect(lost.previousLog).toBeUndefined();
    expect(lost.missing.previousLog).toContain('no longer');
  });

  test('without a log reads the termination message', () => {
    const terminated = { ...ENDED.terminated, message: 'no licence for this host' };
    const evidence = buildEvidence(source({ pod: podWith({ terminated }) }));
    expect(evidence.log).toMatchObject({ which: 'message', lines: [{ no: 1, text: 'no licence for this host' }] });
  });

  test('never shows a credential, and of a Secret only its keys', () => {
    const evidence = buildEvidence(
      source({
        pod: podWith(ENDED),
        references: { value: [{ kind: 'Secret', metadata: { name: 'web' }, keys: ['token'], type: 'Opaque' }] },
      }),
    );
    expect(JSON.stringify(evidence)).not.toContain('hunter2');
    expect(evidence.references).toEqual([
      { kind: 'Secret', name: 'web', exists: true, keys: ['token'], data: null, type: 'Opaque' },
    ]);
  });

  test('compares the revision that fails with the one before it', () => {
    const revision = (number: string, hash: string, image: string, env: object[]) => ({
      kind: 'ReplicaSet',
      metadata: { annotations: { 'deployment.kubernetes.io/revision': number }, labels: { 'pod-template-hash': hash } },
      spec: { template: { spec: { containers: [{ name: 'web', image, env }] } } },
    });
    const evidence = buildEvidence(
      source({
        pod: podWith(ENDED),
        revisions: {
          value: [
            revision('3', 'bbb', 'web:2', [{ name: 'MODE', value: 'fast' }]),
            revision('1', 'zzz', 'web:0', []),
            revision('2', 'aaa', 'web:1', [
              { name: 'DB_PASSWORD', value: 'hunter2' },
              { name: 'MODE', value: 'fast' },
            ]),
          ],
        },
      }),
    );
    expect(evidence.revision).toMatchObject({
      number: '3',
      changes: [
        { path: 'spec.containers[web].image', before: 'web:1', after: 'web:2' },
        { path: 'spec.containers[web].env[DB_PASSWORD]', before: '[withheld: looks like a password]', after: '' },
      ],
    });
  });

  test('names a referenced object that is not there, and says of a Secret only that it was not asked for', () => {
    const pod = {
      ...podWith(ENDED),
      spec: {
        containers: [
          { name: 'web', envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'keys' } }] },
        ],
      },
    };
    expect(buildEvidence(source({ pod, references: { value: [] } })).references).toMatchObject([
      { kind: 'ConfigMap', name: 'settings', exists: false },
      { kind: 'Secret', name: 'keys', exists: null },
    ]);
  });
});
