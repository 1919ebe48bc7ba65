import type { Clock } from '@/server/demo/clock';
import type { ContainerSpec, ProbeSpec } from '@/server/demo/kube-types';
import type { Attempt } from '@/server/demo/program';
import type { Random } from '@/server/demo/random';

export type ProbeKind = 'liveness' | 'readiness' | 'startup';
type Run = Extract<Attempt, { kind: 'run' }>;

export interface ProbeTarget {
  readonly spec: ContainerSpec;
  readonly run: Run;
  readonly startedAt: number;
  readonly podIp: string;
  /** Offset of the probe's ticks, kept over restarts of the container (crash-semantics 4.2). */
  phase(kind: ProbeKind): number;
}

export interface ProbeHandlers {
  /** A probe failed once: to be said in an event. */
  failed(kind: ProbeKind, message: string): void;
  /** Startup succeeded, or there is no startup probe. */
  started(): void;
  ready(isReady: boolean): void;
  /** The threshold is reached: liveness and startup only. */
  exhausted(kind: ProbeKind): void;
}

const DEFAULTS = { initialDelaySeconds: 0, periodSeconds: 10, failureThreshold: 3, successThreshold: 1 };

/** The number of a port that a probe names. */
function portNumber(spec: ContainerSpec, port: number | string): number | string {
  const ports = (spec.ports ?? []) as readonly { readonly name?: string; readonly containerPort: number }[];
  return ports.find((one) => one.name === port)?.containerPort ?? port;
}

/** Says what a refused connection looks like from the kubelet, for the probe's own address (crash-semantics 4.4). */
function refusedText(spec: ContainerSpec, probe: ProbeSpec, podIp: string): string {
  const { httpGet, tcpSocket } = probe;
  if (httpGet) {
    const scheme = (httpGet.scheme ?? 'HTTP').toLowerCase();
    const address = `${podIp}:${portNumber(spec, httpGet.port)}`;
    return `Get "${scheme}://${address}${httpGet.path}": dial tcp ${address}: connect: connection refused`;
  }
  return tcpSocket ? `dial tcp ${podIp}:${portNumber(spec, tcpSocket.port)}: connect: connection refused` : '';
}

/** What a probe at this moment of the run answers: null for success, else the failure text. */
function answer(target: ProbeTarget, kind: ProbeKind, probe: ProbeSpec, sinceStart: number): string | null {
  const { run } = target;
  for (const failure of run.probeFailures ?? []) {
    const until = failure.untilMs ?? Number.POSITIVE_INFINITY;
    if (failure.probe === kind && sinceStart >= failure.fromMs && sinceStart < until) {
      return failure.message.replaceAll('{ip}', target.podIp);
    }
  }
  if (sinceStart >= (run.readyAfterMs ?? 0)) return null;
  return run.unreadyMessage?.replaceAll('{ip}', target.podIp) ?? refusedText(target.spec, probe, target.podIp);
}

/** When the answer of a probe may change next after `sinceStart`: there is no need to look before. */
function nextChange(target: ProbeTarget, kind: ProbeKind, sinceStart: number): number {
  const edges = (target.run.probeFailures ?? [])
    .filter((failure) => failure.probe === kind)
    .flatMap((failure) => [failure.fromMs, failure.untilMs ?? Number.POSITIVE_INFINITY]);
  return Math.min(Number.POSITIVE_INFINITY, ...edges.filter((edge) => edge > sinceStart));
}

/**
 * Runs the probes of one container instance (`prober/worker.go`, crash-semantics 4.2): ticks on a grid of its own, consecutive
 * results counted, liveness and readiness only after startup. While a probe can only succeed again, nothing is planned.
 * The answer stops them.
 */
export function runProbes(target: ProbeTarget, handlers: ProbeHandlers, clock: Clock): () => void {
  let isStopped = false;
  const cancels = new Set<() => void>();

  const watch = (kind: ProbeKind, probe: ProbeSpec, onPass: () => void): void => {
    const { initialDelaySeconds, periodSeconds, failureThreshold, successThreshold } = { ...DEFAULTS, ...probe };
    const period = periodSeconds * 1000;
    let failures = 0;
    let passes = 0;

    const tickFrom = (at: number): void => {
      if (isStopped || at === Number.POSITIVE_INFINITY) return;
      const phase = target.phase(kind) * period;
      const cancel = clock.at(Math.ceil((at - phase) / period) * period + phase, () => {
        cancels.delete(cancel);
        if (!isStopped) tick();
      });
      cancels.add(cancel);
    };
    const tick = (): void => {
      const sinceStart = clock.now - target.startedAt;
      const failure = answer(target, kind, probe, sinceStart);
      if (failure === null) {
        failures = 0;
        passes += 1;
        if (passes === successThreshold) onPass();
        if (kind === 'startup' && passes >= successThreshold) return;
        const isSettled = passes >= successThreshold;
        tickFrom(isSettled ? target.startedAt + nextChange(target, kind, sinceStart) : clock.now + 1);
        return;
      }
      passes = 0;
      failures += 1;
      handlers.failed(kind, failure);
      if (failures >= failureThreshold) {
        if (kind === 'readiness') handlers.ready(false);
        else {
          handlers.exhausted(kind);
          return;
        }
      }
      tickFrom(clock.now + 1);
    };
    tickFrom(target.startedAt + initialDelaySeconds * 1000 + 1);
  };

  const { startupProbe, livenessProbe, readinessProbe } = target.spec;
  const afterStartup = (): void => {
    handlers.started();
    if (livenessProbe) watch('liveness', livenessProbe, () => {});
    if (readinessProbe) watch('readiness', readinessProbe, () => handlers.ready(true));
    else handlers.ready(true);
  };
  if (startupProbe) watch('startup', startupProbe, afterStartup);
  else afterStartup();

  return () => {
    isStopped = true;
    for (const cancel of cancels) cancel();
  };
}

/** Makes the tick offsets of a container's probes, in parts of their period. */
export function probePhases(random: Random): Record<ProbeKind, number> {
  return { liveness: random.next(), readiness: random.next(), startup: random.next() };
}
