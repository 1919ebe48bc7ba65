import type { Loop } from '@/lib/contract/loop';
import { loopId, type Run, type Workload } from '@/lib/domain/loop';
import type { PreviousStanding } from '@/lib/domain/loop-state';
import type { ContainerSnapshot, ContainerType, EventSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';
import type { StartTrouble } from '@/lib/domain/start-fault';
import type { EpochMs } from '@/lib/domain/time';
import type { StoredChange } from '@/server/store/store';

/** How many runs per replica stay in memory; the store has them all. */
export const RUNS_IN_MEMORY = 60;

/** One container of one workload that ever gave reason to look: a loop, or what may become one. */
export interface LoopEntry {
  /** The workload as far as known: guessed from the pod first, then resolved through its owners. */
  workload: Workload;
  readonly container: string;
  containerType: ContainerType;
  image: string;
  id: string;
  /** Keys of the pod groups it covers, see LoopIndex. */
  readonly groups: Set<string>;
  /** Known runs by pod UID, oldest first. */
  readonly runs: Map<string, readonly Run[]>;
  /** null while it is not a loop. */
  current: PreviousStanding | null;
  /** The row as last built; of a loop that ended, its last one. */
  row: Loop | null;
  /** Whether it stands on the board. */
  isListed: boolean;
  verdict: Loop['verdict'];
  /** Of the newest diagnosis, see `fingerprintOf`; null before the first. */
  fingerprint: string | null;
  change: Loop['change'];
  /** Recorded changes of the workload and of what it refers to, newest first. */
  changes: readonly StoredChange[];
  /** The newest snapshot of a pod that is gone, for the row of a loop without pods. */
  lastPod: PodSnapshot | null;
  /** The controller's refusal to make a pod at all, where that is the failure. */
  failedCreate: EventSnapshot | null;
  /** By pod UID, the newest ended run whose log was asked for. */
  readonly logAsked: Map<string, string>;
  /** Delays that the kubelet named after a run, milliseconds by run id. */
  readonly announced: Map<string, number>;
  /** By pod UID, what events say about a start that fails. */
  readonly troubles: Map<string, StartTrouble>;
  /** When time alone may change the state. */
  nextCheckAt: EpochMs | null;
}

/** Makes an entry without history. */
export function newEntry(workload: Workload, container: string, type: ContainerType, image: string): LoopEntry {
  return {
    workload,
    container,
    containerType: type,
    image,
    id: loopId(workload, container),
    groups: new Set(),
    runs: new Map(),
    current: null,
    row: null,
    isListed: false,
    verdict: null,
    fingerprint: null,
    change: null,
    changes: [],
    lastPod: null,
    failedCreate: null,
    logAsked: new Map(),
    announced: new Map(),
    troubles: new Map(),
    nextCheckAt: null,
  };
}

const QUIET_WAITING = new Set(['', 'ContainerCreating', 'PodInitializing']);

/**
 * Whether a container gives reason to look closer: it ended, restarted, or waits on an error. A finished init container and
 * a completed pod do not. Cheap: asked for every container of every pod.
 */
export function isOfInterest(pod: PodSnapshot, container: ContainerSnapshot): boolean {
  if (pod.phase === 'Succeeded') return false;
  if (
    container.restartCount > 0 &&
    !(container.type === 'init' && container.state.kind === 'terminated' && container.state.exitCode === 0)
  )
    return true;
  if (container.state.kind === 'waiting') return !QUIET_WAITING.has(container.state.reason);
  if (container.state.kind !== 'terminated') return container.lastTermination !== null;
  return !(container.type === 'init' && container.state.exitCode === 0);
}

/** Whether a pod as a whole is stuck before any container ran, or was failed by the kubelet. */
export function isStuck(pod: PodSnapshot): boolean {
  return pod.deletedAt === null && (pod.phase === 'Pending' || pod.phase === 'Failed');
}

/** All known runs of an entry over its replicas, oldest first. */
export function allRuns(entry: LoopEntry): readonly Run[] {
  return [...entry.runs.values()]
    .flat()
    .sort((a, b) => (a.finishedAt ?? a.startedAt ?? 0) - (b.finishedAt ?? b.startedAt ?? 0));
}
