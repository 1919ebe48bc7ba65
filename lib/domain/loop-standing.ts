import { BACKOFF_RESET_MS } from './container-exits';
import type { LoopState, Run } from './loop';
import type { PodSnapshot } from './pod-snapshot';
import { HOLD_MARGIN_MS, HOLD_MIN_MS } from './replica-state';
import type { StartTrouble } from './start-fault';
import type { EpochMs } from './time';

/**
 * Thresholds of the loop states. A container that crashed once is no loop; two crashes that hang together (the run between
 * them lasted at most 600 s, the kubelet's memory) are one.
 */
export const LOOP_THRESHOLDS = {
  /** `starting` becomes `looping` with the fifth crash, when the wait is 80 s or more, ... */
  loopingCrashes: 5,
  loopingWaitMs: 80_000,
  /** ... or so long after the first crash. */
  loopingAfterMs: 300_000,
  /** `holding`: runs longer than this, and 10 s longer than it ever did. */
  holdMinMs: HOLD_MIN_MS,
  holdMarginMs: HOLD_MARGIN_MS,
  /** `recovered`: holds, and runs this long, when the kubelet forgets the back-off. A slow failure: twice its longest run. */
  recoverMinMs: BACKOFF_RESET_MS,
  /** A container that had never started, and has not crashed since, has recovered when it runs this long. */
  recoverAfterFaultMs: 60_000,
  /** The loop is `gone` when no pod is left for so long: replacing one takes a moment. */
  goneAfterMs: 15_000,
  /** A loop that ended is told of for so long; a crash within that time after recovery brings the same loop back. */
  keepRecoveredMs: 86_400_000,
  keepGoneMs: 3_600_000,
} as const;

/** What is kept of a loop from one judgement to the next. `state` and `since` suffice after a restart of Unloop. */
export interface PreviousStanding {
  readonly state: LoopState;
  readonly since: EpochMs;
  /** When the state was entered; of an ended loop, when it ended. */
  readonly enteredAt?: EpochMs;
  /** Whether it came back since it was first seen. */
  readonly hasReturned?: boolean;
  /** Since when there has been no pod at all, or null. */
  readonly emptySince?: EpochMs | null;
}

/** How a loop stands. All instants are epoch milliseconds. */
export interface LoopStanding extends Required<PreviousStanding> {
  /**
   * First crash, or first sign of a start that fails, of the present episode, which lasts until recovered or gone. Where
   * crashes before the first known one belong to it, an estimate from the back-off curve (`isSinceKnown` false).
   */
  readonly since: EpochMs;
  readonly isSinceKnown: boolean;
  /** Crashes that hang together in the worst replica, those that were not seen included; 0 where none. */
  readonly crashes: number;
  readonly lastCrashAt: EpochMs | null;
  readonly failingReplicas: number;
  readonly totalReplicas: number;
}

export interface LoopInput {
  /** Name of the container that the loop is about. */
  readonly container: string;
  /** All known pods of the workload, those being deleted, failed or completed included. */
  readonly pods: readonly PodSnapshot[];
  /** Recorded runs of that container over all pods, oldest first within a pod; the newest 60 of each pod suffice. */
  readonly runs: readonly Run[];
  /** By pod UID, where events tell of a start that fails. */
  readonly troubles?: ReadonlyMap<string, StartTrouble>;
  /** Since when the controller is refused to make a pod at all (quota, admission), or null. */
  readonly refusedAt?: EpochMs | null;
  readonly now: EpochMs;
  readonly previous: PreviousStanding | null;
}

export interface LoopJudgement {
  /** null where this is no loop. */
  readonly standing: LoopStanding | null;
  /** When time alone may change the judgement, or null; a changed pod or run asks for a new one at once. */
  readonly nextCheckAt: EpochMs | null;
}
