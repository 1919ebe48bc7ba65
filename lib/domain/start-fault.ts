import type { ContainerSnapshot, PodSnapshot } from './pod-snapshot';
import type { EpochMs } from './time';

/**
 * What Warning events say about a pod that does not get going: FailedMount, FailedAttachVolume, FailedCreatePodSandBox and
 * the like. Healthy starts may show one of them (crash-semantics 12.11).
 */
export interface StartTrouble {
  readonly since: EpochMs;
  /** Occurrences over all such events of the pod. */
  readonly count: number;
}

/** Why a container that does not run has not been started. */
export type StartFault =
  | { readonly kind: 'none' }
  /** `reason` is the kubelet's or scheduler's word; `since` when the pod began to lack this container. */
  | { readonly kind: 'fault'; readonly reason: string; readonly since: EpochMs }
  /** Not yet a fault: it becomes one by time alone at `checkAt`, should nothing change. */
  | { readonly kind: 'pending'; readonly checkAt: EpochMs };

/** Thresholds, in milliseconds, before a pod that does not get going counts as never started. */
const START_GRACE = {
  /** The scheduler found no node: shorter is the ordinary wait for a volume claim to be bound. */
  unschedulable: 15_000,
  /** Nothing started, and events say that something failed. */
  creatingWithTrouble: 60_000,
  /** Nothing started, and nothing says why: large images take minutes. */
  creating: 600_000,
  /** An init container runs and does not end (crash-semantics 7.F, F2). */
  initRunning: 300_000,
  /** A waiting state without a reason, between create and start. */
  nameless: 60_000,
} as const;

/**
 * So many occurrences over so many milliseconds are no hiccup any more: the grace with trouble is over. The kubelet tries a sandbox again
 * every 12 to 15 s, a mount after 0.5, 1, 2, 4 s and so on, which a ConfigMap that comes a moment late may need on a healthy start.
 */
const STEADY_TROUBLE = { count: 3, forMs: 20_000 } as const;

const NONE: StartFault = { kind: 'none' };

/** Waiting reasons that are no fault by themselves: creation under way, or the consequence of an exit (crash-semantics 3.1). */
const NO_FAULT = new Set([
  '',
  'ContainerCreating',
  'PodInitializing',
  'CrashLoopBackOff',
  'RunContainerError',
  'PostStartHookError',
  'RestartingAllContainers',
]);

/**
 * Says whether a container of a pod fails to start. Image, configuration and create errors count at once; what concerns the
 * whole pod (no node, no volume, no sandbox) counts after a grace and is told of one container only, the first of the spec's
 * app containers. `container` is null where the kubelet has not reported it; `trouble` is null where no event tells of any.
 */
export function startFault(
  pod: PodSnapshot,
  name: string,
  container: ContainerSnapshot | null,
  trouble: StartTrouble | null,
  now: EpochMs,
): StartFault {
  if (pod.deletedAt !== null || pod.phase === 'Succeeded') return NONE;
  const createdAt = pod.createdAt ?? now;
  const state = container?.state;
  if (state?.kind === 'waiting' && !NO_FAULT.has(state.reason)) {
    const since = container?.lastTermination?.finishedAt ?? createdAt;
    return { kind: 'fault', reason: state.reason, since };
  }
  if (container?.type === 'init' && state?.kind === 'running') {
    if (state.startedAt === null) return NONE;
    return after('PodInitializing', state.startedAt, START_GRACE.initRunning, now);
  }
  if (pod.phase === 'Failed' || !nothingStarted(pod) || name !== subjectOf(pod)) return NONE;

  const scheduled = pod.conditions.find((c) => c.type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    if (scheduled.reason === 'SchedulingGated') return NONE;
    return after(scheduled.reason || 'Unschedulable', scheduled.at ?? createdAt, START_GRACE.unschedulable, now);
  }
  if (pod.nodeName === '') return NONE;
  const since = scheduled?.at ?? createdAt;
  const isNameless = state?.kind === 'waiting' && state.reason === '';
  const grace = isNameless ? START_GRACE.nameless : START_GRACE.creating;
  if (trouble === null) return after('ContainerCreating', since, grace, now);
  if (trouble.count >= STEADY_TROUBLE.count) {
    const checkAt = trouble.since + STEADY_TROUBLE.forMs;
    return now >= checkAt ? { kind: 'fault', reason: 'ContainerCreating', since } : { kind: 'pending', checkAt };
  }
  return after('ContainerCreating', since, START_GRACE.creatingWithTrouble, now);
}

/** The container that stands for a fault of the whole pod: the spec's first app container; null without a spec. */
function subjectOf(pod: PodSnapshot): string | null {
  return (pod.specContainers.find((c) => c.type === 'app') ?? pod.app[0])?.name ?? null;
}

function after(reason: string, since: EpochMs, grace: number, now: EpochMs): StartFault {
  if (now - since >= grace) return { kind: 'fault', reason, since };
  return { kind: 'pending', checkAt: since + grace };
}

/** Whether no container of the pod ever got as far as a run or an error of its own. */
function nothingStarted(pod: PodSnapshot): boolean {
  return [...pod.init, ...pod.app].every(
    ({ state, lastTermination }) =>
      lastTermination === null &&
      (state.kind === 'none' ||
        (state.kind === 'waiting' && ['', 'ContainerCreating', 'PodInitializing'].includes(state.reason))),
  );
}
