import { describeNodeStep, editWorkload, outlives, rollbackStep, seenByPerson, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, fieldFact, logFact, runsFact, specFact } from '@/lib/diagnosis/facts';
import { findDecisiveLine, rankStatements } from '@/lib/diagnosis/log/decisive-line';
import { eventsOf, findProbeKill, podEvents, probeFailures } from '@/lib/diagnosis/probe-kill';
import { defineRule } from '@/lib/diagnosis/rule';
import { lastLifetime } from '@/lib/diagnosis/run-statistics';
import { commandWords } from '@/lib/diagnosis/texts/command-words';
import type { Confidence, Fact, Finding, Step } from '@/lib/diagnosis/verdict';
import { headline } from '@/lib/diagnosis/wording';
import { formatDuration } from '@/lib/format/duration';

/** Words of a command line that send the server to the background, where its parent ends. */
const TO_BACKGROUND =
  /\bservice \S{1,60} start\b|\bsystemctl start\b|--daemon(?:ize)?(?:=true|=yes| yes|\b)(?!\s*(?:=\s*)?(?:no|false|off))|\bdaemonize yes\b|\b(?:apachectl|nginx|catalina\.sh|rabbitmq-server)(?: -D| -detached| start\b)|\binit\.d\/\S{1,60} start\b|\bpm2 start\b|&\s*$|\bnohup\b|\s-d(?:\s|$)/;
const ENDS_AT_ONCE_MS = 5_000;
const ERROR_SCORE = 60;

function alwaysRuns({ pod, container }: Evidence): boolean {
  if (container.type === 'init') return false;
  return container.restartPolicy === 'Always' || (container.restartPolicy === null && pod.restartPolicy === 'Always');
}

function steps(evidence: Evidence, isBackground: boolean): readonly Step[] {
  const foreground: Step = step(
    'keep-in-foreground',
    'Keep the server in the foreground',
    'The container ends with its first process. Use the flag that keeps it there: nginx `-g "daemon off;"`, httpd `-DFOREGROUND`, php-fpm `-F`, redis `--daemonize no`, catalina.sh `run`, and in a script `exec` before the last command.',
    editWorkload(evidence),
    outlives(evidence),
  );
  const job: Step = step(
    'run-as-job',
    'Run work that ends as a Job',
    'A program that is meant to finish belongs into a Job or CronJob, which does not start it again.',
    {
      kind: 'create',
      object: {
        kind: 'Job',
        namespace: evidence.workload.namespace,
        name: `${evidence.workload.name.slice(0, 50)}-once`,
        image: evidence.container.image,
      },
    },
    seenByPerson('the Job is complete'),
  );
  return [
    ...(isBackground ? [foreground, job] : [job, foreground]),
    ...rollbackStep(evidence, 'The revision before kept running.'),
  ];
}

function completed(evidence: Evidence): Finding | null {
  const last = evidence.lastTermination;
  const exit = exitFact(evidence);
  if (last?.exitCode !== 0 || !exit || !alwaysRuns(evidence)) return null;
  const { container, pod } = evidence;
  const best = evidence.log ? rankStatements(evidence.log)[0] : undefined;
  const isTroubled = (best?.score ?? 0) >= ERROR_SCORE;
  const unhealthy = [...probeFailures(evidence, 'Liveness'), ...probeFailures(evidence, 'Startup')];
  const words = commandWords(container).join(' ');
  const isBackground = TO_BACKGROUND.test(words);
  const lived = lastLifetime(evidence);
  const ends = evidence.runs.filter((run) => run.finishedAt !== null);
  const allEndWell = ends.length > 0 && ends.every((run) => run.exitCode === 0);
  const isProven =
    !isTroubled &&
    unhealthy.length === 0 &&
    evidence.events !== undefined &&
    evidence.status.restartCount >= 2 &&
    allEndWell;
  const confidence: Confidence = isProven ? 'certain' : isTroubled || unhealthy.length > 0 ? 'possible' : 'likely';
  const after = lived === null ? '' : ` after ${formatDuration(lived)}`;
  const reason = isBackground
    ? 'its command sends the server to the background and ends'
    : lived !== null && lived < ENDS_AT_ONCE_MS && words === '' && evidence.log === undefined
      ? 'its image has nothing that keeps running'
      : `its main process finishes${after}, and restart policy ${container.restartPolicy ?? pod.restartPolicy} starts it again`;
  const facts: Fact[] = [
    fieldFact('spec.restartPolicy', container.restartPolicy ?? pod.restartPolicy, 'Who starts it again'),
    ...(words
      ? [
          specFact(
            evidence,
            container.command.length > 0 ? 'command' : 'args',
            JSON.stringify(commandWords(container)),
            'What it runs',
          ),
        ]
      : []),
  ];
  const line = evidence.log ? findDecisiveLine(evidence.log) : null;
  const lastLine = evidence.log?.lines.findLast((one) => one.text.trim() !== '');
  if (evidence.log && (line ?? lastLine))
    facts.push(logFact(evidence.log, line?.no ?? lastLine?.no ?? 0, 'What it said last'));
  return {
    confidence,
    what: isBackground ? 'goes to the background and ends with exit 0' : `ends by itself with exit 0${after}`,
    sentence: headline(evidence, confidence, reason, 'ends with exit 0'),
    facts: [exit, ...facts],
    steps: steps(evidence, isBackground),
  };
}

