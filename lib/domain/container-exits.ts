import type { Run } from './loop';
import type { ContainerSnapshot, PodSnapshot, Termination } from './pod-snapshot';
import { mayRestartAll, RESTARTING_ALL } from './restart-policy';
import type { EpochMs } from './time';

/**
 * The kubelet forgets a container's back-off when a run lasted longer than this, whatever the cap
 * (`pkg/kubelet/kubelet.go`, crash-semantics 1.1).
 */
export const BACKOFF_RESET_MS = 600_000;

/** The longest wait between two runs that a kubelet of default settings makes, and the Job controller's. */
const LONGEST_WAIT_MS = 300_000;

/** The end of one run of one container of one pod. */
export interface Exit {
  readonly at: EpochMs;
  /** null where the run's start is not known; 0 for a run that the runtime could not even start. */
  readonly livedMs: number | null;
  /** 0 for the first run of the pod's container. */
  readonly restartIndex: number;
  /** Exits known to lie between the one before and this one, never seen. */
  readonly missedBefore: number;
  readonly exitCode: number | null;
}

/** Exits that hang together: each run after the first exit ended before the kubelet would have forgotten the back-off. */
export interface CrashChain {
  /** Exits in the chain, missed ones included. */
  readonly crashes: number;
  readonly firstAt: EpochMs;
  /** Exits of the chain before `firstAt` that nobody saw; where there are any, `firstAt` is only an upper bound. */
  readonly unseenBefore: number;
  readonly lastAt: EpochMs;
  /** The longest run between two exits of the chain; 0 where none is known. */
  readonly longestMs: number;
}

/** The status of a pod's container by name, or null where the kubelet has not reported it. */
export function containerOf(pod: PodSnapshot, name: string): ContainerSnapshot | null {
  return pod.app.find((c) => c.name === name) ?? pod.init.find((c) => c.name === name) ?? null;
}

/**
 * What the ends of a container that may restart its whole pod are read with, or null for any other container. Its ends
 * have no times in the status: one is at the start of the run after it, or `now`, should it have been seen at no other time.
 */
export function restartAllSource(pod: PodSnapshot, name: string, now: EpochMs): RestartAllSource | null {
  return mayRestartAll(pod, name) ? { createdAt: pod.createdAt, now } : null;
}

/** See `restartAllSource`. */
export interface RestartAllSource {
  readonly createdAt: EpochMs | null;
  readonly now: EpochMs;
}

/** Whether the last run of a pod that is gone may have ended with its deletion, by an exit code that a process gives when told to end. */
export function mayBeDeletion(exitCode: number | null): boolean {
  return exitCode === 0 || exitCode === 137 || exitCode === 143;
}

/**
 * The ends of the runs of one pod's container, oldest first: the recorded ones and those that its status names. Runs
 * that a restart rule of another container ended are left out: they are not this container's crashes, unless it is the one with
 * the rule.
 */
export function exitsOf(
  container: ContainerSnapshot | null,
  runs: readonly Run[],
  source: RestartAllSource | null = null,
): readonly Exit[] {
  const isOthers = (reason: string) => source === null && reason === RESTARTING_ALL;
  const byKey = new Map<string, Exit>();
  for (const [position, run] of runs.entries()) {
    const next = runs[position + 1];
    const at = run.finishedAt ?? next?.startedAt ?? next?.finishedAt ?? null;
    if (at === null || isOthers(run.reason)) continue;
    byKey.set(run.containerId || `${at}`, {
      at,
      livedMs: run.finishedAt === null ? null : (lived(run.startedAt, at, run.reason) ?? averageOf(run, at, source)),
      restartIndex: run.restartIndex,
      missedBefore: run.missedBefore,
      exitCode: run.exitCode,
    });
  }
  for (const [end, restartIndex] of container === null ? [] : visibleEnds(container)) {
    const key = end.containerId || `${end.finishedAt ?? ''}`;
    if (byKey.has(key) || end.finishedAt === null || isOthers(end.reason)) continue;
    const before = [...byKey.values()].at(-1);
    byKey.set(key, {
      at: end.finishedAt,
      livedMs: lived(end.startedAt, end.finishedAt, end.reason),
      restartIndex,
      missedBefore: before === undefined ? 0 : Math.max(0, restartIndex - before.restartIndex - 1),
      exitCode: end.exitCode,
    });
  }
  if (container !== null && source !== null) {
    const unseen = restartAllEnd(container, source);
    const isKnown = [...byKey.values()].some(({ restartIndex }) => restartIndex === unseen?.restartIndex);
    if (unseen !== null && !isKnown) byKey.set(RESTARTING_ALL, unseen);
  }
  return [...byKey.values()].sort((a, b) => a.at - b.at || a.restartIndex - b.restartIndex);
}

