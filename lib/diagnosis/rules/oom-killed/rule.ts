import { containerPatch, kubectl, outlives, rollbackStep, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import {
  eventFact,
  exitFact,
  fieldFact,
  logFact,
  runsFact,
  specFact,
  specPath,
  statusFact,
} from '@/lib/diagnosis/facts';
import { findLine } from '@/lib/diagnosis/match-log';
import { eventsOf, findProbeKill, podEvents } from '@/lib/diagnosis/probe-kill';
import { defineRule } from '@/lib/diagnosis/rule';
import { matchStartError } from '@/lib/diagnosis/texts/start-error';
import type { Fact, Finding, Step } from '@/lib/diagnosis/verdict';
import { headline } from '@/lib/diagnosis/wording';
import { parseQuantity } from '@/lib/domain/quantity';
import { formatBytes } from '@/lib/format/bytes';

/** The last one: the kernel sets no limit below what the group holds already (EBUSY). */
const START_OOM =
  /container init was OOM-killed|unable to set memory limit to|memory limit too low|memory\.(?:limit_in_bytes|max)\b.{0,300}device or resource busy/;
const MIB = 1024 ** 2;
const TOO_SMALL_BYTES = 6 * MIB;

/** Twice the limit, in whole 64 MiB; a limit that cannot start anything goes to 128Mi. */
function proposedLimit(limitBytes: number): string {
  if (limitBytes < TOO_SMALL_BYTES) return '128Mi';
  return formatBytes(Math.ceil((limitBytes * 2) / (64 * MIB)) * 64 * MIB);
}

function heapAdvice(evidence: Evidence): string {
  const text = `${evidence.container.image} ${evidence.container.command.join(' ')}`;
  if (/java|jdk|jre|spring|tomcat|kafka|elastic|keycloak|jenkins/i.test(text))
    return ' Cap the heap with `-XX:MaxRAMPercentage=75`.';
  if (/node|npm|yarn|next/i.test(text))
    return ' Cap the heap with `--max-old-space-size` at three quarters of the limit.';
  return ' A runtime with its own heap needs to know the limit (`-XX:MaxRAMPercentage`, `--max-old-space-size`, `GOMEMLIMIT`).';
}

function steps(evidence: Evidence, limit: string | null): readonly Step[] {
  const bytes = parseQuantity(limit);
  const usage = step(
    'compare-use',
    'Compare its use with the limit',
    'A use that climbs from start to kill is a leak, which a larger limit only delays; one that is high at once needs the larger limit.',
    kubectl(evidence, 'top', 'pod', evidence.pod.name, '--containers'),
  );
  if (bytes === null || limit === null)
    return [usage, ...rollbackStep(evidence, 'If the revision before needed less, go back to it while you look.')];
  const next = proposedLimit(bytes);
  const raise = containerPatch(
    evidence,
    { resources: { requests: { memory: next }, limits: { memory: next } } },
    {
      id: 'raise-memory-limit',
      title: `Raise the memory limit to ${next}`,
      text:
        bytes < TOO_SMALL_BYTES
          ? `${limit} is ${formatBytes(bytes)}: too little for any process, most likely a wrong unit.`
          : `Twice ${limit}, with the request beside it so that the node keeps that much free.${heapAdvice(evidence)}`,
      done: outlives(evidence),
    },
  );
  return [raise, usage, ...rollbackStep(evidence, 'If the revision before needed less, go back to it while you look.')];
}

function finding(
  evidence: Evidence,
  confidence: Finding['confidence'],
  facts: readonly [Fact, ...Fact[]],
  reason: string,
  what: string,
): Finding {
  const { memoryLimit } = evidence.container.resources;
  const limitFact = memoryLimit ? [specFact(evidence, 'resources.limits.memory', memoryLimit, 'Its memory limit')] : [];
  return {
    confidence,
    what,
    sentence: headline(evidence, confidence, reason),
    facts: [...facts, ...limitFact],
    steps: steps(evidence, memoryLimit),
  };
}

function earlierKill(evidence: Evidence): Fact | null {
  const run = evidence.runs.find((one) => one.reason === 'OOMKilled');
  if (run) return runsFact(`OOMKilled, exit ${run.exitCode ?? '?'}`, 'How an earlier run ended');
  const stored = evidence.status.lastTermination;
  return stored?.reason === 'OOMKilled'
    ? statusFact(evidence, 'lastState.terminated.reason', 'OOMKilled', 'How the run before ended')
    : null;
}

/**
 * The kernel killed a process of the container at its memory limit.
 *
 * The runtime's word `OOMKilled` proves it, whatever the exit code: a child may have been the victim. Exit 137 alone proves
 * nothing, failed probes and deletions end in SIGKILL too. A start that was killed before the program ran shows as a start
 * error or a sandbox that cannot be made. An earlier run that was killed may have left behind what the newest one dies of.
 */
export const oomKilled = defineRule({
  id: 'oom-killed',
  cause: 'oom-killed',
  title: 'Killed at its memory limit',
  docs: 'https://kubernetes.io/docs/tasks/configure-pod-container/assign-memory-resource/',
  doc: {
    describe: '`Last State: Terminated`, `Reason: OOMKilled`, mostly with `Exit Code: 137`.',
    logs: 'It breaks off in the middle of ordinary work, without an error.',
    steps: [
      'Compare the use with the limit (`kubectl top pod --containers`).',
      'Raise limit and request, or make the program use less.',
      'Tell the language runtime its limit, so that it collects in time.',
    ],
    prevention: 'Set requests and limits from measured use with room to spare, and alert at 85 % of the limit.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['exits-early', 'app-exception'],
  detect: (evidence) => {
    const { lastTermination, container } = evidence;
    const limit = container.resources.memoryLimit;
    const atLimit = limit ? `at its memory limit of ${limit}` : 'at a memory limit';
    if (lastTermination?.reason === 'OOMKilled') {
      const field = evidence.status.state.kind === 'terminated' ? 'state' : 'lastState';
      const code = lastTermination.exitCode;
      const isChild = code !== 137;
      const reason = isChild ? `the kernel killed one of its processes ${atLimit}` : `the kernel killed it ${atLimit}`;
      const exit = exitFact(evidence);
      return finding(
        evidence,
        'certain',
        [
          statusFact(evidence, `${field}.terminated.reason`, 'OOMKilled', 'How the newest run ended'),
          ...(exit ? [exit] : []),
        ],
        reason,
        limit ? `killed at its memory limit, ${limit}` : 'killed at a memory limit',
      );
    }
    const start = matchStartError(evidence, START_OOM);
    const sandbox = podEvents(evidence, 'FailedCreatePodSandBox').findLast((event) => START_OOM.test(event.message));
    if (start || sandbox) {
      const fact = start ? start.error.fact : sandbox ? eventFact(sandbox, 'Why no sandbox can be made') : null;
      if (!fact) return null;
      return finding(
        evidence,
        'certain',
        [fact],
        `${limit ? `its memory limit of ${limit}` : 'its memory limit'} is too small to start in`,
        `memory limit too small to start${limit ? `, ${limit}` : ''}`,
      );
    }
    const earlier = earlierKill(evidence);
    if (earlier && lastTermination && lastTermination.exitCode !== 0) {
      return finding(
        evidence,
        'likely',
        [earlier],
        `an earlier run was killed ${atLimit} and left its work half done`,
        limit ? `an earlier run was killed at ${limit}` : 'an earlier run was killed at its memory limit',
      );
    }
    if (!lastTermination || lastTermination.exitCode === 0 || lastTermination.reason !== 'Error' || !limit) return null;
    if (findProbeKill(evidence) || eventsOf(evidence, 'Killing').length > 0 || evidence.pod.deletedAt !== null)
      return null;
    const killed = findLine(
      evidence.log,
      /(?:^|\s)Killed(?:\s{1,40}\S.{0,200})?$|signal: (?:9|killed)|\(?signal 9\)?|SIGKILL|SIGNAL 9|Out of memory: Kill|oom-kill|Perhaps out of memory/,
    );
    if (!killed && lastTermination.exitCode !== 137) return null;
    const fact = killed && evidence.log ? logFact(evidence.log, killed.no, 'A process was killed') : exitFact(evidence);
    if (!fact) return null;
    return finding(
      evidence,
      killed ? 'likely' : 'possible',
      [
        fact,
        fieldFact(specPath(container, 'resources'), limit, 'It has a memory limit, and no probe or deletion killed it'),
      ],
      `it was killed ${atLimit}, which the runtime did not notice`,
      `killed by SIGKILL under a limit of ${limit}`,
    );
  },
});
