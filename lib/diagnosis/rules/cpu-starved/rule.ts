import { containerPatch, kubectl, staysReady, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, logFact, runsFact, specFact } from '@/lib/diagnosis/facts';
import { rankStatements } from '@/lib/diagnosis/log/decisive-line';
import { findLine } from '@/lib/diagnosis/match-log';
import { findProbeStory, type ProbeStory, probePort, storyFacts } from '@/lib/diagnosis/probe-story';
import { defineRule } from '@/lib/diagnosis/rule';
import { lastLifetime } from '@/lib/diagnosis/run-statistics';
import type { Confidence, Fact, Finding, Step } from '@/lib/diagnosis/verdict';
import { headline } from '@/lib/diagnosis/wording';
import { parseQuantity } from '@/lib/domain/quantity';
import { formatDuration } from '@/lib/format/duration';

/** Cores below which hardly any program starts in time, and below which one with a runtime may not. */
const TINY = 0.1;
const SMALL = 0.25;
const MODEST = 0.5;
const ERROR_SCORE = 70;

/** Runtimes that compile or load much while they start. */
const HEAVY =
  /java|jdk|jre|spring|quarkus|tomcat|jboss|wildfly|keycloak|kafka|elastic|opensearch|jenkins|sonar|nexus|logstash|cassandra|neo4j|solr|dotnet|aspnet|gitlab|rails|puma|django|airflow|superset|next|nuxt|nest|kibana|grafana|rabbitmq|python|node|php/i;
/** What programs say that get the processor too seldom. The word before tells nothing of a dependency. */
const STARVED =
  /WORKER TIMEOUT|Thread starvation or clock leap|event loop (?:is |was )?(?:blocked|lag|delay)|[Ee]vent ?loop.{0,40}\d{4,} ?ms|blocked for \d{4,} ?ms, time limit|has been blocked for|JVM appears to be paused|clock (?:leap|jump)|\bGC overhead\b.{0,20}cpu|scheduling delay|took too long.{0,40}(?:slow|cpu|overload)|CPU (?:throttl|starv)/;
/** Leases that were not renewed in time: by a slow program or by a slow API server. */
const LEASE_LOST =
  /leader election lost|failed to renew lease|leaderelection lost|lost (?:the )?(?:leader|lease)|could not (?:renew|extend) (?:the )?lease/i;

function proposed(limit: number): string {
  return limit < MODEST ? '500m' : `${Math.ceil(limit * 2)}`;
}

function steps(evidence: Evidence, limit: number, text: string): readonly Step[] {
  const next = proposed(limit);
  return [
    containerPatch(
      evidence,
      { resources: { limits: { cpu: next } } },
      {
        id: 'raise-cpu-limit',
        title: `Raise the CPU limit to ${next}`,
        text: `${text} is ${Math.round(limit * 1000) / 10} % of a processor: after ${Math.max(1, Math.round(limit * 100))} ms of work it stands still for the rest of each 100 ms. A request keeps its share; without a limit it may use what is idle.`,
        done: staysReady(evidence),
      },
    ),
    step(
      'see-throttling',
      'See how often it is throttled',
      'nr_throttled against nr_periods: above a tenth the limit is felt. Works while the container runs.',
      kubectl(
        evidence,
        'exec',
        evidence.pod.name,
        '-c',
        evidence.container.name,
        '--',
        'cat',
        '/sys/fs/cgroup/cpu.stat',
      ),
    ),
    step(
      'compare-use',
      'Compare its use with the limit',
      'A use that stays at the limit means that it wants more.',
      kubectl(evidence, 'top', 'pod', evidence.pod.name, '--containers'),
    ),
    {
      id: 'give-probes-time',
      operation: { kind: 'decide' },
      title: 'Give the probes more time as well',
      text: 'A startup probe covers a slow start; timeoutSeconds of 5 covers a slow answer. Neither makes it faster.',
    },
  ];
}

function limitFact(evidence: Evidence): Fact {
  return specFact(evidence, 'resources.limits.cpu', evidence.container.resources.cpuLimit ?? '', 'Its CPU limit');
}

/** An error of its own or of a dependency in the log explains the kill better than slowness does. */
function isTroubled({ log }: Evidence): boolean {
  const best = log ? rankStatements(log)[0] : undefined;
  if (!best || best.score < ERROR_SCORE) return false;
  const { line } = best.statement;
  return !STARVED.test(line) && !LEASE_LOST.test(line) && !/deadline exceeded|timed? ?out/i.test(line);
}

/** True where the program says that it serves elsewhere than the probe asks: then the probe is wrong, however slow it is. */
function isElsewhere(evidence: Evidence, story: ProbeStory): boolean {
  const { serving, spec, kind } = story;
  if (kind !== 'refused' || !serving) return false;
  const port = probePort(evidence, spec);
  if (serving.port !== null && port !== '' && serving.port !== port) return true;
  const lines = evidence.log?.lines.length ?? 0;
  return serving.isLocal || serving.no < lines * 0.7;
}

