import { describe, expect, test } from 'vitest';
import { buildEvidence } from './build-evidence';
import { diagnose, diagnoseInSteps, isFailing } from './diagnose';
import type { EvidenceSource, LogText } from './evidence-source';
import { RULES } from './registry';
import { defineRule } from './rule';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const NONE = { missing: 'not collected' } as const;

function source(over: Partial<EvidenceSource> & { status?: unknown; spec?: unknown } = {}): EvidenceSource {
  const { status, spec, ...rest } = over;
  const terminated = {
    exitCode: 1,
    reason: 'Error',
    startedAt: '2026-03-01T11:58:20Z',
    finishedAt: '2026-03-01T11:58:22Z',
    containerID: 'containerd://1',
  };
  return {
    now: NOW,
    cluster: 'test',
    workload: { kind: 'Deployment', namespace: 'shop', name: 'web' },
    container: 'web',
    pod: {
      kind: 'Pod',
      metadata: { namespace: 'shop', name: 'web-1', uid: 'u1', creationTimestamp: '2026-03-01T11:00:00Z' },
      spec: { nodeName: 'node-1', containers: [{ name: 'web', image: 'web:1', ...(spec as object) }] },
      status: {
        phase: 'Running',
        containerStatuses: [
          {
            name: 'web',
            restartCount: 5,
            state: { waiting: { reason: 'CrashLoopBackOff', message: '' } },
            lastState: { terminated },
            ...(status as object),
          },
        ],
      },
    },
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
    ...rest,
  };
}

const text = (head: string, tail = ''): { value: LogText } => ({
  value: { head, tail, skippedLines: 0, stamped: false },
});

