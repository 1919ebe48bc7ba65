import { buildEvidence } from './build-evidence';
import { diagnose } from './diagnose';
import type { EvidenceSource } from './evidence-source';
import type { Verdict } from './verdict';

const NONE = { missing: 'not collected' } as const;

/**
 * The first verdict for a container that printed these lines (null: no log is held), lived two seconds and exited with this code.
 * Tests use it.
 */
export function firstVerdict(
  log: string | null,
  exitCode: number,
  spec: object = {},
  podSpec: object = {},
  parts: Partial<EvidenceSource> = {},
): Verdict | undefined {
  const { verdicts } = diagnose(
    buildEvidence({
      now: Date.parse('2026-03-01T12:00:00Z'),
      cluster: 'test',
      workload: { kind: 'Deployment', namespace: 'shop', name: 'web' },
      container: 'web',
      pod: {
        metadata: {
          namespace: 'shop',
          name: 'web-1',
          labels: { app: 'web' },
          creationTimestamp: '2026-03-01T11:00:00Z',
        },
        spec: { nodeName: 'node-1', ...podSpec, containers: [{ name: 'web', image: 'web:1', ...spec }] },
        status: {
          phase: 'Running',
          containerStatuses: [
            {
              name: 'web',
              restartCount: 5,
              state: { waiting: { reason: 'CrashLoopBackOff' } },
              lastState: {
                terminated: {
                  exitCode,
                  reason: exitCode === 0 ? 'Completed' : 'Error',
                  startedAt: '2026-03-01T11:58:20Z',
                  finishedAt: '2026-03-01T11:58:22Z',
                },
              },
            },
          ],
        },
      },
      runs: [],
      previousLog: log === null ? NONE : { value: { head: log, tail: '', skippedLines: 0, stamped: false } },
      currentLog: NONE,
      firstLog: NONE,
      events: { value: [] },
      node: NONE,
      siblings: NONE,
      owner: NONE,
      revisions: NONE,
      references: NONE,
      services: NONE,
      claims: NONE,
      policies: NONE,
      ...parts,
    }),
  );
  return verdicts[0];
}
