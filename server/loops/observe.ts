import { parseBackoffMessage } from '@/lib/domain/backoff-message';
import { type Run, runId } from '@/lib/domain/loop';
import type { ContainerSnapshot, PodSnapshot, Termination } from '@/lib/domain/pod-snapshot';
import { RESTARTING_ALL } from '@/lib/domain/restart-policy';
import type { EpochMs } from '@/lib/domain/time';

/** One run as the status shows it now, before it is compared with what is known. */
interface VisibleRun {
  readonly index: number;
  readonly containerId: string;
  readonly startedAt: EpochMs | null;
  readonly end: Termination | null;
}

/** The runs that a status names, oldest first: `lastState`, then `state` (crash-semantics 3.7 for the indices). */
function visibleRuns(c: ContainerSnapshot): VisibleRun[] {
  const runs: VisibleRun[] = [];
  const last = c.lastTermination;
  const state = c.state;
  if (last) {
    // A restart of the whole pod is counted as soon as the containers are removed, any other when the next run starts.
    const isCounted = state.kind !== 'waiting' || state.reason === RESTARTING_ALL;
    const index = isCounted && state.kind !== 'none' ? c.restartCount - 1 : c.restartCount;
    runs.push({ index: Math.max(0, index), containerId: last.containerId, startedAt: last.startedAt, end: last });
  }
  if (state.kind === 'terminated' && state.containerId !== last?.containerId) {
    runs.push({ index: c.restartCount, containerId: state.containerId, startedAt: state.startedAt, end: state });
  } else if (state.kind === 'running') {
    runs.push({ index: c.restartCount, containerId: c.containerId, startedAt: state.startedAt, end: null });
  }
  return runs;
}

/**
 * Compares a container's status with its known runs (same pod and container, oldest first) and gives the runs that are new
 * or whose end became known, oldest first. A jump of the restart index is kept as `missedBefore`: restarts that happened and
 * were not seen. A known run that vanished without a visible end stays open: a later run in the list says that it is over.
 * `now` is used as the end of a run that the kubelet itself lost (`ContainerStatusUnknown` has no times), and of one that a restart
 * of the whole pod ended, unless the next one has started.
 */
export function observeRuns(
  pod: PodSnapshot,
  container: ContainerSnapshot,
  loopId: string,
  known: readonly Run[],
  now: EpochMs,
): readonly Run[] {
  const out: Run[] = [];
  let lastIndex = known.at(-1)?.restartIndex ?? -1;
  for (const seen of visibleRuns(container)) {
    const id = runId(pod.uid, container.name, seen.containerId, `${seen.end?.finishedAt ?? seen.index}`);
    const isOfWholePod = seen.end?.reason === RESTARTING_ALL;
    // Such an end names neither its container's id nor a time: it closes the run that was seen at its index.
    const before = known.find((run) => (isOfWholePod ? run.restartIndex === seen.index : run.id === id));
    if (before && (before.exitCode !== null || seen.end === null)) {
      lastIndex = Math.max(lastIndex, before.restartIndex);
      continue;
    }
    const index = before?.restartIndex ?? seen.index;
    out.push({
      id: before?.id ?? id,
      loopId,
      podUid: pod.uid,
      podName: pod.name,
      namespace: pod.namespace,
      container: container.name,
      containerType: container.type,
      containerId: seen.containerId || (before?.containerId ?? ''),
      restartIndex: index,
      startedAt: seen.startedAt ?? before?.startedAt ?? null,
      finishedAt: seen.end ? (seen.end.finishedAt ?? (isOfWholePod ? startOfNext(container, now) : now)) : null,
      exitCode: seen.end ? seen.end.exitCode : null,
      reason: seen.end?.reason ?? '',
      message: seen.end?.message ?? '',
      nodeName: pod.nodeName,
      image: container.image,
      missedBefore: before ? before.missedBefore : Math.max(0, index - lastIndex - 1),
      observedAt: seen.end ? now : null,
    });
    lastIndex = Math.max(lastIndex, index);
  }
  return out;
}

/** When the run after one without times began, or `now`. */
function startOfNext({ state }: ContainerSnapshot, now: EpochMs): EpochMs {
  return state.kind === 'running' ? (state.startedAt ?? now) : now;
}

/** Merges observed runs into the known ones: replaced by id, kept in order, at most `limit` newest. */
export function mergeRuns(known: readonly Run[], observed: readonly Run[], limit: number): readonly Run[] {
  if (observed.length === 0) return known;
  const byId = new Map(known.map((run) => [run.id, run]));
  for (const run of observed) byId.set(run.id, run);
  return [...byId.values()].slice(-limit);
}

/** The delay that the kubelet names after the newest ended of a pod's runs, with that run's id; null where the status names none. */
export function announcedDelay(
  runs: readonly Run[],
  container: ContainerSnapshot,
): { readonly runId: string; readonly delayMs: number } | null {
  if (container.state.kind !== 'waiting') return null;
  const delayMs = parseBackoffMessage(container.state.message);
  const run = runs.findLast((one) => one.exitCode !== null);
  return delayMs === null || !run ? null : { runId: run.id, delayMs };
}