/**
 * The newest chain of one pod's exits, or null without any. A chain goes back while runs lived at most
 * `BACKOFF_RESET_MS`; runs of unknown length count as short. Restarts before the first known exit are taken into the chain
 * when the run that ended with it was short.
 */
export function newestChain(exits: readonly Exit[]): CrashChain | null {
  const last = exits.at(-1);
  if (last === undefined) return null;
  let crashes = 1;
  let unseenBefore = 0;
  let first = last;
  let longestMs = 0;
  for (let i = exits.length - 1; i >= 0; i--) {
    const exit = exits[i];
    if (exit === undefined) break;
    first = exit;
    if ((exit.livedMs ?? 0) > BACKOFF_RESET_MS) break;
    longestMs = Math.max(longestMs, exit.livedMs ?? 0);
    const before = exits[i - 1];
    if (before === undefined) {
      unseenBefore = exit.restartIndex;
      break;
    }
    const spacing = (exit.at - before.at) / (exit.missedBefore + 1);
    if (exit.missedBefore > 0 && spacing > BACKOFF_RESET_MS + LONGEST_WAIT_MS) {
      unseenBefore = 1;
      break;
    }
    crashes += 1 + exit.missedBefore;
  }
  return { crashes: crashes + unseenBefore, firstAt: first.at, unseenBefore, lastAt: last.at, longestMs };
}

function lived(startedAt: EpochMs | null, finishedAt: EpochMs, reason: string): number | null {
  if (startedAt !== null) return Math.max(0, finishedAt - startedAt);
  return reason === 'StartError' || reason === 'ContainerCannotRun' ? 0 : null;
}

/**
 * The newest end of a container that restarted its whole pod, which the status shows without times: its run is taken to have
 * lived as long as the runs of this pod did on average.
 */
function restartAllEnd(container: ContainerSnapshot, { createdAt, now }: RestartAllSource): Exit | null {
  const { state, lastTermination, restartCount } = container;
  if (lastTermination?.reason !== RESTARTING_ALL || lastTermination.finishedAt !== null) return null;
  const at = state.kind === 'running' ? (state.startedAt ?? now) : now;
  const restartIndex = Math.max(0, restartCount - 1);
  return { at, livedMs: average(createdAt, at, restartIndex), restartIndex, missedBefore: 0, exitCode: null };
}

function averageOf(run: Run, at: EpochMs, source: RestartAllSource | null): number | null {
  return source === null || run.reason !== RESTARTING_ALL ? null : average(source.createdAt, at, run.restartIndex);
}

function average(createdAt: EpochMs | null, at: EpochMs, restartIndex: number): number | null {
  return createdAt === null ? null : Math.max(0, at - createdAt) / (restartIndex + 1);
}

function visibleEnds(container: ContainerSnapshot): readonly (readonly [Termination, number])[] {
  const { state, lastTermination, restartCount } = container;
  const ends: (readonly [Termination, number])[] = [];
  if (lastTermination !== null) {
    const isBeforeCurrent = state.kind === 'running' || state.kind === 'terminated';
    ends.push([lastTermination, isBeforeCurrent ? Math.max(0, restartCount - 1) : restartCount]);
  }
  if (state.kind === 'terminated') ends.push([state, restartCount]);
  return ends;
}
