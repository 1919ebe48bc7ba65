import {
  editWorkload,
  kubectl,
  outlives,
  rollbackStep,
  seenByPerson,
  staysReady,
  step,
} from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { eventFact, exitFact, specFact, statusFact } from '@/lib/diagnosis/facts';
import { rankStatements } from '@/lib/diagnosis/log/decisive-line';
import { eventsOf, findProbeKill } from '@/lib/diagnosis/probe-kill';
import { defineRule } from '@/lib/diagnosis/rule';
import type { DoneCondition } from '@/lib/diagnosis/steps/condition';
import type { Confidence, Fact, Finding, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

/** The hook could not run because the container had ended before it: then the end is the cause. */
const TOO_LATE =
  /no running task found|container (?:is )?not (?:running|created or running)|cannot exec in a (?:stopped|deleted)|container (?:has )?(?:already )?(?:stopped|exited)|task .{0,100}not found|process already finished|container .{0,100}is not running/i;
/** How a container ends that the kubelet kills: by SIGTERM, which it may take as it likes, or SIGKILL. */
const KILLED = new Set([0, 129, 130, 137, 143]);
const PATIENCE_MS = 5 * 60_000;
/** Score of a log statement that programs end with. */
const FATAL = 80;

interface Failure {
  readonly fact: Fact;
  /** The kubelet's whole text, where it gives one; kubelets from 1.29 on keep it out of events. */
  readonly text: string;
}

function findFailure(evidence: Evidence): Failure | null {
  const { state } = evidence.status;
  if (state.kind === 'waiting' && state.reason === 'PostStartHookError') {
    return {
      fact: statusFact(evidence, 'state.waiting.message', state.message || state.reason, 'How the hook failed'),
      text: state.message,
    };
  }
  const events = eventsOf(evidence, 'FailedPostStartHook');
  const event = events.findLast((one) => /lifecycle hook/.test(one.message)) ?? events.at(-1);
  if (event) return { fact: eventFact(event, 'The postStart hook fails'), text: event.message };
  const killing = eventsOf(evidence, 'Killing').findLast((one) => one.message.includes('FailedPostStartHook'));
  return killing ? { fact: eventFact(killing, 'The kubelet kills it for its postStart hook'), text: '' } : null;
}

/** Reads what the hook said out of the kubelet's text: its exit code and its output. */
function reading(text: string): string {
  const head = text.slice(0, 4096);
  const output = /message: "((?:[^"\\]|\\.){1,600})"/.exec(head)?.[1]?.replace(/\\n/g, ' ').trim();
  const exit = /exited with (\d{1,3})/.exec(head)?.[1];
  const said = output ? `: ${shorten(output, 100)}` : '';
  if (exit) return ` with exit ${exit}${said}`;
  if (output) return said;
  const reason = /failed - error: ([^\n]{1,300})/.exec(head)?.[1];
  return reason ? `: ${shorten(reason.replace(/, message: "".{0,5}$/, ''), 100)}` : '';
}

function hookFact(evidence: Evidence): Fact[] {
  const { postStart } = evidence.container;
  return postStart === null ? [] : [specFact(evidence, 'lifecycle.postStart', postStart, 'The hook')];
}

function steps(evidence: Evidence): readonly Step[] {
  const { container, pod } = evidence;
  const done: DoneCondition = outlives(evidence);
  const isExec = container.postStart?.startsWith('[') === true;
  return [
    step(
      'read-hook-output',
      'Read what the hook said',
      'Its output stands in the waiting message for a moment after each failure, and nowhere else: a hook has no log.',
      kubectl(
        evidence,
        'get',
        'pod',
        pod.name,
        '-o',
        `jsonpath={.status.containerStatuses[?(@.name=="${container.name}")].state.waiting.message}`,
      ),
    ),
    ...(isExec
      ? [
          step(
            'keep-hook-output',
            'Let it keep its output',
            "Opens the workload: append `>/proc/1/fd/1 2>&1` to the hook's command, so that it is written to the log of the container.",
            editWorkload(evidence),
            seenByPerson('the log shows what the hook prints'),
          ),
        ]
      : []),
    {
      id: 'let-hook-wait',
      operation: { kind: 'decide' },
      title: 'Let the hook bear a program that is not up yet',
      text: 'The hook starts together with the program, not after it: let it wait for what it needs, do no harm when it runs twice, and end with 0. What must come before the program belongs into an init container; what the program can do itself belongs there.',
      done,
    },
    ...rollbackStep(evidence, 'If the hook came with this revision, the one before ran without it.'),
  ];
}

