import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import { redactText } from '@/lib/domain/redact/text';
import type { ContainerEvidence, Evidence, LogEvidence } from './evidence';
import type { Fact } from './verdict';

const LONGEST = 600;
/** Runtimes and drivers wrap errors from outside in: what went wrong stands at the end. */
const TAIL = 260;

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - TAIL - 3)} … ${text.slice(-TAIL)}`;
}

/** The name of the status list that a container's status stands in. */
function statusList(container: ContainerEvidence): string {
  return container.type === 'app' ? 'containerStatuses' : 'initContainerStatuses';
}

/** The field path of a status field, e.g. `status.containerStatuses[app].lastState.terminated.reason`. */
function statusPath(container: ContainerEvidence, field: string): string {
  return `status.${statusList(container)}[${container.name}].${field}`;
}

/** The field path of a container's spec field, e.g. `spec.containers[app].resources.limits.memory`. */
export function specPath(container: ContainerEvidence, field: string): string {
  return `spec.${container.type === 'app' ? 'containers' : 'initContainers'}[${container.name}].${field}`;
}

/** A fact read from a log line, quoted whole with credentials redacted. */
export function logFact(log: LogEvidence, no: number, text: string): Fact {
  const line = cut(redactText(log.lines.find((one) => one.no === no)?.text.trim() ?? ''));
  if (log.which === 'message') {
    return {
      text,
      source: 'termination message',
      value: line,
      place: { tab: 'status', path: 'lastState.terminated.message' },
    };
  }
  return { text, source: `log line ${no}`, value: line, place: { tab: 'logs', log: log.which, line: no } };
}

/** A fact read from a field of the container's status. */
export function statusFact(evidence: Evidence, field: string, value: string, text: string): Fact {
  const path = statusPath(evidence.container, field);
  return { text, source: path, value: cut(redactText(value)), place: { tab: 'status', path } };
}

/** A fact read from a field of the pod's status outside its containers, e.g. `status.reason`. */
export function podFact(path: string, value: string, text: string): Fact {
  return { text, source: path, value: cut(redactText(value)), place: { tab: 'status', path } };
}

/** A fact read from a field of the container's spec. */
export function specFact(evidence: Evidence, field: string, value: string, text: string): Fact {
  const path = specPath(evidence.container, field);
  return { text, source: path, value: cut(redactText(value)), place: { tab: 'spec', path } };
}

/** A fact read from a spec field given by its whole path, e.g. `spec.volumes[data]`. */
export function fieldFact(path: string, value: string, text: string): Fact {
  return { text, source: path, value: cut(redactText(value)), place: { tab: 'spec', path } };
}

/** A fact read from an event. */
export function eventFact(event: EventSnapshot, text: string): Fact {
  const times = event.count > 1 ? ` (×${event.count})` : '';
  return {
    text,
    source: `event ${event.reason}${times}`,
    value: cut(redactText(event.message)),
    place: { tab: 'events', eventUid: event.uid },
  };
}

/** A fact computed from the recorded runs. */
export function runsFact(value: string, text: string): Fact {
  return { text, source: 'recorded runs', value, place: { tab: 'runs' } };
}

/** The fact of how the newest run ended, or null where none has. */
export function exitFact(evidence: Evidence): Fact | null {
  const last = evidence.lastTermination;
  if (!last) return null;
  const field = evidence.status.state.kind === 'terminated' ? 'state.terminated' : 'lastState.terminated';
  const reason = last.reason ? `${last.reason}, ` : '';
  return statusFact(evidence, `${field}.exitCode`, `${reason}exit ${last.exitCode}`, 'How the newest run ended');
}
