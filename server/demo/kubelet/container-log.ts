import type { Clock } from '@/server/demo/clock';
import { type LoggedRun, readLog } from '@/server/demo/logs/log-script';
import { type ContainerSlot, type Instance, isRunning } from './container-slot';
import type { PodWorker } from './pod-worker';

export interface LogOptions {
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | null;
  readonly limitBytes: number | null;
  /** Epoch milliseconds, real time. */
  readonly since: number | null;
}

/** What `pods/log` answers: a text and, where the container runs, its run for `follow`; or the kubelet's refusal (HTTP 400). */
export type LogAnswer =
  | { readonly kind: 'text'; readonly text: string; readonly running: LoggedRun | null }
  | { readonly kind: 'refused'; readonly message: string };

/** A line as the API prints it. */
export function formatLine(clock: Clock, at: number, text: string, timestamps: boolean): string {
  if (!timestamps) return `${text}\n`;
  // The runtime stamps in nanoseconds; the digits below the microsecond are made from the instant.
  const wall = clock.wall(at);
  const nanos = String(Math.floor((wall % 1) * 1_000_000)).padStart(6, '0');
  return `${new Date(wall).toISOString().slice(0, 23)}${nanos}Z ${text}\n`;
}

/** The run of an instance as the log reader needs it, or null where it never started. */
function toLoggedRun(instance: Instance): LoggedRun | null {
  const { attempt, startedAt, finishedAt, endsAt, seed } = instance;
  if (attempt.kind !== 'run' || startedAt === null) return null;
  return { log: attempt.log, startedAt, finishedAt, endsAt, seed };
}

/**
 * Chooses the instance whose log is meant, from the status that the API shows (`validateContainerLogStatus` of
 * `kubelet_pods.go`, crash-semantics 3.8). Gives the refusal where there is none.
 */
function chooseInstance(worker: PodWorker, slot: ContainerSlot, previous: boolean): Instance | string {
  const { pod } = worker;
  const container = slot.spec.name;
  const name = pod.metadata.name;
  const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  const status = statuses.find((one) => one.name === container);
  if (!status) return `container "${container}" in pod "${name}" is not available`;
  const byId = (id: string | undefined): Instance | undefined =>
    [slot.current, slot.previous].find((instance) => instance?.id === id) ?? undefined;

  const { state, lastState } = status;
  const lost = `unable to retrieve container logs for `;
  if (previous) {
    const id = lastState.terminated?.containerID;
    if (id === undefined) return `previous terminated container "${container}" in pod "${name}" not found`;
    return byId(id) ?? `${lost}${id}`;
  }
  if (state.running) return byId(status.containerID) ?? `${lost}${status.containerID}`;
  const dead = state.terminated ?? lastState.terminated;
  if (dead) return byId(dead.containerID) ?? `${lost}${dead.containerID}`;
  const reason = state.waiting?.reason ?? '';
  const why =
    reason === 'ErrImagePull'
      ? "image can't be pulled"
      : reason === 'ImagePullBackOff'
        ? 'trying and failing to pull image'
        : reason;
  return `container "${container}" in pod "${name}" is waiting to start: ${why}`;
}

/** Reads the log of one container of a pod, as the kubelet serves it. */
export function readContainerLog(worker: PodWorker, slot: ContainerSlot, options: LogOptions, clock: Clock): LogAnswer {
  const instance = chooseInstance(worker, slot, options.previous);
  if (typeof instance === 'string') {
    // A removed instance is answered with 200 and this sentence (crash-semantics 12).
    return instance.startsWith('unable to retrieve')
      ? { kind: 'text', text: instance, running: null }
      : { kind: 'refused', message: instance };
  }
  if (!instance.isKept) {
    return { kind: 'text', text: `unable to retrieve container logs for ${instance.id}`, running: null };
  }
  const run = toLoggedRun(instance);
  if (!run) return { kind: 'text', text: '', running: null };

  const since = options.since === null ? Number.NEGATIVE_INFINITY : clock.simulated(options.since) - 1;
  const records = readLog(run, clock, since, clock.now);
  const { tailLines, limitBytes } = options;
  const chosen = tailLines === null ? records : tailLines === 0 ? [] : records.slice(-tailLines);
  const text = chosen.map(({ at, text: line }) => formatLine(clock, at, line, options.timestamps)).join('');
  const cut = limitBytes === null ? text : Buffer.from(text).subarray(0, limitBytes).toString();
  const isLive = isRunning(slot) && instance === slot.current;
  return { kind: 'text', text: cut, running: isLive ? run : null };
}