/** A hook that does not return: its container was started and still shows as being created. */
function fromHanging(evidence: Evidence): Finding | null {
  const { status, container, pod, now } = evidence;
  if (container.postStart === null || status.state.kind !== 'waiting' || evidence.lastTermination) return null;
  if (!['ContainerCreating', 'PodInitializing', ''].includes(status.state.reason)) return null;
  const started = eventsOf(evidence, 'Started').at(-1);
  if (!started || now - (started.last ?? now) < PATIENCE_MS) return null;
  return {
    confidence: 'likely',
    what: 'its postStart hook does not return',
    sentence: headline(
      evidence,
      'likely',
      'its postStart hook does not return',
      'stays in its creation though it runs',
    ),
    facts: [
      eventFact(started, 'It was started'),
      statusFact(evidence, 'state.waiting.reason', status.state.reason, 'And still counts as being created'),
      ...hookFact(evidence),
    ],
    steps: [
      step(
        'see-hook-processes',
        'See what the hook waits for',
        'It runs inside the container, beside the program.',
        kubectl(evidence, 'exec', pod.name, '-c', container.name, '--', 'ps', '-ef'),
      ),
      ...steps(evidence).slice(-1),
      {
        id: 'end-hook-in-time',
        operation: { kind: 'decide' },
        title: 'Give the hook an end',
        text: 'Let it give up after a time of its own. The kubelet starts no further container of the pod while it runs.',
        done: staysReady(evidence),
      },
    ],
  };
}

/**
 * The postStart hook fails, so the kubelet kills a container that may be well.
 *
 * `FailedPostStartHook` or the waiting reason `PostStartHookError` prove it, unless the program ended by itself and the hook only
 * found it gone. A failed preStop hook delays an end and starts no loop.
 */
export const hookFailed = defineRule({
  id: 'hook-failed',
  cause: 'hook-failed',
  title: 'postStart or preStop hook fails',
  docs: 'https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/',
  doc: {
    describe:
      '`FailedPostStartHook`, then `Killing` with the same word; waiting on `PostStartHookError`; exit 137 or 143.',
    logs: 'A start like any other that breaks off: the output of a hook is not in the log.',
    steps: [
      'Read the output of the hook in the waiting message.',
      'Let the hook wait for the program, and end with 0 when it ran before.',
      'Move what must come first into an init container.',
    ],
    prevention: 'Keep hooks short and repeatable, and let the program do what belongs to its start.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['exits-early', 'probe-too-early'],
  detect: (evidence) => {
    const failure = findFailure(evidence);
    if (!failure) return fromHanging(evidence);
    const code = evidence.lastTermination?.exitCode;
    const top = evidence.log ? (rankStatements(evidence.log)[0]?.score ?? 0) : 0;
    const isKilled = code === undefined || KILLED.has(code);
    const isLate = TOO_LATE.test(failure.text.slice(0, 4096));
    if (isLate && !isKilled) return null;
    const isOther = evidence.lastTermination?.reason === 'OOMKilled' || findProbeKill(evidence)?.killing != null;
    const confidence: Confidence =
      isLate || isOther || (!isKilled && top >= FATAL) ? 'possible' : isKilled && top < FATAL ? 'certain' : 'likely';
    const exit = exitFact(evidence);
    return {
      confidence,
      what: 'its postStart hook fails',
      sentence: headline(
        evidence,
        confidence,
        `its postStart hook fails${reading(failure.text)}`,
        'is killed after its start',
      ),
      facts: [failure.fact, ...hookFact(evidence), ...(exit ? [exit] : [])],
      steps: steps(evidence),
    };
  },
});
