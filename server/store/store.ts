import type { Category, CauseId } from '@/lib/domain/causes';
import type { LogText } from '@/lib/domain/collected';
import type { LoopState, Run } from '@/lib/domain/loop';
import type { RecordedChange } from '@/lib/domain/loop-changes';
import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import type { EpochMs } from '@/lib/domain/time';
import type { UnloopError } from '@/lib/domain/unloop-error';

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
  /** null while it fails. Told again with a later instant while it stays ended, the first one is kept. */
  readonly endedAt: EpochMs | null;
  readonly updatedAt: EpochMs;
  readonly crashes: number;
  /** What ended it, in words ("image set to api:1.4.2"), where that is known; kept with the episode. */
  readonly endedBy?: string | null;
  readonly row: string;
}

/** What was collected of a loop in one look: a text that names its parts, and the parts by name. */
export interface StoredEvidence {
  readonly at: EpochMs;
  readonly manifest: string;
  /** Names are hashes of the texts: a part with a known name is not written again. */
  readonly contents: ReadonlyMap<string, string>;
  /** Ids of the runs whose logs it refers to; those stay held as long as it does. */
  readonly logRuns: { readonly previous: string | null; readonly first: string | null };
}

/** All that one look at a loop has found, written in one transaction. */
export interface DiagnosisBatch {
  readonly cluster: string;
  readonly loopId: string;
  /** null where the container runs well again: then the last look at its failure stays. */
  readonly evidence: StoredEvidence | null;
  readonly events: readonly EventSnapshot[];
  readonly changes: readonly StoredChange[];
}

/** A diagnosis of before evidence was kept: what the page showed, as JSON text, and the version of the rules that said it. */
export interface StoredPresentation {
  readonly at: EpochMs;
  readonly ruleset: string;
  readonly body: string;
}

/** One durable step of the pipeline: everything in it is written in one transaction. */
export interface RecordBatch {
  readonly cluster: string;
  readonly runs: readonly Run[];
  readonly loops: readonly StoredLoop[];
  /**
   * Events by the id of the loop they belong to, inserted or updated by (loop, uid), keeping the larger count. An event of a whole
   * pod may belong to several loops.
   */
  readonly events?: ReadonlyMap<string, readonly EventSnapshot[]>;
}

/** A change that may have started or ended a loop. */
export type StoredChange = RecordedChange;

/** One ended episode of a loop: from its first crash until it recovered or was gone. A loop that came back has several. */
export interface EndedLoop {
  readonly loopId: string;
  readonly namespace: string;
  readonly state: 'recovered' | 'gone';
  readonly cause: CauseId | null;
  readonly category: Category | null;
  readonly since: EpochMs;
  /** null where no crash was recorded (never started). */
  readonly firstCrashAt: EpochMs | null;
  readonly lastCrashAt: EpochMs | null;
  /** Recorded ends of runs in this episode. */
  readonly crashes: number;
  readonly endedAt: EpochMs;
  readonly endedBy: string | null;
  /** When this loop failed again after this end; null where it held. */
  readonly cameBackAt: EpochMs | null;
  /** How often this loop has come back, over all its episodes. */
  readonly cameBack: number;
  /** The contract's Loop as JSON text, as the board showed it at the end. */
  readonly row: string;
}

export interface HistoryQuery {
  /** null for all. */
  readonly namespaces: readonly string[] | null;
  /** Words that must all occur in the loop's id, its cause or its row; the case of ASCII letters is ignored. */
  readonly text?: string;
  /** Only loops whose id begins so: `deployments/shop/checkout/` for all containers of one workload. */
  readonly idPrefix?: string;
  readonly cause?: CauseId;
  /** Any of them fits. `came-back` means: has failed again since. */
  readonly states?: readonly ('recovered' | 'gone' | 'came-back')[];
  readonly limit: number;
  /** Only what ended before this instant, for the next page: the `endedAt` of the last one. */
  readonly before?: EpochMs;
  /** Only what ended at this instant or later. */
  readonly from?: EpochMs;
}

/** How many episodes of one namespace and category ended one way within one span of time. */
export interface EndedCount {
  /** Start of the span; spans are counted from 1970-01-01T00:00:00Z. */
  readonly at: EpochMs;
  readonly namespace: string;
  /** null where no cause was found. */
  readonly category: Category | null;
  /** `came-back`: has failed again since, whatever its end was. */
  readonly outcome: 'recovered' | 'gone' | 'came-back';
  readonly count: number;
}

/** One run as the board's strip draws it. */
export interface StripRun {
  readonly podUid: string;
  readonly startedAt: EpochMs | null;
  /** null while it runs. */
  readonly endedAt: EpochMs | null;
}

