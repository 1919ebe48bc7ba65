import { type BackoffOptions, type BackoffRun, type BackoffWait, replayBackoff } from './backoff';
import { parseBackoffMessage } from './backoff-message';
import type { ContainerSnapshot, PodSnapshot, Termination } from './pod-snapshot';
import { restartsAll, willRestart } from './restart-policy';
import { type RestartWindow, restartWindow } from './restart-window';
import type { EpochMs } from './time';

export interface NextRestartInput {
  readonly pod: PodSnapshot;
  readonly container: ContainerSnapshot;
  /** Recorded runs of this pod's container, oldest first. What its status shows beyond them is added. */
  readonly runs: readonly BackoffRun[];
  readonly backoff: BackoffOptions;
  readonly now: EpochMs;
  /** Whether the pod's node is ready, or null where unknown. */
  readonly isNodeReady?: boolean | null;
}

/** When a container that waits will be started again. */
export interface NextRestart extends RestartWindow {
  readonly wait: BackoffWait;
  /** Past `latestAt`, and it still waits. */
  readonly isOverdue: boolean;
  /** What an overdue restart may come from, likeliest first; empty while it is not overdue. */
  readonly why: readonly string[];
}

/** Waiting reasons after which the back-off decides; others (image, configuration, create) stand in its way. */
const BACKS_OFF = new Set(['CrashLoopBackOff', 'RunContainerError', 'PostStartHookError']);

/** A start that is this late may still be the image pull or a busy node. */
const LITTLE_LATE_MS = 60_000;

/**
 * The window of the next restart, or null where none is coming: the container runs, will not be restarted, or something
 * other than the back-off decides (an image that cannot be pulled has a back-off of its own, a restart of the whole pod none). The delay that
 * the kubelet names in `waiting.message` wins over the replay.
 */
export function nextRestart(input: NextRestartInput): NextRestart | null {
  const { pod, container, now } = input;
  const { state } = container;
  const end = state.kind === 'terminated' ? state : state.kind === 'waiting' ? container.lastTermination : null;
  if (end === null || !willRestart(pod, container, end.exitCode)) return null;
  if (restartsAll(pod, container.name, end.exitCode)) return null;
  if (state.kind === 'waiting' && !BACKS_OFF.has(state.reason)) return null;

  const runs = withEnd(input.runs, container, end);
  const ended = runs.at(-1);
  const namedMs = state.kind === 'waiting' ? parseBackoffMessage(state.message) : null;
  const announced = new Map(input.backoff.announced);
  if (ended !== undefined && namedMs !== null) announced.set(ended.id, namedMs);
  const wait = replayBackoff(runs, { ...input.backoff, announced }).waits.at(-1);
  if (wait === undefined || wait.actualMs !== null || wait.afterRunId !== ended?.id) return null;

  const window = restartWindow(wait, input.backoff.kubeletMinor);
  const isOverdue = now > window.latestAt;
  const why = isOverdue ? overdueReasons(now - window.latestAt, wait.basis, input.isNodeReady ?? null) : [];
  return { ...window, wait, isOverdue, why };
}

/** The recorded runs with the newest end that the status shows, should it not be recorded yet. */
function withEnd(runs: readonly BackoffRun[], container: ContainerSnapshot, end: Termination): readonly BackoffRun[] {
  const at = runs.findIndex((run) => run.containerId === end.containerId && run.containerId !== '');
  const known = runs[at];
  if (known?.finishedAt != null) return runs.slice(0, at + 1);
  const before = runs.at(-1);
  const seen: BackoffRun = {
    id: end.containerId || `${end.finishedAt ?? ''}`,
    missedBefore: before === undefined ? 0 : Math.max(0, container.restartCount - before.restartIndex - 1),
    restartIndex: container.restartCount,
    image: container.image,
    ...known,
    containerId: end.containerId,
    startedAt: end.startedAt ?? known?.startedAt ?? null,
    finishedAt: end.finishedAt,
    exitCode: end.exitCode,
    reason: end.reason,
  };
  return [...(at < 0 ? runs : runs.slice(0, at)), seen];
}

/**
 * Says what a restart that is overdue by so many milliseconds may wait for, likeliest first. `basis` is where the expected delay
 * comes from (crash-semantics 1.4).
 */
export function overdueReasons(
  overdueMs: number,
  basis: BackoffWait['basis'],
  isNodeReady: boolean | null,
): readonly string[] {
  const why: string[] = [];
  if (isNodeReady === false) why.push('its node is not ready');
  if (overdueMs < LITTLE_LATE_MS) {
    why.push('the image is being pulled, or the node is busy');
    return why;
  }
  why.push('the kubelet or its node is down', 'the clocks of node and server differ', 'the container runtime hangs');
  if (basis !== 'announced') why.push('the kubelet keeps another back-off than assumed');
  return why;
}
