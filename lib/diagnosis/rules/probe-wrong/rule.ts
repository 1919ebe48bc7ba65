import { containerPatch, editWorkload, kubectl, staysReady, step } from '@/lib/diagnosis/commands';
import type { Evidence, ProbeEvidence } from '@/lib/diagnosis/evidence';
import { logFact, specFact } from '@/lib/diagnosis/facts';
import { rankStatements } from '@/lib/diagnosis/log/decisive-line';
import { findProbeStory, type ProbeStory, probePort, protocolComplaint, storyFacts } from '@/lib/diagnosis/probe-story';
import { defineRule } from '@/lib/diagnosis/rule';
import type { Confidence, Fact, Finding, Step } from '@/lib/diagnosis/verdict';
import { headline } from '@/lib/diagnosis/wording';
import { parseQuantity } from '@/lib/domain/quantity';

const SMALL_CPU = 0.25;
const ERROR_SCORE = 70;

function inWords(spec: ProbeEvidence | null): string {
  if (!spec) return 'its probe';
  if (spec.handler === 'http') return `${spec.scheme} ${spec.port}${spec.path}`;
  return spec.handler === 'exec' ? spec.command.join(' ').slice(0, 80) : `${spec.handler} port ${spec.port}`;
}

function probeFact(evidence: Evidence, story: ProbeStory): Fact {
  const { spec } = story;
  const timing = spec ? `, timeout ${spec.timeout} s, every ${spec.period} s, ${spec.failureThreshold} failures` : '';
  return specFact(evidence, `${story.probe}Probe`, `${inWords(spec)}${timing}`, 'What the probe asks');
}

function fieldOf(spec: ProbeEvidence): Record<string, unknown> {
  if (spec.handler === 'http') return { httpGet: { path: spec.path, port: portValue(spec.port), scheme: spec.scheme } };
  if (spec.handler === 'tcp') return { tcpSocket: { port: portValue(spec.port) } };
  return {};
}

function portValue(port: string): number | string {
  return /^\d{1,5}$/.test(port) ? Number(port) : port;
}

function steps(
  evidence: Evidence,
  story: ProbeStory,
  change: Record<string, unknown> | null,
  why: string,
): readonly Step[] {
  const port = probePort(evidence, story.spec);
  const path = story.spec?.handler === 'http' ? story.spec.path : '/';
  const scheme = story.spec?.scheme.toLowerCase() === 'https' ? 'https' : 'http';
  return [
    ...(change
      ? [
          containerPatch(
            evidence,
            { [`${story.probe}Probe`]: change },
            { id: 'correct-probe', title: 'Correct the probe', text: why, done: staysReady(evidence) },
          ),
        ]
      : [step('correct-probe', 'Correct the probe', why, editWorkload(evidence), staysReady(evidence))]),
    ...(port === ''
      ? []
      : [
          step(
            'ask-probe-target',
            'Ask what the probe asks, from inside',
            'Works while the container runs and holds wget; otherwise forward the port and ask from your machine.',
            kubectl(
              evidence,
              'exec',
              evidence.pod.name,
              '-c',
              evidence.container.name,
              '--',
              'wget',
              '-qO-',
              '-T',
              '3',
              `${scheme}://localhost:${port}${path}`,
            ),
          ),
        ]),
  ];
}

interface Fault {
  readonly confidence: Confidence;
  readonly reason: string;
  readonly what: string;
  readonly change: Record<string, unknown> | null;
  readonly why: string;
}

