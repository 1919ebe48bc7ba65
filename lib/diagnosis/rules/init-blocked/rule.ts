import { editWorkload, endpointSlices, kubectl, step } from '@/lib/diagnosis/commands';
import type { ContainerEvidence, Evidence, StatusEvidence } from '@/lib/diagnosis/evidence';
import { logFact, podFact, specFact, specPath, statusFact } from '@/lib/diagnosis/facts';
import { rankStatements } from '@/lib/diagnosis/log/decisive-line';
import type { Statement } from '@/lib/diagnosis/log/statement';
import { defineRule } from '@/lib/diagnosis/rule';
import type { DoneCondition } from '@/lib/diagnosis/steps/condition';
import { commandWords } from '@/lib/diagnosis/texts/command-words';
import { inWords, serviceFact, serviceOf, type Target, targetOf } from '@/lib/diagnosis/texts/dependency-target';
import type { Confidence, Fact, Finding, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';
import { formatDuration } from '@/lib/format/duration';

/** How long an init container may run before it counts as blocked. */
const PATIENCE_MS = 5 * 60_000;

/** What programs print while they wait for something else. */
const WAITING =
  /\bwait(?:ing|s|-for)?\b|\bsleep(?:ing)?\b|\bretry(?:ing)?\b|try(?:ing)? again|not (?:yet )?(?:been )?(?:ready|available|up|reachable|migrated|healthy|initiali[sz]ed|complete|running|found|resolved|started|listening|responding)|is unavailable|isn't (?:ready|available|up)|no response|still (?:waiting|not|pending)|can't resolve|could not resolve|bad address|[Cc]onnection refused|timed? ?out|NXDOMAIN|does not exist yet|until\b|pending/i;
/** What they wait for, where no host and port stand in the line. */
const FOR =
  /(?:[Ww]aiting (?:for|on)|[Ww]ait(?:s)? for|resolve|address|until|for) (?:the )?(?:service |services? |database |host |job |pod |deployment |secret )?['"`]?([A-Za-z][\w.:/-]{2,100})['"`]?/;
const NO_NAME =
  /^(?:it|this|that|all|any|other|them|more|seconds?|minutes?|next|retry|connection|be|to|ready|come|start)$/i;

interface Wait {
  /** The line that says so, or null where the log says nothing of the kind. */
  readonly line: { readonly no: number; readonly text: string } | null;
  readonly target: Target;
  readonly name: string;
}

function readWait(evidence: Evidence): Wait {
  const log = evidence.log;
  const lines = log?.lines.filter((one) => one.text.trim() !== '').slice(-40) ?? [];
  const line = lines.findLast((one) => WAITING.test(one.text.slice(0, 1024))) ?? null;
  const command = commandWords(evidence.container).join(' ').slice(0, 2048);
  const fromLine = line ? targetOf(line.text.slice(0, 1024)) : { host: '', port: '' };
  const target = fromLine.host === '' ? targetOf(command) : fromLine;
  const named = FOR.exec(line?.text.slice(0, 1024) ?? '')?.[1]?.replace(/[.:]+$/, '') ?? '';
  const name = NO_NAME.test(named) ? '' : named;
  return {
    line: line ? { no: line.no, text: line.text.trim() } : null,
    target: target.host === '' && name !== '' ? { host: name, port: '' } : target,
    name,
  };
}

function waitedFor({ target, line }: Wait): string {
  if (target.host !== '' && !target.host.includes('/')) return `it waits for ${inWords(target)}`;
  return line ? `it waits: "${shorten(line.text, 90)}"` : 'it has not ended and its log does not say why';
}

function steps(evidence: Evidence, wait: Wait): readonly Step[] {
  const { pod, container } = evidence;
  const service = serviceOf(evidence, wait.target);
  const done: DoneCondition = { kind: 'init-ends', container: evidence.container.name };
  return [
    step(
      'follow-log',
      'Follow what it prints',
      'Most say what they wait for.',
      kubectl(evidence, 'logs', pod.name, '-c', container.name, '--tail=50', '-f'),
    ),
    service
      ? step(
          'see-endpoints',
          'See what stands behind the Service',
          'No address means that no pod of it is ready, or that its selector fits none: look at those pods first.',
          endpointSlices(service),
          { kind: 'endpoints-ready', namespace: service.namespace, service: service.name },
        )
      : step(
          'see-what-it-awaits',
          'See whether what it waits for is there',
          'A Service without ready pods, a Job that never ran, a name that was mistyped: what it waits for is the cause.',
          kubectl(evidence, 'get', 'services,endpointslices,pods,jobs'),
          done,
        ),
    step(
      'correct-wait',
      'Correct what it waits for, or let it give up',
      'Opens the workload. An init container that gives up after minutes shows up as a failure with a reason, one that waits for ever does not.',
      editWorkload(evidence),
      done,
    ),
  ];
}

function waitFacts(evidence: Evidence, wait: Wait): Fact[] {
  const service = serviceOf(evidence, wait.target);
  const words = commandWords(evidence.container);
  return [
    ...(service ? [serviceFact(service)] : []),
    ...(words.length > 0 ? [specFact(evidence, 'command', JSON.stringify(words), 'What it runs')] : []),
  ];
}

/** An init container that runs and runs. */
function fromRunning(evidence: Evidence): Finding | null {
  const { state } = evidence.status;
  if (state.kind !== 'running' || evidence.lastTermination) return null;
  const ranMs = evidence.now - (state.startedAt ?? evidence.pod.createdAt ?? evidence.now);
  if (ranMs < PATIENCE_MS) return null;
  const wait = readWait(evidence);
  // It runs, nothing failed, and the pod is held by it; only a long piece of work looks the same.
  const confidence: Confidence = wait.line ? 'certain' : 'likely';
  const started = statusFact(
    evidence,
    'state.running.startedAt',
    state.startedAt === null ? 'unknown' : new Date(state.startedAt).toISOString(),
    `It has been running for ${formatDuration(ranMs)}`,
  );
  return {
    confidence,
    what:
      wait.target.host !== '' && !wait.target.host.includes('/')
        ? `waits for ${shorten(inWords(wait.target), 46)}`
        : `waits for ${formatDuration(ranMs)} and does not end`,
    sentence: headline(
      evidence,
      confidence,
      waitedFor(wait),
      `has been running for ${formatDuration(ranMs)} and holds the pod`,
    ),
    facts: [
      ...(wait.line && evidence.log ? ([logFact(evidence.log, wait.line.no, 'What it says')] as const) : ([] as const)),
      started,
      ...waitFacts(evidence, wait),
    ] as [Fact, ...Fact[]],
    steps: steps(evidence, wait),
  };
}

/** The API server's answer about an object that an init container waits for; the group is `resource "name"`. */
const NO_OBJECT = /\b([a-z]{2,40}(?:\.[a-z][a-z0-9.-]{1,80})? "[a-z0-9.-]{1,253}") not found/;

/** An init container that asks the API server for an object, to wait for it, and is told that there is none. */
function fromNoObject(evidence: Evidence, best: Statement): Finding | null {
  const object = NO_OBJECT.exec(best.message)?.[1];
  const asks = [evidence.container.name, ...commandWords(evidence.container)].join(' ').slice(0, 2048);
  if (object === undefined || !/\bwait|\bcheck|\buntil\b|rollout status/i.test(asks) || !evidence.log) return null;
  return {
    confidence: 'likely',
    what: shorten(`waits for ${object}, which does not exist`, 60),
    sentence: headline(evidence, 'likely', `it waits for ${object}, which does not exist`),
    facts: [
      logFact(evidence.log, best.no, 'What the API server answers'),
      ...waitFacts(evidence, { line: null, target: { host: '', port: '' }, name: '' }),
    ],
    steps: [
      step(
        'list-awaited-objects',
        'See which there are',
        'A release of another name, or a Job that was removed when it had finished.',
        kubectl(evidence, 'get', object.split(' ')[0] ?? 'jobs'),
      ),
      step(
        'correct-awaited-name',
        'Correct the name that it waits for',
        'Opens the workload. Where the object was removed because its work is done, the wait has to go, or the object has to stay.',
        editWorkload(evidence),
        { kind: 'init-ends', container: evidence.container.name },
      ),
    ],
  };
}

/** An init container that gave up waiting, with nothing worse in its log. */
function fromGivenUp(evidence: Evidence): Finding | null {
  const last = evidence.lastTermination;
  if (!last || last.exitCode === 0 || !evidence.log) return null;
  const best = rankStatements(evidence.log)[0]?.statement;
  const absent = best && evidence.container.type === 'init' ? fromNoObject(evidence, best) : null;
  if (absent) return absent;
  if (!best || !/\bwait|timed? ?out waiting|not (?:yet )?ready|gave? up|giving up|unavailable/i.test(best.message))
    return null;
  const wait = readWait(evidence);
  if (!wait.line) return null;
  return {
    confidence: 'possible',
    what: 'gives up waiting',
    sentence: headline(evidence, 'possible', waitedFor(wait)),
    facts: [logFact(evidence.log, best.no, 'What it ends with'), ...waitFacts(evidence, wait)],
    steps: steps(evidence, wait),
  };
}

/** Tells how an init container holds the pod, or gives null where it does not. */
function holds(container: ContainerEvidence, status: StatusEvidence | undefined, now: number): string | null {
  if (!status) return null;
  const { state } = status;
  if (state.kind === 'terminated') return state.exitCode === 0 ? null : `exits ${state.exitCode}`;
  if (state.kind === 'waiting') {
    return ['PodInitializing', 'ContainerCreating', ''].includes(state.reason) ? null : `waits on ${state.reason}`;
  }
  if (state.kind !== 'running' || now - (state.startedAt ?? now) < PATIENCE_MS) return null;
  if (container.type === 'sidecar') return status.started === true ? null : 'is not started by its startup probe';
  return `has been running for ${formatDuration(now - (state.startedAt ?? now))}`;
}

/** A container that waits for the init containers before it. */
function fromBehind(evidence: Evidence): Finding | null {
  const { status, pod, now, container } = evidence;
  if (status.state.kind !== 'waiting' || status.state.reason !== 'PodInitializing' || evidence.lastTermination)
    return null;
  for (const init of pod.initContainers) {
    if (init.name === container.name) return null;
    const how = holds(init, pod.statuses[init.name], now);
    if (how === null) continue;
    const path = `status.initContainerStatuses[${init.name}].state`;
    return {
      confidence: 'certain',
      what: `init container ${shorten(init.name, 34)} has not ended`,
      sentence: headline(evidence, 'certain', `init container ${init.name} ${how}`, 'does not start'),
      facts: [
        podFact(path, how, 'The init container that holds the pod'),
        statusFact(evidence, 'state.waiting.reason', status.state.reason, 'It waits for it'),
      ],
      steps: [
        {
          id: 'look-at-init-container',
          title: `Look at init container ${init.name}`,
          text: 'Containers of the pod start when it has ended; its own verdict says why it has not.',
          operation: { kind: 'look', place: { tab: 'spec', path: specPath(init, 'command') } },
        },
        step(
          'read-init-log',
          'Read its log',
          'The reason stands there.',
          kubectl(evidence, 'logs', pod.name, '-c', init.name, '--tail=50'),
          { kind: 'init-ends', container: init.name },
        ),
      ],
    };
  }
  return null;
}

/**
 * An init container waits and does not end, so no container of the pod starts; or a container waits for one that fails.
 *
 * Time alone tells: no restart, no event, `Init:0/1`. An init container that fails has the cause of its own reason, which
 * stands before this one; what it waits for is the next thing to look at.
 */
export const initBlocked = defineRule({
  id: 'init-blocked',
  cause: 'init-blocked',
  title: 'Init container waits or fails for its own reason',
  docs: 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-init-containers/',
  doc: {
    describe: '`Init:0/1` for minutes without restarts or warnings; containers wait on `PodInitializing`.',
    logs: "The init container's: `waiting for db:5432`, `not ready`, again and again.",
    steps: [
      "Read the init container's log: it says what it waits for.",
      'Look at that: a Service without ready pods, a Job that never ran, a mistyped name.',
      'Let the wait end with an error after minutes.',
    ],
    prevention: 'Give each wait an end, and prefer retries in the program to init containers that wait.',
  },
  needs: [],
  specificity: 1,
  detect: (evidence) =>
    evidence.container.type === 'init'
      ? (fromRunning(evidence) ?? fromGivenUp(evidence) ?? fromBehind(evidence))
      : fromBehind(evidence),
});