/** A signal that nobody in the cluster sent, as far as the events tell. */
function killedFromOutside(evidence: Evidence): Finding | null {
  const last = evidence.lastTermination;
  const exit = exitFact(evidence);
  if (!last || !exit || last.reason !== 'Error' || (last.exitCode !== 137 && last.exitCode !== 143)) return null;
  if (!alwaysRuns(evidence) || evidence.pod.deletedAt !== null || evidence.events === undefined) return null;
  if (
    eventsOf(evidence, 'Killing').length > 0 ||
    findProbeKill(evidence) ||
    podEvents(evidence, 'SystemOOM', 'Evicted', 'FailedPostStartHook').length > 0
  )
    return null;
  const best = evidence.log ? rankStatements(evidence.log)[0] : undefined;
  if ((best?.score ?? 0) >= ERROR_SCORE) return null;
  const signal = last.exitCode === 137 ? 'SIGKILL' : 'SIGTERM';
  const limit = evidence.container.resources.memoryLimit;
  const confidence: Confidence = limit !== null && last.exitCode === 137 ? 'possible' : 'likely';
  return {
    confidence,
    what: `ended by ${signal} from inside or from the node`,
    sentence: headline(
      evidence,
      confidence,
      `something other than Kubernetes sent it ${signal}: no probe, no deletion and no memory limit did`,
    ),
    facts: [
      exit,
      runsFact(String(evidence.status.restartCount), 'Restarts so far, and no Killing event about it'),
      ...(limit
        ? [
            specFact(
              evidence,
              'resources.limits.memory',
              limit,
              'Its memory limit; the runtime did not report that it was hit',
            ),
          ]
        : []),
    ],
    steps: [
      {
        id: 'look-for-killer',
        operation: { kind: 'decide' },
        title: 'Look for who kills it',
        text: "A wrapper or supervisor inside the container, a script on the node, or an agent for security. The node's kernel log tells a kill for memory.",
      },
      ...describeNodeStep(evidence, {
        id: 'look-at-node',
        title: 'Look at the node',
        text: 'Memory pressure and system kills are told in its events.',
      }),
    ],
  };
}

/**
 * The main process ends although a service is expected, without an error: with exit 0, or by a signal that nothing in
 * Kubernetes sent.
 *
 * A probe kill that the program answers with exit 0 looks alike (look for Killing and Unhealthy), and so does a program that
 * prints an error and still exits 0.
 */
export const exitsEarly = defineRule({
  id: 'exits-early',
  cause: 'exits-early',
  title: 'Main process ends although a service is expected',
  docs: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy',
  doc: {
    describe:
      '`Reason: Completed`, `Exit Code: 0`, and still `CrashLoopBackOff`: the back-off makes no difference between good and bad ends.',
    logs: 'Ordinary lines to the end, or nothing.',
    steps: [
      'Ask whether the program is meant to finish: then make it a Job.',
      'Keep a server in the foreground.',
      'Give a shell something to do, or a terminal.',
    ],
    prevention: 'Start the image in CI and expect it to be alive after a minute.',
  },
  needs: ['lastTermination'],
  specificity: 2,
  detect: (evidence) => completed(evidence) ?? killedFromOutside(evidence),
});
