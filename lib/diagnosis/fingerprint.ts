import type { CauseId } from '@/lib/domain/causes';
import { categoryOf } from '@/lib/domain/causes';
import { signalName } from '@/lib/domain/exit-code';
import { loopId } from '@/lib/domain/loop';
import type { Evidence, LogEvidence } from './evidence';
import { findDecisiveLine } from './log/decisive-line';
import { normalLine, withoutTimes } from './normal-line';
import { isLocal, type Target, targetOf } from './texts/dependency-target';
import type { Verdict } from './verdict';

/** Lines of a log that are looked through for the one address that it names. */
const LINES_MAX = 400;
const LINE_MAX = 1000;
/** A shorter line says too little to tell two programs' failures apart. */
const TELLING_LENGTH = 12;

/**
 * What makes two failures one. Two loops with one fingerprint fail in the same way for the same reason; where that cannot be
 * shown, the fingerprint is the loop's own:
 * - a dependency that the evidence names: its Service, or host and port, whatever language the complaint is in
 * - an image that cannot be had: the image
 * - else the exit (code, signal, reason) and the normalised decisive line, of programs from one image
 * - without a telling line, what Kubernetes says about the start, in one namespace
 *
 * A short text without meaning, equal for equal failures.
 */
export function fingerprintOf(evidence: Evidence, verdict: Verdict | null): string {
  return digest(failureKey(evidence, verdict).join('\n'));
}

/** The parts of a failure that a fingerprint is made of. */
export function failureKey(evidence: Evidence, verdict: Verdict | null): readonly string[] {
  const cause: CauseId = verdict?.cause ?? 'unknown';
  const category = categoryOf(cause);
  if (category === 'dependency') {
    const dependency = dependencyOf(evidence, verdict);
    if (dependency !== null) return ['dependency', cause, dependency];
  }
  if (category === 'image' && evidence.lastTermination === undefined) return ['image', cause, evidence.container.image];
  const names = [evidence.pod.name, evidence.pod.uid];
  const line = decisiveText(evidence, verdict);
  const normal = line === null ? '' : normalLine(line, names);
  if (normal.length >= TELLING_LENGTH) return ['line', cause, exitText(evidence), normal, repositoryOf(evidence)];
  const { state } = evidence.status;
  if (state.kind === 'waiting' && state.message.length >= TELLING_LENGTH && evidence.lastTermination === undefined) {
    return ['start', cause, normalLine(state.message, names), evidence.pod.namespace];
  }
  return ['own', cause, exitText(evidence), loopId(evidence.workload, evidence.container.name)];
}

function exitText({ lastTermination }: Evidence): string {
  if (!lastTermination) return 'no exit';
  const { exitCode, reason } = lastTermination;
  return `${exitCode} ${signalName(exitCode) ?? ''} ${reason}`;
}

/** The line that the verdict was read from, else the one that decides; null where no log says anything. */
function decisiveText(evidence: Evidence, verdict: Verdict | null): string | null {
  const cited = verdict?.facts.find((fact) => fact.place.tab === 'logs');
  if (cited) return cited.value;
  return evidence.log ? (findDecisiveLine(evidence.log)?.message ?? null) : null;
}

/** What the program could not speak to: `service/shop/rabbitmq:5672`, or another host; null where nothing names exactly one. */
function dependencyOf(evidence: Evidence, verdict: Verdict | null): string | null {
  const line = decisiveText(evidence, verdict) ?? '';
  const target = targetOf(withoutTimes(line));
  const service = verdict?.facts.find((fact) => fact.source.startsWith('service/'))?.source;
  const port = target.port === '' ? '' : `:${target.port}`;
  if (service) return `${service}${port}`;
  return hostKey(target, evidence) ?? onlyHost(evidence);
}

/** The one host that the log names, where it names exactly one. */
function onlyHost(evidence: Evidence): string | null {
  const hosts = new Set<string>();
  for (const { text } of linesOf(evidence.log)) {
    const host = hostKey(targetOf(withoutTimes(text.slice(0, LINE_MAX))), evidence);
    if (host !== null) hosts.add(host);
  }
  return hosts.size === 1 ? ([...hosts][0] ?? null) : null;
}

function linesOf(log: LogEvidence | undefined): LogEvidence['lines'] {
  return log?.lines.slice(-LINES_MAX) ?? [];
}

/** Names a host so that two programs in two namespaces name it alike; an address of numbers alone names none. */
function hostKey(target: Target, evidence: Evidence): string | null {
  const { host, port } = target;
  if (host === '' || isLocal(target) || /^[\d.:[\]a-f]{1,60}$/i.test(host)) return null;
  const [name = '', namespace = evidence.pod.namespace, kind] = host.split('.');
  const isService = kind === undefined || kind === 'svc';
  return `${isService ? `service/${namespace}/${name}` : host}${port === '' ? '' : `:${port}`}`;
}

/** The image without tag and digest: the program, whatever its version. */
function repositoryOf({ container: { image } }: Evidence): string {
  const [named = ''] = image.split('@');
  const slash = named.lastIndexOf('/');
  const colon = named.indexOf(':', slash + 1);
  return colon < 0 ? named : named.slice(0, colon);
}

/** 64 bits of FNV-1a in two halves, in letters and digits: equal texts give equal digests, others practically never. */
function digest(text: string): string {
  let low = 0x811c9dc5;
  let high = 0xc9dc5118;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ (code + at), 0x01000193);
  }
  return `${(low >>> 0).toString(36)}${(high >>> 0).toString(36)}`;
}
