import { describeCommand, logsCommand, rollbackStep, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, logFact, runsFact, statusFact } from '@/lib/diagnosis/facts';
import { findDecisiveLine } from '@/lib/diagnosis/log/decisive-line';
import { defineRule } from '@/lib/diagnosis/rule';
import type { Fact, Step } from '@/lib/diagnosis/verdict';
import { failing, shorten, subject } from '@/lib/diagnosis/wording';

function facts(evidence: Evidence): [Fact, ...Fact[]] {
  const { state } = evidence.status;
  const line = evidence.log ? findDecisiveLine(evidence.log) : null;
  const found = [
    line && evidence.log ? logFact(evidence.log, line.no, 'The line that says most') : null,
    exitFact(evidence),
    state.kind === 'waiting' ? statusFact(evidence, 'state.waiting.reason', state.reason, 'What it waits for') : null,
  ].filter((fact): fact is Fact => fact !== null);
  const [first, ...rest] = found;
  return first ? [first, ...rest] : [runsFact(String(evidence.status.restartCount), 'Restarts so far')];
}

function steps(evidence: Evidence): readonly Step[] {
  const { missing } = evidence;
  const reads: Step[] = evidence.log
    ? [
        step(
          'read-log',
          'Read the crashed run to its end',
          'No rule knows its last lines; a person may.',
          logsCommand(evidence),
        ),
      ]
    : [step('read-next-log', 'Get the log of the next crash', missing.log ?? 'No log is held.', logsCommand(evidence))];
  return [
    ...reads,
    step(
      'read-events',
      'Look at the events of the pod',
      missing.events ?? 'Kills, mounts and scheduling are told here.',
      describeCommand(evidence),
    ),
    ...rollbackStep(evidence, 'If the revision before ran well, this brings the service back while you look.'),
  ];
}

/**
 * Fires for every failing container, at the lowest rank: what is said when no rule explains the failure.
 *
 * It is not a cause. It quotes the line and the exit that say most and names the best next look.
 */
export const unknown = defineRule({
  id: 'unknown',
  cause: 'unknown',
  title: 'No cause found',
  docs: 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/',
  doc: {
    describe: 'An exit code or a waiting reason, and no event that explains it.',
    logs: 'Nothing, or lines that name no reason.',
    steps: [
      'Read the log of the crashed run to its end.',
      'Look at the events.',
      'Compare with the revision that ran.',
    ],
    prevention: 'Let the program print why it ends, to standard error, before it does.',
  },
  needs: [],
  specificity: 1,
  detect: (evidence) => {
    const line = evidence.log ? findDecisiveLine(evidence.log) : null;
    return {
      confidence: 'possible',
      what: line ? shorten(line.message, 60) : `${failing(evidence)}, cause not found`,
      sentence: line
        ? `${subject(evidence)} ${failing(evidence)}; the line that says most is "${shorten(line.message, 120)}".`
        : `${subject(evidence)} ${failing(evidence)} and the evidence shows no cause.`,
      facts: facts(evidence),
      steps: steps(evidence),
    };
  },
});
