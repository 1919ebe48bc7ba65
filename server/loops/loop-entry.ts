import { loopId, type Run, type Workload } from '@/lib/domain/loop';
import type { PreviousStanding } from '@/lib/domain/loop-state';
import type { ContainerSnapshot, ContainerType, EventSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';
import type { StartTrouble } from '@/lib/domain/start-fault';
import type { EpochMs } from '@/lib/domain/time';
import type { KnownChange } from '@/server/view/known-changes';
import type { ShownLoop } from '@/server/view/shown-loop';

/** How many runs per replica stay in memory; the store has them all. */
export const RUNS_IN_MEMORY = 60;

/** One container of one workload that ever gave reason to look: a loop, or what may become one. Only the LoopTable changes it. */
export interface LoopEntry extends ShownLoop {
  /** Keys of the pod groups it covers, see LoopTable. */
  readonly groups: ReadonlySet<string>;
  /** Whether it stands on the board. */
  readonly isListed: boolean;
  /** UID of the replica that it was last judged by; null where there was none. */
  readonly subject: string | null;
  /** Recorded changes of the workload and of what it refers to, oldest first. */
  readonly changes: readonly KnownChange[];
  /** By pod UID, the newest ended run whose log was asked for. */
  readonly logAsked: ReadonlyMap<string, string>;
  /** By pod UID, what events say about a start that fails. */
  readonly troubles: ReadonlyMap<string, StartTrouble>;
  /** When time alone may change the state. */
  readonly nextCheckAt: EpochMs | null;
}

/** An entry as the table holds it. */
export interface OpenEntry extends LoopEntry {
  workload: Workload;
  id: string;
  image: string;
  readonly groups: Set<string>;
  readonly runs: Map<string, readonly Run[]>;
  readonly announced: Map<string, number>;
  readonly logAsked: Map<string, string>;
  readonly troubles: Map<string, StartTrouble>;
  current: PreviousStanding | null;
  row: LoopEntry['row'];
  isListed: boolean;
  subject: string | null;
  verdict: LoopEntry['verdict'];
  fingerprint: string | null;
  change: LoopEntry['change'];
  changes: readonly KnownChange[];
  lastPod: PodSnapshot | null;
  failedCreate: EventSnapshot | null;
  nextCheckAt: EpochMs | null;
}

/** What names the container of an entry. */
export interface LoopContainer {
  readonly name: string;
  readonly type: ContainerType;
  readonly image: string;
}

/** An entry of which nothing is known yet. */
export function newEntry(workload: Workload, container: LoopContainer): OpenEntry {
  return {
    workload,
    container: container.name,
    containerType: container.type,
    image: container.image,
    id: loopId(workload, container.name),
    groups: new Set(),
    runs: new Map(),
    current: null,
    row: null,
    isListed: false,
    subject: null,
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

/** Whether any container of a pod gives reason to look closer, or the pod as a whole does. */
export function isSuspect(pod: PodSnapshot): boolean {
  for (const container of pod.app) if (isOfInterest(pod, container)) return true;
  for (const container of pod.init) if (isOfInterest(pod, container)) return true;
  return isStuck(pod);
}
