import { parseBackoffMessage } from './backoff-message';
import { type CrashChain, containerOf, type Exit, exitsOf, newestChain, restartAllSource } from './container-exits';
import type { Run } from './loop';
import type { ContainerSnapshot, PodSnapshot } from './pod-snapshot';
import { RESTARTING_ALL, willRestart } from './restart-policy';
import { type StartTrouble, startFault } from './start-fault';
import type { EpochMs } from './time';

/** A run must outlive this, and every earlier run of the loop by `HOLD_MARGIN_MS`, before the container is said to hold. */
export const HOLD_MIN_MS = 60_000;

/** Kubernetes writes whole seconds and probes kill with some jitter, so a run is longer only when it is clearly longer. */
export const HOLD_MARGIN_MS = 10_000;

/** How one pod's container stands. `exits` are its ends, oldest first; `chain` the newest of them that hang together. */
export type ReplicaState =
  /** Nothing to judge by: being deleted, being created, completed, waiting for init containers or a gate. */
  | { readonly kind: 'quiet' }
  /** Ended as it should, for good. */
  | { readonly kind: 'completed'; readonly at: EpochMs | null }
  /** May become a fault at `checkAt`, by time alone. */
  | { readonly kind: 'pending'; readonly checkAt: EpochMs }
  | { readonly kind: 'fault'; readonly since: EpochMs }
  /** Ended, and the kubelet will start it again. `isAnnounced`: the kubelet itself says that it backs off or cannot start it. */
  | {
      readonly kind: 'down';
      readonly exits: readonly Exit[];
      readonly chain: CrashChain | null;
      readonly isAnnounced: boolean;
      /** The wait that the kubelet names, or null. */
      readonly announcedMs: number | null;
      readonly since: EpochMs;
    }
  | {
      readonly kind: 'up';
      readonly since: EpochMs;
      readonly exits: readonly Exit[];
      readonly chain: CrashChain | null;
    }
  /** The pod failed for good: a Job's or an evicted one. Its owner may make another. */
  | { readonly kind: 'failed'; readonly exit: Exit };

/** How long a run must last before its container is said to hold, from the longest earlier run of the loop. */
export function holdAfterMs(longestMs: number): number {
  return Math.max(HOLD_MIN_MS, longestMs + HOLD_MARGIN_MS);
}

/** Assesses one pod's container by its status, its recorded runs (of this pod, oldest first) and the clock. */
export function replicaState(
  pod: PodSnapshot,
  name: string,
  runs: readonly Run[],
  trouble: StartTrouble | null,
  now: EpochMs,
): ReplicaState {
  if (pod.deletedAt !== null) return { kind: 'quiet' };
  const container = containerOf(pod, name);
  const state = container?.state;
  if (pod.phase === 'Succeeded')
    return { kind: 'completed', at: state?.kind === 'terminated' ? state.finishedAt : null };
  if (pod.phase === 'Failed') return failedPod(pod, container, now);

  const fault = startFault(pod, name, container, trouble, now);
  const hasEnded = container !== null && container.lastTermination !== null;
  if (fault.kind === 'fault' && !hasEnded) return { kind: 'fault', since: fault.since };
  if (container === null || state === undefined) return fault.kind === 'pending' ? fault : { kind: 'quiet' };

  const source = restartAllSource(pod, name, now);
  const exits = exitsOf(container, runs, source);
  const chain = newestChain(exits);
  if (state.kind === 'running') {
    if (fault.kind === 'pending') return exits.length === 0 ? fault : up(state.startedAt ?? now, exits, chain);
    return up(state.startedAt ?? now, exits, chain);
  }
  if (state.kind === 'terminated') {
    if (state.reason === RESTARTING_ALL) return { kind: 'quiet' };
    if (willRestart(pod, container, state.exitCode))
      return { kind: 'down', exits, chain, isAnnounced: false, announcedMs: null, since: state.finishedAt ?? now };
    return state.exitCode === 0 ? { kind: 'completed', at: state.finishedAt } : { kind: 'quiet' };
  }
  if (state.kind === 'waiting') {
    const since = container.lastTermination?.finishedAt ?? exits.at(-1)?.at ?? now;
    const isBackingOff = state.reason === 'CrashLoopBackOff';
    if (isBackingOff || fault.kind === 'fault')
      return { kind: 'down', exits, chain, isAnnounced: true, announcedMs: parseBackoffMessage(state.message), since };
    if (state.reason === RESTARTING_ALL && source !== null)
      return { kind: 'down', exits, chain, isAnnounced: false, announcedMs: null, since };
    if (state.reason === 'RunContainerError' || state.reason === 'PostStartHookError')
      return { kind: 'down', exits, chain, isAnnounced: false, announcedMs: null, since };
  }
  return fault.kind === 'pending' ? fault : { kind: 'quiet' };
}

/**
 * Says whether a replica fails at this moment, for "2/3 replicas failing": it waits after a crash, cannot be started, its pod
 * failed, or it runs between two crashes and has not yet outlived the last run. Judges by the status alone.
 */
export function isFailingNow(container: ContainerSnapshot, pod: PodSnapshot, now: EpochMs): boolean {
  return isFailing(replicaState(pod, container.name, [], null, now), 0, now);
}

/** As `isFailingNow`, from an assessment; `longestMs` is the longest earlier run of the whole loop. */
export function isFailing(replica: ReplicaState, longestMs: number, now: EpochMs): boolean {
  switch (replica.kind) {
    case 'fault':
    case 'down':
    case 'failed':
      return true;
    case 'up': {
      if (replica.chain === null || replica.chain.crashes < 2) return false;
      return now - replica.since < holdAfterMs(Math.max(longestMs, replica.chain.longestMs));
    }
    case 'quiet':
    case 'pending':
    case 'completed':
      return false;
  }
}

function up(since: EpochMs, exits: readonly Exit[], chain: CrashChain | null): ReplicaState {
  return { kind: 'up', since, exits, chain };
}

/**
 * A pod in phase Failed: its container's own failure, or the kubelet's (eviction, admission). A container that ended well
 * beside one that failed is no failure.
 */
function failedPod(pod: PodSnapshot, container: ContainerSnapshot | null, now: EpochMs): ReplicaState {
  const end = container?.state.kind === 'terminated' ? container.state : (container?.lastTermination ?? null);
  if (end === null && pod.reason === '') return { kind: 'quiet' };
  if (end?.exitCode === 0 && pod.reason === '') return { kind: 'completed', at: end.finishedAt };
  const ready = pod.conditions.find((c) => c.type === 'Ready')?.at ?? null;
  const at = end?.finishedAt ?? ready ?? pod.createdAt ?? now;
  const startedAt = end?.startedAt ?? pod.createdAt;
  const livedMs = startedAt === null ? null : Math.max(0, at - startedAt);
  return {
    kind: 'failed',
    exit: { at, livedMs, restartIndex: 0, missedBefore: 0, exitCode: end?.exitCode ?? null },
  };
}

/** Whether a chain is the back-off's own: short runs, at least two of them. */
export function isLoopingChain(chain: CrashChain | null): chain is CrashChain {
  return chain !== null && chain.crashes >= 2;
}
