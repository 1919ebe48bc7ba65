import { buildStatus } from '@/lib/diagnosis/build-pod';
import type { Evidence } from '@/lib/diagnosis/evidence';
import type { KubeObject } from '@/lib/diagnosis/evidence-source';
import { objectsAt, textAt } from '@/lib/diagnosis/read-object';
import { keptContainerId, loopId, type Run, runId, type Workload } from '@/lib/domain/loop';
import type { ContainerType, Termination } from '@/lib/domain/pod-snapshot';

/**
 * The runs that a pod's status still tells of: the ended one before, the newest ended one, the living one; oldest
 * first. A status names at most two ended runs (crash-semantics 3.7); the restarts before them count as missed.
 */
export function runsOfStatus(
  pod: KubeObject,
  workload: Workload,
  container: string,
  type: ContainerType,
): Evidence['runs'] {
  const raw = [
    ...objectsAt(pod, 'status', 'initContainerStatuses'),
    ...objectsAt(pod, 'status', 'containerStatuses'),
  ].find((one) => textAt(one, 'name') === container);
  if (!raw) return [];
  const status = buildStatus(raw);
  const podUid = textAt(pod, 'metadata', 'uid');
  const make = (
    termination: Termination | null,
    startedAt: number | null,
    id: string,
    restartIndex: number,
    missed: number,
  ): Run => ({
    id: runId(podUid, container, id, String(restartIndex)),
    loopId: loopId(workload, container),
    podUid,
    podName: textAt(pod, 'metadata', 'name'),
    namespace: workload.namespace,
    container,
    containerType: type,
    containerId: id,
    restartIndex,
    startedAt,
    finishedAt: termination?.finishedAt ?? null,
    exitCode: termination?.exitCode ?? null,
    reason: termination?.reason ?? '',
    message: termination?.message ?? '',
    nodeName: textAt(pod, 'spec', 'nodeName'),
    image: status.image,
    missedBefore: missed,
    observedAt: null,
  });
  const { state, lastTermination, restartCount } = status;
  const isWaiting = state.kind === 'waiting' || state.kind === 'none';
  const lastIndex = Math.max(0, isWaiting ? restartCount : restartCount - 1);
  const runs: Run[] = [];
  if (lastTermination)
    runs.push(make(lastTermination, lastTermination.startedAt, lastTermination.containerId, lastIndex, lastIndex));
  if (state.kind === 'terminated')
    runs.push(make(state, state.startedAt, state.containerId, restartCount, lastTermination ? 0 : restartCount));
  if (state.kind === 'running')
    runs.push(
      make(
        null,
        state.startedAt,
        keptContainerId(textAt(raw, 'containerID')),
        restartCount,
        lastTermination ? 0 : restartCount,
      ),
    );
  return runs;
}