describe('diagnose', () => {
  test('says nothing about a container that is well', () => {
    const evidence = buildEvidence(
      source({
        status: {
          ready: true,
          restartCount: 0,
          state: { running: { startedAt: '2026-03-01T11:01:00Z' } },
          lastState: {},
        },
      }),
    );
    expect(diagnose(evidence).verdicts).toEqual([]);
  });

  test('forgives a crash that a run of hours has followed, and not one of a minute ago', () => {
    const lastState = {
      terminated: {
        exitCode: 1,
        reason: 'Error',
        startedAt: '2026-03-01T05:00:00Z',
        finishedAt: '2026-03-01T05:01:00Z',
      },
    };
    const at = (startedAt: string) =>
      buildEvidence(source({ status: { ready: true, restartCount: 1, state: { running: { startedAt } }, lastState } }));
    expect(isFailing(at('2026-03-01T05:01:10Z'))).toBe(false);
    expect(isFailing(at('2026-03-01T11:59:00Z'))).toBe(true);
  });

  test('a loop of long runs goes on until one outlives those before', () => {
    const lastState = {
      terminated: {
        exitCode: 137,
        reason: 'OOMKilled',
        startedAt: '2026-03-01T08:00:00Z',
        finishedAt: '2026-03-01T11:00:00Z',
      },
    };
    const at = (startedAt: string, now: number) =>
      buildEvidence({
        ...source({ status: { ready: true, restartCount: 9, state: { running: { startedAt } }, lastState } }),
        now,
      });
    expect(isFailing(at('2026-03-01T11:00:10Z', NOW))).toBe(true);
    expect(isFailing(at('2026-03-01T11:00:10Z', NOW + 4 * 3_600_000))).toBe(false);
  });

  test('without any log names the log that is missing, and what to do', () => {
    const { verdicts, outcomes } = diagnose(buildEvidence(source()));
    expect(verdicts.map((one) => one.cause)).toEqual(['unknown']);
    expect(verdicts[0]?.steps[0]?.text).toContain('not collected');
    expect(outcomes).toContainEqual({ ruleId: 'missing-module', outcome: 'not-evaluated', missing: ['log'] });
  });

  test.each([
    [138, 'ends by SIGUSR1 (exit 138)'],
    [150, 'exits 150'],
  ])('says exit %d as the board does: %s', (exitCode, words) => {
    const terminated = {
      exitCode,
      reason: 'Error',
      startedAt: '2026-03-01T11:58:20Z',
      finishedAt: '2026-03-01T11:58:22Z',
    };
    const { verdicts } = diagnose(buildEvidence(source({ status: { lastState: { terminated } } })));
    expect(verdicts[0]?.sentence).toContain(`web ${words}`);
  });

  test('a rule that throws is broken and stops no other', () => {
    const thrower = defineRule({
      cause: 'unknown',
      title: 'Thrower',
      docs: 'https://example.org/',
      doc: { describe: 'D.', logs: 'L.', steps: ['S.'], prevention: 'P.' },
      needs: [],
      specificity: 1,
      id: 'thrower',
      detect: () => {
        throw new Error('out of bounds');
      },
    });
    const { verdicts, outcomes } = diagnose(buildEvidence(source({ previousLog: text('panic: x') })), [
      thrower,
      ...RULES,
    ]);
    expect(outcomes[0]).toEqual({ ruleId: 'thrower', outcome: 'broken', error: 'out of bounds' });
    expect(verdicts.length).toBeGreaterThan(0);
  });

  test('a cause stands before the symptom, and the exit does not mislead', () => {
    const log = `Traceback (most recent call last):
  File "/app/main.py", line 3, in <module>
    import redis
ModuleNotFoundError: No module named 'redis'`;
    const { verdicts } = diagnose(buildEvidence(source({ previousLog: text(log) })));
    expect(verdicts[0]).toMatchObject({ cause: 'missing-module', confidence: 'likely' });
    expect(verdicts.map((one) => one.cause)).not.toContain('app-exception');
  });

  test('the newest fatal line decides over earlier trouble that was overcome', () => {
    const log = `WARN connection to cache:6379 refused, trying again
INFO connected
FATAL environment variable MAIL_HOST is not set`;
    const { verdicts } = diagnose(buildEvidence(source({ previousLog: text(log) })));
    expect(verdicts[0]?.cause).toBe('env-missing');
  });

  test('a kill by the kernel stands before what the log says', () => {
    const { verdicts } = diagnose(
      buildEvidence(
        source({
          previousLog: text('ERROR cannot reach metrics: connection refused 10.0.0.9:9091'),
          status: {
            lastState: {
              terminated: {
                exitCode: 137,
                reason: 'OOMKilled',
                startedAt: '2026-03-01T11:58:20Z',
                finishedAt: '2026-03-01T11:58:42Z',
              },
            },
          },
        }),
      ),
    );
    expect(verdicts[0]).toMatchObject({ cause: 'oom-killed', confidence: 'certain' });
  });

  test('the first crash tells what later ones hide', () => {
    const run = (id: string, finishedAt: number) => ({
      id,
      loopId: 'l',
      podUid: 'u1',
      podName: 'web-1',
      namespace: 'shop',
      container: 'web',
      containerType: 'app' as const,
      containerId: id,
      restartIndex: 0,
      startedAt: finishedAt - 2000,
      finishedAt,
      exitCode: 1,
      reason: 'Error',
      message: '',
      nodeName: 'node-1',
      image: 'web:1',
      missedBefore: 0,
      observedAt: null,
    });
    const { verdicts } = diagnose(
      buildEvidence(
        source({
          runs: [run('a', NOW - 900_000), run('b', NOW - 60_000)],
          firstLog: text('FATAL environment variable MAIL_HOST is not set'),
          previousLog: text(
            'starting\npanic: leftover state of an earlier run\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:3',
          ),
        }),
      ),
    );
    expect(verdicts[0]).toMatchObject({ cause: 'env-missing', confidence: 'likely' });
    expect(verdicts[0]?.facts[0].place).toMatchObject({ tab: 'logs', log: 'first' });
    expect(verdicts[1]?.cause).toBe('app-exception');
  });

  test('the same evidence gives the same verdicts', () => {
    const make = () =>
      diagnose(buildEvidence(source({ previousLog: text('FATAL open /etc/a.yaml: no such file or directory') })));
    expect(make()).toEqual(make());
  });

  test('judged in steps, other work may go first after each rule, and the verdicts are the same', () => {
    const evidence = buildEvidence(
      source({ previousLog: text('FATAL open /etc/a.yaml: no such file or directory'), firstLog: text('FATAL no') }),
    );
    const steps = diagnoseInSteps(evidence);
    let pauses = 0;
    let step = steps.next();
    for (; !step.done; step = steps.next()) pauses++;
    expect(pauses).toBeGreaterThanOrEqual(RULES.length);
    expect(step.value).toEqual(diagnose(evidence));
  });

  test('odd objects are read without throwing', () => {
    for (const pod of [
      {},
      { spec: null, status: 7 },
      { spec: { containers: [null, 3, { name: 5 }] } },
      { metadata: [] },
    ]) {
      expect(() => diagnose(buildEvidence({ ...source(), pod }))).not.toThrow();
    }
  });
});