export interface HourCount {
  /** Start of the hour. */
  readonly at: EpochMs;
  readonly namespace: string;
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
  /** Why it lives in memory, in words; null where it does not. */
  readonly memoryReason: string | null;
  /** Why it cannot be opened yet; null once it is open. Until then every method rejects with this. */
  waiting(): UnloopError | null;
  /** Resolves when it is open; never where it is closed before. */
  whenOpen(): Promise<void>;
  /**
   * Writes runs and loop states in one transaction. Runs are inserted once by `id`; a run that was recorded running is
   * completed when its end arrives; a recorded end is never changed. Gives the ids whose end was new in this call. A batch may be
   * handed in again after a failure: what was written before is not written twice.
   */
  record(batch: RecordBatch): Promise<readonly string[]>;
  /**
   * Keeps a run's log, also before the run itself is recorded. Of each loop the newest 60 stay held, and of each episode the
   * first and the last; the others become missing with that reason. A held log is not replaced by a missing one.
   */
  saveLog(cluster: string, runId: string, log: StoredLog): Promise<void>;
  log(cluster: string, runId: string): Promise<StoredLog | null>;
  run(cluster: string, runId: string): Promise<Run | null>;
  /**
   * Newest first, running ones before all; at most `limit` (200), and those that ended at the same instant as the last one, so
   * that paging by `before` (exclusive, by end) leaves none out.
   */
  runsOfLoop(cluster: string, loopId: string, options?: { limit?: number; before?: EpochMs }): Promise<readonly Run[]>;
  /** Runs that overlap `from` to `to`, oldest first; the newest `limit` of them. */
  runsBetween(cluster: string, loopId: string, from: EpochMs, to: EpochMs, limit: number): Promise<readonly Run[]>;
  /** For each listed loop the runs that ended at `since` or later or still run, of all its pods, oldest first. */
  stripSince(
    cluster: string,
    loopIds: readonly string[],
    since: EpochMs,
  ): Promise<ReadonlyMap<string, readonly StripRun[]>>;
  /** All runs that ended at `since` or later or still run, newest first, for resuming observation. */
  recentRuns(cluster: string, since: EpochMs): Promise<readonly Run[]>;
  /** Which of the runs have a log, by id. `text` is why it is missing, else empty; `lines` counts the lines held. Runs without any word of a log are left out. */
  logStates(
    cluster: string,
    runIds: readonly string[],
  ): Promise<ReadonlyMap<string, { state: 'held' | 'missing'; text: string; lines: number | null }>>;
  loops(cluster: string): Promise<readonly StoredLoop[]>;
  /** Newest first, at most `limit` (500); with `until` those that last happened at that instant or before. */
  eventsOfLoop(cluster: string, loopId: string, limit?: number, until?: EpochMs): Promise<readonly EventSnapshot[]>;
  /** Writes what one look at a loop has found. Of each episode the newest record of evidence is kept. */
  recordDiagnosis(batch: DiagnosisBatch): Promise<void>;
  /** The newest record, or with `asOf` the newest that is not younger: the `endedAt` of an episode gives it as it was. */
  evidence(cluster: string, loopId: string, asOf?: EpochMs): Promise<Pick<StoredEvidence, 'at' | 'manifest'> | null>;
  /** Parts of evidence by name; those that are not held are left out. */
  parts(names: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The newest diagnosis that an earlier version of Unloop stored without its evidence; `asOf` as above. */
  presentation(cluster: string, loopId: string, asOf?: EpochMs): Promise<StoredPresentation | null>;
  /** Keeps a change once, however often it is saved. */
  saveChange(cluster: string, loopId: string, change: StoredChange): Promise<void>;
  /** Newest first, at most `limit` (200). */
  changesOfLoop(cluster: string, loopId: string, limit?: number): Promise<readonly StoredChange[]>;
  /** Ended episodes, newest end first; beyond `limit` those that ended at the same instant as the last one. */
  history(cluster: string, query: HistoryQuery): Promise<readonly EndedLoop[]>;
  /** Counts the episodes that ended at `from` or later, by spans of `spanMs`, oldest first. */
  countEnded(
    cluster: string,
    query: { readonly namespaces: readonly string[] | null; readonly from: EpochMs; readonly spanMs: number },
  ): Promise<readonly EndedCount[]>;
  /** Since when ends are recorded, as far as they are still held: when the oldest was seen. null while nothing has ended. */
  heldSince(cluster: string): Promise<EpochMs | null>;
  /** Ends of runs per hour, namespace and category of their loop's cause, from `from` on, oldest first. */
  crashesPerHour(cluster: string, from: EpochMs): Promise<readonly HourCount[]>;
  /** Deletes what is older than `keepMs` or, oldest first, beyond `maxBytes`. Gives the number of runs deleted. */
  prune(now: EpochMs, keepMs: number, maxBytes: number): Promise<number>;
  /** Resolves when a trivial write-read works; for `/readyz`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