function judge(evidence: Evidence, story: ProbeStory): Fault | null {
  const { spec, kind, serving } = story;
  const asked = inWords(spec);
  const port = probePort(evidence, spec);
  const complaint = protocolComplaint(evidence);
  const isHttps = spec?.scheme === 'HTTPS';
  if (kind === 'scheme' || (complaint && spec?.handler === 'http')) {
    const other = isHttps ? 'HTTP' : 'HTTPS';
    return {
      confidence: 'certain',
      reason: `the ${story.probe} probe asks by ${isHttps ? 'HTTPS' : 'HTTP'} and port ${port} speaks ${isHttps ? 'HTTP' : 'TLS'}`,
      what: `${story.probe} probe asks by ${isHttps ? 'HTTPS' : 'HTTP'}, the port speaks ${isHttps ? 'HTTP' : 'TLS'}`,
      change: spec ? { ...fieldOf({ ...spec, scheme: other }) } : null,
      why: `Ask by ${other}, which the port speaks.`,
    };
  }
  if (kind === 'no-program' && spec?.handler === 'exec') {
    return {
      confidence: 'certain',
      reason: `the ${story.probe} probe runs ${spec.command[0] ?? 'a program'}, which the container does not have`,
      what: `${story.probe} probe runs a program that is not there`,
      change: null,
      why: 'Use a program that the image holds, or an http, tcp or grpc probe.',
    };
  }
  if (kind === 'no-grpc') {
    return {
      confidence: 'certain',
      reason: `port ${port} does not serve the gRPC health protocol that the ${story.probe} probe asks for`,
      what: `${story.probe} probe asks for gRPC health, not served`,
      change: null,
      why: 'Serve grpc.health.v1.Health, or use a tcp probe.',
    };
  }
  if (kind === 'not-found' || kind === 'forbidden') {
    const answer = kind === 'not-found' ? 'there is no such path' : 'it is not let in';
    return {
      confidence: serving || !story.diedEarly || story.kill === null ? 'certain' : 'likely',
      reason: `the ${story.probe} probe asks ${asked}, and the program answers that ${answer}`,
      what: `${story.probe} probe asks ${spec?.path ?? 'a path'}: ${kind === 'not-found' ? 'not found' : 'denied'}`,
      change: null,
      why: `Put the path in place that the program answers with success, without a login.`,
    };
  }
  const isCpuBound = (parseQuantity(evidence.container.resources.cpuLimit) ?? Number.POSITIVE_INFINITY) <= SMALL_CPU;
  const troubled = evidence.log ? (rankStatements(evidence.log)[0]?.score ?? 0) >= ERROR_SCORE : false;
  if (kind === 'refused' && spec) {
    const ports = evidence.container.ports.map((one) => String(one.containerPort));
    const isOther = serving?.port !== null && serving?.port !== undefined && port !== '' && serving.port !== port;
    const isUndeclared = ports.length > 0 && port !== '' && !ports.includes(port);
    if (!serving && !isUndeclared) return null;
    if (!serving && story.diedEarly && evidence.log && !isUndeclared) return null;
    const isSure = (isOther || isUndeclared) && serving !== null && !troubled;
    return {
      confidence: troubled ? 'possible' : isSure && isOther && isUndeclared ? 'certain' : 'likely',
      reason: serving?.isLocal
        ? `the program listens on localhost only, where the ${story.probe} probe does not reach it`
        : isOther
          ? `the ${story.probe} probe asks port ${port}, and the program listens on ${serving?.port}`
          : isUndeclared
            ? `the ${story.probe} probe asks port ${port}, on which nothing listens`
            : `the ${story.probe} probe is refused on port ${port} although the program serves`,
      what: `${story.probe} probe asks port ${port}, where nothing listens`,
      change: isOther && serving?.port ? fieldOf({ ...spec, port: serving.port }) : null,
      why: isOther
        ? `Ask port ${serving?.port}, on which it says that it listens.`
        : 'Ask the port on which the program listens, on all addresses.',
    };
  }
  if (kind === 'timeout' && spec) {
    if (story.diedEarly && !serving) return null;
    if (isCpuBound) return null;
    const timeout = Math.max(5, spec.timeout * 5);
    return {
      confidence: troubled ? 'possible' : 'likely',
      reason: `the ${story.probe} probe waits only ${spec.timeout} s for an answer`,
      what: `${story.probe} probe times out after ${spec.timeout} s`,
      change: { timeoutSeconds: timeout },
      why: `${timeout} s lets a slow answer pass; a server that hangs is still found after ${spec.failureThreshold} of them.`,
    };
  }
  if (kind === 'other' && spec?.handler === 'exec' && !story.diedEarly && !troubled) {
    return {
      confidence: 'possible',
      reason: `the command of its ${story.probe} probe fails although the program runs`,
      what: `${story.probe} probe's command fails`,
      change: null,
      why: 'Run the command by hand in the container and read what it says.',
    };
  }
  return null;
}

/**
 * The probe asks for what the program does not offer: another port, path or scheme, a program that is not there, or an answer
 * sooner than it can be given.
 *
 * The kubelet's own text of the failed probe decides, and what the program says of where it listens. A refusal while
 * the program still starts belongs to `probe-too-early`, a timeout under a tiny CPU limit to `cpu-starved`.
 */
export const probeWrong = defineRule({
  id: 'probe-wrong',
  cause: 'probe-wrong',
  title: 'Probe asks the wrong port, path or scheme, or times out too soon',
  docs: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/',
  doc: {
    describe:
      '`Unhealthy` with `statuscode: 404`, `connection refused` or `HTTP response to HTTPS client`, then `failed liveness probe, will be restarted`.',
    logs: 'It serves without an error, and is told to stop; exit 0, 143 or 137.',
    steps: [
      'Compare port, path and scheme of the probe with what the program says when it starts.',
      'Ask the same from inside the container.',
      'Give a slow answer more than the one second of the default.',
    ],
    prevention: 'Give every service one health path that needs no login and no dependency, and refer to ports by name.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['exits-early'],
  detect: (evidence): Finding | null => {
    const story = findProbeStory(evidence);
    if (!story) return null;
    const fault = judge(evidence, story);
    if (!fault) return null;
    const complaint = protocolComplaint(evidence);
    const [first, ...rest] = [...storyFacts(story), probeFact(evidence, story)];
    if (!first) return null;
    return {
      confidence: fault.confidence,
      what: fault.what,
      sentence: headline(
        evidence,
        fault.confidence,
        fault.reason,
        story.kill ? 'is killed and started again' : 'does not become ready',
      ),
      facts: [
        first,
        ...rest,
        ...(story.serving && evidence.log
          ? [logFact(evidence.log, story.serving.no, 'Where it says that it serves')]
          : []),
        ...(complaint && evidence.log ? [logFact(evidence.log, complaint.no, 'What it says of the question')] : []),
      ],
      steps: steps(evidence, story, fault.change, fault.why),
    };
  },
});
