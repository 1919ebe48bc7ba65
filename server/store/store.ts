import type { LogText } from '@/lib/diagnosis/evidence-source';
import type { Category, CauseId } from '@/lib/domain/causes';
import type { LoopState, Run } from '@/lib/domain/loop';
import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import type { EpochMs } from '@/lib/domain/time';

/** A run's log as kept, or why it is not. `bytes` is the size of what is held. */
export type StoredLog =
  | { readonly state: 'held'; readonly text: LogText; readonly fetchedAt: EpochMs }
  | { readonly state: 'missing'; readonly reason: string };

/** The newest state of a loop, as the board shows it; `row` is the contract's Loop as JSON text. */
export interface StoredLoop {
  readonly cluster: string;
  readonly id: string;
  readonly namespace: string;
  readonly state: LoopState;
  readonly cause: CauseId | null;
  readonly category: Category | null;
  readonly since: EpochMs;
  readonly lastCrashAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
  readonly updatedAt: EpochMs;
  readonly crashes: number;
  readonly row: string;
}

/** The newest diagnosis of a loop: verdicts, evidence summary and redacted spec, as JSON text. */
export interface StoredDiagnosis {
  readonly cluster: string;
  readonly loopId: string;
  readonly at: EpochMs;
  readonly rulesetVersion: string;
  readonly body: string;
}

/** One durable step of the pipeline: everything in it is written in one transaction. */
export interface RecordBatch {
  readonly cluster: string;
  readonly runs: readonly Run[];
  readonly loops: readonly StoredLoop[];
}

export interface HourCount {
  /** Start of the hour. */
  readonly at: EpochMs;
  readonly category: Category;
  readonly crashes: number;
}

/**
 * The history: runs, crashes with logs, loop states, events of failing workloads, diagnoses. One schema for both engines.
 * Every method rejects with UnloopError `store-failed` when the engine fails; nothing is swallowed.
 */
export interface Store {
  readonly engine: 'sqlite' | 'postgres' | 'memory';
  /** Where it lives, for the start lines: a path, a host and database, or "memory". */
  readonly place: string;
  /**
   * Writes runs and loop states in one transaction. Runs are inserted once by `id`; a run that was recorded running is
   * completed when its end arrives; a recorded end is never changed back. Gives the ids whose end was new in this call.
   */
  record(batch: RecordBatch): Promise<readonly string[]>;
  /** Keeps a run's log. The first crash's and the newest ones' are kept, see retention. A held log is not replaced by a missing one. */
  saveLog(cluster: string, runId: string, log: StoredLog): Promise<void>;
  log(cluster: string, runId: string): Promise<StoredLog | null>;
  run(cluster: string, runId: string): Promise<Run | null>;
  /** Newest first. `before` pages by finish time. */
  runsOfLoop(cluster: string, loopId: string, options?: { limit?: number; before?: EpochMs }): Promise<readonly Run[]>;
  /** Newest `perPod` runs of each listed pod container, for resuming observation. */
  recentRuns(cluster: string, since: EpochMs): Promise<readonly Run[]>;
  /** Which of the runs have a log, by id. */
  logStates(
    cluster: string,
    runIds: readonly string[],
  ): Promise<ReadonlyMap<string, { state: 'held' | 'missing'; text: string; lines: number | null }>>;
  loops(cluster: string): Promise<readonly StoredLoop[]>;
  /** Inserts or updates events by (cluster, uid), keeping the larger count; ties them to a loop. */
  saveEvents(cluster: string, loopId: string, events: readonly EventSnapshot[]): Promise<void>;
  eventsOfLoop(cluster: string, loopId: string, limit?: number): Promise<readonly EventSnapshot[]>;
  saveDiagnosis(diagnosis: StoredDiagnosis): Promise<void>;
  diagnosis(cluster: string, loopId: string): Promise<StoredDiagnosis | null>;
  /** Ends of runs per hour and category of their loop's cause, from `from` on, oldest first. */
  crashesPerHour(cluster: string, from: EpochMs, namespaces: readonly string[] | null): Promise<readonly HourCount[]>;
  /** Deletes what is older than `keepMs` or, oldest first, beyond `maxBytes`. Gives the number of runs deleted. */
  prune(now: EpochMs, keepMs: number, maxBytes: number): Promise<number>;
  /** Resolves when a trivial write-read works; for `/readyz`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
