import type { Loop } from '@/lib/contract/loop';
import type { Run, Workload } from '@/lib/domain/loop';
import type { PreviousStanding } from '@/lib/domain/loop-state';
import type { ContainerType, EventSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';

/** What is known of one loop, as far as it is shown. */
export interface ShownLoop {
  readonly id: string;
  /** The workload as far as known: guessed from the pod first, then resolved through its owners. */
  readonly workload: Workload;
  readonly container: string;
  readonly containerType: ContainerType;
  readonly image: string;
  /** Known runs by pod UID, oldest first. */
  readonly runs: ReadonlyMap<string, readonly Run[]>;
  /** null while it is not a loop. */
  readonly current: PreviousStanding | null;
  /** The row as last built; of a loop that ended, its last one. */
  readonly row: Loop | null;
  readonly verdict: Loop['verdict'];
  /** Of the newest diagnosis, see `fingerprintOf`; null before the first. */
  readonly fingerprint: string | null;
  readonly change: Loop['change'];
  /** Delays that the kubelet named after a run, milliseconds by run id. */
  readonly announced: ReadonlyMap<string, number>;
  /** The newest snapshot of a pod that is gone, for the row of a loop without pods. */
  readonly lastPod: PodSnapshot | null;
  /** The controller's refusal to make a pod at all, where that is the failure. */
  readonly failedCreate: EventSnapshot | null;
}

/** All known runs over all replicas, oldest first. */
export function allRuns({ runs }: Pick<ShownLoop, 'runs'>): readonly Run[] {
  return [...runs.values()]
    .flat()
    .sort((a, b) => (a.finishedAt ?? a.startedAt ?? 0) - (b.finishedAt ?? b.startedAt ?? 0));
}

/** The start of the first run that held: the earliest of those that are alive, else when the state was entered; epoch ms. */
export function heldSince({ runs, current }: Pick<ShownLoop, 'runs' | 'current'>): number {
  const alive = [...runs.values()].flatMap((ofPod) => {
    const last = ofPod.at(-1);
    return last && last.exitCode === null && last.startedAt !== null ? [last.startedAt] : [];
  });
  return alive.length > 0 ? Math.min(...alive) : (current?.enteredAt ?? 0);
}
