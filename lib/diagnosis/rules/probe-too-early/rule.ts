import { containerPatch, rollbackStep, staysReady } from '@/lib/diagnosis/commands';
import type { Evidence, ProbeEvidence } from '@/lib/diagnosis/evidence';
import { logFact, runsFact, specFact } from '@/lib/diagnosis/facts';
import { rankStatements } from '@/lib/diagnosis/log/decisive-line';
import { killWindow } from '@/lib/diagnosis/probe-kill';
import { findProbeStory, type ProbeStory, storyFacts } from '@/lib/diagnosis/probe-story';
import { defineRule } from '@/lib/diagnosis/rule';
import { lastLifetime } from '@/lib/diagnosis/run-statistics';
import type { Confidence, Step } from '@/lib/diagnosis/verdict';
import { headline } from '@/lib/diagnosis/wording';
import { formatDuration } from '@/lib/format/duration';

const STEP_SECONDS = 5;
const LEAST_BUDGET_SECONDS = 120;
const ERROR_SCORE = 70;

function handlerOf(spec: ProbeEvidence): Record<string, unknown> {
  const port = /^\d{1,5}$/.test(spec.port) ? Number(spec.port) : spec.port;
  if (spec.handler === 'http') return { httpGet: { path: spec.path, port, scheme: spec.scheme } };
  if (spec.handler === 'tcp') return { tcpSocket: { port } };
  if (spec.handler === 'grpc') return { grpc: { port } };
  return { exec: { command: spec.command } };
}

function steps(evidence: Evidence, story: ProbeStory): readonly Step[] {
  const { spec } = story;
  if (!spec) return [];
  const lived = (lastLifetime(evidence) ?? 0) / 1000;
  const budget = Math.max(LEAST_BUDGET_SECONDS, Math.ceil((Math.max(lived, killWindow(spec).to) * 3) / 60) * 60);
  const failures = Math.ceil(budget / STEP_SECONDS);
  const title =
    story.probe === 'startup'
      ? `Give the start ${formatDuration(budget * 1000)}`
      : `Add a startup probe of ${formatDuration(budget * 1000)}`;
  return [
    containerPatch(
      evidence,
      { startupProbe: { ...handlerOf(spec), periodSeconds: STEP_SECONDS, failureThreshold: failures } },
      {
        id: 'give-start-time',
        title,
        text: `${failures} tries, ${STEP_SECONDS} s apart: about three times what it was given so far. Until the first success no liveness probe runs; a start that is done sooner does not wait.`,
        done: staysReady(evidence),
      },
    ),
    ...rollbackStep(evidence, 'If the start became slower with this revision, this brings the quicker one back.'),
  ];
}

/**
 * The liveness or startup probe kills a program that is healthy but still starting.
 *
 * The kubelet says that it kills; the run ends within the time that the probe gives, and the log breaks off in the middle of the
 * start, without an error. A program that already serves is asked wrongly (`probe-wrong`); under a tiny CPU limit the limit
 * is the cause (`cpu-starved`).
 */
export const probeTooEarly = defineRule({
  id: 'probe-too-early',
  cause: 'probe-too-early',
  title: 'Liveness or startup probe kills a healthy slow starter',
  docs: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/',
  doc: {
    describe:
      '`Unhealthy: Liveness probe failed ... connection refused`, then `Killing: failed liveness probe, will be restarted`; every run about equally long.',
    logs: 'A start that breaks off, without an error; exit 143, 137 or 0.',
    steps: [
      'Compare how long a run lives with initialDelaySeconds + failureThreshold × periodSeconds.',
      'Add a startup probe that gives the start three times what it needs.',
      'Keep the liveness probe tight: it runs only after the startup probe has passed.',
    ],
    prevention: 'Give every slow starter a startup probe, and measure start times under the CPU limit of production.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['exits-early'],
  detect: (evidence) => {
    const story = findProbeStory(evidence);
    if (!story?.kill || !story.diedEarly) return null;
    if (!['refused', 'timeout', 'server-error', 'other'].includes(story.kind)) return null;
    const lines = evidence.log?.lines.length ?? 0;
    const servesEarly = story.serving !== null && story.serving.no < lines * 0.7 && story.probe !== 'startup';
    if (servesEarly && story.kind !== 'server-error') return null;
    const best = evidence.log ? rankStatements(evidence.log)[0] : undefined;
    const troubled = (best?.score ?? 0) >= ERROR_SCORE;
    const confidence: Confidence = troubled || servesEarly || story.kind === 'other' ? 'possible' : 'likely';
    const [first, ...rest] = storyFacts(story);
    if (!first) return null;
    const lived = lastLifetime(evidence);
    const last = evidence.log?.lines.findLast((line) => line.text.trim() !== '');
    const { spec } = story;
    const given = spec ? killWindow(spec) : null;
    return {
      confidence,
      what: `${story.probe} probe kills it while it starts${lived === null ? '' : `, after ${formatDuration(lived)}`}`,
      sentence: headline(
        evidence,
        confidence,
        `the ${story.probe} probe gives it ${given ? formatDuration(given.to * 1000) : 'too little time'} to start and it needs longer`,
        'is killed and started again',
      ),
      facts: [
        first,
        ...rest,
        ...(spec
          ? [
              specFact(
                evidence,
                `${story.probe}Probe`,
                `initial delay ${spec.initialDelay} s, every ${spec.period} s, timeout ${spec.timeout} s, ${spec.failureThreshold} failures`,
                'What the probe grants',
              ),
            ]
          : []),
        ...(lived === null ? [] : [runsFact(formatDuration(lived), 'How long the newest run lived')]),
        ...(last && evidence.log ? [logFact(evidence.log, last.no, 'Where the start broke off')] : []),
      ],
      steps: steps(evidence, story),
    };
  },
});