function confidenceOf(evidence: Evidence, story: ProbeStory, limit: number): Confidence {
  if (isTroubled(evidence)) return 'possible';
  const { container } = evidence;
  const isHeavy = HEAVY.test(
    `${container.image} ${container.command.join(' ')} ${container.args.join(' ').slice(0, 400)}`,
  );
  const isSlowAnswer = story.kind === 'timeout';
  if (limit <= TINY) return 'likely';
  if (limit <= SMALL) return isSlowAnswer || isHeavy || story.diedEarly ? 'likely' : 'possible';
  return 'possible';
}

function judgeProbe(evidence: Evidence, limit: number, text: string): Finding | null {
  const story = findProbeStory(evidence);
  if (!story || !['refused', 'timeout', 'server-error', 'other'].includes(story.kind)) return null;
  if (isElsewhere(evidence, story)) return null;
  if (!story.kill && story.kind !== 'timeout') return null;
  // Refusals after a long healthy life, or errors that it answers with, are no matter of speed.
  if (story.kind === 'server-error' && limit > TINY) return null;
  if (story.kill && story.kind === 'refused' && !story.diedEarly) return null;
  if (limit > SMALL && !(story.kind === 'timeout' || story.diedEarly)) return null;
  const confidence = confidenceOf(evidence, story, limit);
  const [first, ...rest] = storyFacts(story);
  if (!first) return null;
  const lived = lastLifetime(evidence);
  const sign = findLine(evidence.log, STARVED);
  const exit = exitFact(evidence);
  const isStart = story.kind !== 'timeout' || (story.diedEarly && !story.serving);
  return {
    confidence,
    what: `CPU limit of ${text} too small to ${isStart ? 'start in time' : 'answer probes'}`,
    sentence: headline(
      evidence,
      confidence,
      `a CPU limit of ${text} makes it too slow to ${isStart ? 'start in the time that' : 'answer in the time that'} its ${story.probe} probe gives`,
      story.kill ? 'is killed and started again' : 'does not become ready',
    ),
    facts: [
      first,
      ...rest,
      limitFact(evidence),
      ...(sign && evidence.log ? [logFact(evidence.log, sign.no, 'It waits for the processor')] : []),
      ...(lived === null || !story.kill ? [] : [runsFact(formatDuration(lived), 'How long the newest run lived')]),
      ...(exit && story.kill ? [exit] : []),
    ],
    steps: steps(evidence, limit, text),
  };
}

function judgeLog(evidence: Evidence, limit: number, text: string): Finding | null {
  const sign = limit <= SMALL ? findLine(evidence.log, STARVED) : null;
  const lost = limit <= TINY ? findLine(evidence.log, LEASE_LOST) : null;
  const line = sign ?? lost;
  const lead = line && evidence.log ? logFact(evidence.log, line.no, 'It gets the processor too seldom') : null;
  if (!lead || !evidence.lastTermination) return null;
  const confidence: Confidence = sign && !isTroubled(evidence) ? 'likely' : 'possible';
  const exit = exitFact(evidence);
  return {
    confidence,
    what: `CPU limit of ${text} too small for its work`,
    sentence: headline(evidence, confidence, `a CPU limit of ${text} makes it miss its own time limits`),
    facts: [lead, limitFact(evidence), ...(exit ? [exit] : [])],
    steps: steps(evidence, limit, text),
  };
}

/**
 * The CPU limit is so small that the program does not start, or does not answer its probes, in time.
 *
 * A probe kill or probe timeouts together with a limit of a quarter of a processor or less; the log breaks off in ordinary
 * work. With more processor it is only slow (`probe-too-early`), and a probe that asks elsewhere is `probe-wrong`. The exit may
 * be 137, 143, or 0 where the program stops cleanly.
 */
export const cpuStarved = defineRule({
  id: 'cpu-starved',
  cause: 'cpu-starved',
  title: 'CPU limit too small to start or answer probes',
  docs: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
  doc: {
    describe:
      '`Limits: cpu: 50m`, `Unhealthy … context deadline exceeded` or `connection refused`, then `Killing … failed liveness probe`; exit 0, 137 or 143.',
    logs: 'Ordinary lines, far apart in time, without an error; `WORKER TIMEOUT`, `Thread starvation`.',
    steps: [
      'Look at the throttling (`cpu.stat`) and at the use against the limit.',
      'Raise or remove the CPU limit, and keep the request.',
      'Give probes a timeout and the start a startup probe that fit.',
    ],
    prevention: 'Set CPU requests from measured use, limits only where needed, and measure the start under them.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['probe-too-early', 'probe-wrong', 'exits-early'],
  detect: (evidence) => {
    const text = evidence.container.resources.cpuLimit;
    const limit = parseQuantity(text);
    if (text === null || limit === null || limit > MODEST) return null;
    return judgeProbe(evidence, limit, text) ?? judgeLog(evidence, limit, text);
  },
});
