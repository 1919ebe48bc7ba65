import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import type { ContainerEvidence, Evidence, ProbeEvidence } from './evidence';

/** A kill by the kubelet because a probe failed. `unhealthy` are the failures that counted, newest last. */
export interface ProbeKill {
  readonly probe: 'liveness' | 'startup';
  readonly spec: ProbeEvidence | null;
  readonly killing: EventSnapshot | null;
  readonly unhealthy: readonly EventSnapshot[];
}

/** Tells whether an event is about this container: by its field path, else by the name in its message. */
export function isAbout(event: EventSnapshot, container: ContainerEvidence): boolean {
  if (event.container !== '') return event.container === container.name;
  return event.involved.kind === 'Pod' && mentions(event.message, container.name);
}

function mentions(message: string, name: string): boolean {
  return message.split(/[\s"',()]+/).includes(name);
}

/** Events of this container with one of these reasons, oldest first. */
export function eventsOf(evidence: Evidence, ...reasons: readonly string[]): readonly EventSnapshot[] {
  return (evidence.events ?? []).filter(
    (event) => reasons.includes(event.reason) && isAbout(event, evidence.container),
  );
}

/** Events of the pod or its owners with one of these reasons, whatever container, oldest first. */
export function podEvents(evidence: Evidence, ...reasons: readonly string[]): readonly EventSnapshot[] {
  return (evidence.events ?? []).filter((event) => reasons.includes(event.reason));
}

/** Failures of one kind of probe of this container, oldest first; probe errors do not count toward a kill and are left out. */
export function probeFailures(
  evidence: Evidence,
  probe: 'Liveness' | 'Readiness' | 'Startup',
): readonly EventSnapshot[] {
  return eventsOf(evidence, 'Unhealthy').filter((event) => event.message.startsWith(`${probe} probe failed`));
}

/**
 * Finds whether the kubelet kills this container for a failed probe: a Killing event that says so (crash-semantics 2.4),
 * or, where that event is lost, an exit by signal together with counted failures up to the threshold.
 */
export function findProbeKill(evidence: Evidence): ProbeKill | null {
  const killing = eventsOf(evidence, 'Killing').findLast((event) =>
    /failed (?:liveness|startup) probe/.test(event.message),
  );
  if (killing) {
    const probe = killing.message.includes('startup probe') ? 'startup' : 'liveness';
    const unhealthy = probeFailures(evidence, probe === 'startup' ? 'Startup' : 'Liveness');
    return { probe, spec: evidence.container[probe], killing, unhealthy };
  }
  const code = evidence.lastTermination?.exitCode;
  const reason = evidence.lastTermination?.reason;
  if ((code !== 143 && code !== 137 && code !== 0 && code !== 2) || reason === 'OOMKilled') return null;
  for (const probe of ['startup', 'liveness'] as const) {
    const spec = evidence.container[probe];
    const failures = probeFailures(evidence, probe === 'startup' ? 'Startup' : 'Liveness');
    const unhealthy = failures.filter((event) => !event.aggregated || !hasNeighbourWith(evidence, probe));
    const count = unhealthy.reduce((sum, event) => sum + event.count, 0);
    if (spec && count >= spec.failureThreshold) return { probe, spec, killing: null, unhealthy };
  }
  return null;
}

/** A combined event carries the newest message under the first one's container: it may tell of a neighbour that has such a probe too. */
function hasNeighbourWith({ pod, container }: Evidence, probe: 'startup' | 'liveness'): boolean {
  return pod.containers.some((other) => other.name !== container.name && other[probe] !== null);
}

/** Seconds from a start after which a probe that never passes has the container killed, first and last moment (crash-semantics 4.3). */
export function killWindow(spec: ProbeEvidence): { from: number; to: number } {
  return {
    from: spec.initialDelay + (spec.failureThreshold - 1) * spec.period,
    to: spec.initialDelay + spec.failureThreshold * spec.period + spec.timeout + 1,
  };
}
