import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import type { Evidence, ProbeEvidence } from './evidence';
import { eventFact } from './facts';
import { findLine } from './match-log';
import { eventsOf, findProbeKill, killWindow, type ProbeKill, probeFailures } from './probe-kill';
import { lastLifetime } from './run-statistics';
import type { Fact } from './verdict';

/** How a probe failed, from the kubelet's text (crash-semantics 4.4). */
export type ProbeFailureKind =
  | 'not-found'
  | 'forbidden'
  | 'scheme'
  | 'no-program'
  | 'no-grpc'
  | 'refused'
  | 'timeout'
  | 'server-error'
  | 'other';

/** What is known of the probe that fails: `kill` is null where it only keeps the container from being ready. */
export interface ProbeStory {
  readonly probe: 'liveness' | 'startup' | 'readiness';
  readonly spec: ProbeEvidence | null;
  readonly kill: ProbeKill | null;
  readonly failure: EventSnapshot | null;
  readonly kind: ProbeFailureKind;
  /** The log line in which the program says that it serves, with the port where it names one. */
  readonly serving: { readonly no: number; readonly port: string | null; readonly isLocal: boolean } | null;
  /** True where the newest run was ended within the time that the probe gives a start. */
  readonly diedEarly: boolean;
}

const KINDS: readonly (readonly [ProbeFailureKind, RegExp])[] = [
  [
    'scheme',
    /server gave HTTP response to HTTPS client|malformed HTTP (?:response|status)|first record does not look like a TLS|HTTP\/1\.x transport connection broken|wrong version number|x509|tls:|record overflow/i,
  ],
  [
    'no-program',
    /executable file not found|no such file or directory|command not found|not found in \$PATH|: not found|permission denied/i,
  ],
  ['no-grpc', /does not implement the grpc health protocol|unknown service grpc\.health/i],
  ['not-found', /status ?code: ?(?:404|405|410)|\b404\b/i],
  ['forbidden', /status ?code: ?(?:400|401|403|407|426)|\b40[13]\b|Unauthorized|Forbidden/i],
  [
    'refused',
    /connection refused|actively refused|Connection reset|failed to connect service|no response$|couldn't connect|EOF$|no route to host/i,
  ],
  ['timeout', /deadline exceeded|timed? ?out|i\/o timeout|did not complete within/i],
  ['server-error', /status ?code: ?5\d\d|\b50[0-4]\b/i],
];

/** A command speaks its own protocol: what it says of TLS is no mistake of the probe's scheme. */
function kindOf(failure: EventSnapshot | null, spec: ProbeEvidence | null): ProbeFailureKind {
  const text = failure?.message.slice(0, 2048) ?? '';
  const isCommand = spec?.handler === 'exec';
  return KINDS.find(([kind, pattern]) => !(isCommand && kind === 'scheme') && pattern.test(text))?.[0] ?? 'other';
}

const SERVING =
  /\b(?:[Ll]istening|[Ss]erving|[Aa]ccepting connections|[Rr]eady (?:to accept|for connections|to serve)|[Ss]tarted (?:\w{1,40} )?(?:server|listener|in \d)|[Ss]erver (?:is )?(?:started|running|ready|up)|[Rr]unning (?:on|at)|[Nn]ow listening|[Ss]tarted on port|[Ss]tarting (?:\w{1,30} ){0,3}(?:server|listener|http|https|api)(?: \w{1,20}){0,2} (?:on|at)|[Ss]tarted leading|start worker process|[Bb]ound to|[Ss]etting up http server on|[Aa]pplication startup complete|available at)\b/;
const NOT_SERVING =
  /\b(?:failed|cannot|error|refused|unable|could not|retry|waiting for|not (?:yet )?(?:listening|ready))\b/i;
/** Not the minutes of a time: a colon counts after a bracket, a star, a letter, an address or a blank. */
const PORT = /(?:\bport(?:\(s\))?[ :=]{1,3}|(?:\d\.\d{1,3}|[\]*a-z/\s("'=]):|\bon )(\d{2,5})\b(?![:.]\d)/;

function servingLine(evidence: Evidence): ProbeStory['serving'] {
  const log = evidence.log;
  const line = log?.lines.findLast((one) => {
    const text = one.text.slice(0, 1024);
    return SERVING.test(text) && !NOT_SERVING.test(text);
  });
  if (!line) return null;
  return {
    no: line.no,
    port: PORT.exec(line.text.slice(0, 1024))?.[1] ?? null,
    isLocal: /\b(?:127\.0\.0\.1|localhost|\[::1\])[: ]/.test(line.text),
  };
}

/** The port number that a probe asks, resolving the name of a container port. */
export function probePort(evidence: Evidence, spec: ProbeEvidence | null): string {
  const named = evidence.container.ports.find((port) => port.name === spec?.port);
  return named ? String(named.containerPort) : (spec?.port ?? '');
}

const MEMO = new WeakMap<Evidence, { readonly story: ProbeStory | null }>();

/** Gathers what is known of the failing probe, or gives null where none kills or holds the container. */
export function findProbeStory(evidence: Evidence): ProbeStory | null {
  const known = MEMO.get(evidence);
  if (known) return known.story;
  const story = readStory(evidence);
  MEMO.set(evidence, { story });
  return story;
}

function readStory(evidence: Evidence): ProbeStory | null {
  const kill = findProbeKill(evidence);
  const { status, container } = evidence;
  if (kill) {
    const lived = lastLifetime(evidence);
    const grace = kill.spec?.grace ?? evidence.pod.grace;
    const limit = kill.spec ? killWindow(kill.spec).to + kill.spec.period + grace + 5 : Number.POSITIVE_INFINITY;
    const errored = eventsOf(evidence, 'Unhealthy').at(-1) ?? null;
    const failure = kill.unhealthy.at(-1) ?? errored;
    return {
      probe: kill.probe,
      spec: kill.spec,
      kill,
      failure,
      kind: kindOf(failure, kill.spec),
      serving: servingLine(evidence),
      diedEarly: lived !== null && lived / 1000 <= limit,
    };
  }
  if (status.state.kind !== 'running' || status.ready || evidence.lastTermination) return null;
  const failures = [...probeFailures(evidence, 'Startup'), ...probeFailures(evidence, 'Readiness')];
  const failure = failures.at(-1) ?? eventsOf(evidence, 'Unhealthy').at(-1) ?? null;
  if (!failure) return null;
  const probe = failure.message.startsWith('Startup') ? 'startup' : 'readiness';
  return {
    probe,
    spec: container[probe],
    kill: null,
    failure,
    kind: kindOf(failure, container[probe]),
    serving: servingLine(evidence),
    diedEarly: false,
  };
}

/** The events that tell the story, as facts. */
export function storyFacts(story: ProbeStory): Fact[] {
  return [
    ...(story.kill?.killing ? [eventFact(story.kill.killing, 'The kubelet kills it')] : []),
    ...(story.failure ? [eventFact(story.failure, `Why the ${story.probe} probe fails`)] : []),
  ];
}

/** The line in which a server says that a client spoke the other protocol. */
export function protocolComplaint(evidence: Evidence): { no: number; text: string } | null {
  return findLine(
    evidence.log,
    /client sent an HTTP request to an HTTPS server|http request received on https port|plain HTTP request was sent to HTTPS port|SSL routines:.{0,60}http request|not an SSL\/TLS record|wrong version number|Invalid character found in method name|first record does not look like a TLS handshake/i,
  );
}
