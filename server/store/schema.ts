import { setImmediate } from 'node:timers/promises';
import type { ColumnType, Generated, Insertable, Kysely, Transaction } from 'kysely';
import { UnloopError } from '@/lib/domain/unloop-error';

/**
 * The columns of both engines. Times are epoch milliseconds (bigint), flags 0 or 1, JSON is text. Names that repeat with every
 * crash (cluster, loop, pod, image) are kept once and referred to by an integer key, which halves the bytes per crash.
 */
export interface Tables {
  cluster: { key: Generated<number>; name: string };
  loop: LoopTable;
  pod_container: PodContainerTable;
  run: RunTable;
  log: LogTable;
  hour_total: { cluster_key: number; hour: number; namespace: string; category: string; crashes: number };
  event: { loop_key: number; uid: string; last_at: number; count: number; body: string };
  /** What earlier versions showed; none is written any more. */
  diagnosis: { loop_key: number; at: number; ruleset_version: string; body: string };
  change: { loop_key: number; at: number; digest: string; kind: string; text: string; detail: string | null };
  episode: EpisodeTable;
  part: PartTable;
  evidence: EvidenceTable;
  evidence_part: { evidence_key: number; part_key: number };
  heartbeat: { key: number; at: number };
  unloop_migration: { number: number; name: string; at: number };
}

/** One loop. `state` is null while only runs of it are known. */
interface LoopTable {
  key: Generated<number>;
  cluster_key: number;
  id: string;
  namespace: string;
  state: string | null;
  cause: string | null;
  category: string | null;
  since: number | null;
  last_crash_at: number | null;
  ended_at: number | null;
  updated_at: number | null;
  crashes: Generated<number>;
  came_back: Generated<number>;
  body: string | null;
}

/** One container of one pod; `digest` stands for all the other columns, which are too long to be indexed. */
interface PodContainerTable {
  key: Generated<number>;
  loop_key: number;
  digest: string;
  pod_uid: string;
  pod_name: string;
  namespace: string;
  container: string;
  container_type: string;
  node_name: string;
  image: string;
}

interface RunTable {
  cluster_key: number;
  id: string;
  loop_key: number;
  pod_key: number;
  container_id: string;
  restart_index: number;
  started_at: number | null;
  finished_at: number | null;
  /** What runs are ordered by: the finish, or where it is unknown when the end was seen; STILL_RUNNING while it runs. */
  ended_at: number;
  observed_at: number | null;
  exit_code: number | null;
  reason: string;
  message: string;
  missed_before: number;
  /** 1 where a log was held and has been let go. */
  log_dropped: Generated<number>;
}

/** A log may be saved before its run is recorded: then `loop_key` and `at` are null until the run arrives. */
interface LogTable {
  cluster_key: number;
  run_id: string;
  loop_key: number | null;
  at: number | null;
  saved_at: number;
  held: number;
  reason: string;
  lines: number | null;
  fetched_at: number | null;
  deflated: number;
  body: ColumnType<Uint8Array | null, Uint8Array | null, Uint8Array | null>;
}

/** From the first crash of a loop to its end. A loop that comes back has several. */
interface EpisodeTable {
  loop_key: number;
  cluster_key: number;
  ended_at: number;
  state: string;
  cause: string | null;
  category: string | null;
  since: number;
  first_crash_at: number | null;
  last_crash_at: number | null;
  crashes: number;
  ended_by: string | null;
  came_back_at: number | null;
  body: string;
}

/** One text that records of evidence name, under the hash of its content. */
interface PartTable {
  key: Generated<number>;
  name: string;
  packing: number;
  body: Uint8Array;
}

/** The record of one look at a loop: its list of parts as text. The two runs are those whose logs it refers to. */
interface EvidenceTable {
  key: Generated<number>;
  loop_key: number;
  at: number;
  previous_run: string | null;
  first_run: string | null;
  packing: number;
  body: Uint8Array;
}

export type Db = Kysely<Tables>;
/** Takes part in the caller's transaction. */
export type Trx = Transaction<Tables>;
export type NewRun = Insertable<RunTable>;

/** `ended_at` of a run that has not ended: the largest instant there is, so that running ones sort as the newest in both engines. */
export const STILL_RUNNING = 8_640_000_000_000_000;

/**
 * Rows in one statement. SQLite takes 32,766 parameters and PostgreSQL 65,535, the widest table has 16 columns; but SQLite works on
 * the main thread, where 100 rows take a few milliseconds.
 */
export const ROWS_PER_STATEMENT = 100;

/** The slices of a list that fit one statement each. */
export function inSlices<T>(list: readonly T[], size: number = ROWS_PER_STATEMENT): readonly (readonly T[])[] {
  const slices: T[][] = [];
  for (let at = 0; at < list.length; at += size) slices.push(list.slice(at, at + size));
  return slices;
}

/** The slices of a list that fit one statement each, and lets others have the thread between them. */
export async function* inTurns<T>(list: readonly T[], size: number = ROWS_PER_STATEMENT): AsyncGenerator<readonly T[]> {
  let isFirst = true;
  for (const slice of inSlices(list, size)) {
    if (!isFirst) await setImmediate();
    isFirst = false;
    yield slice;
  }
}

/** Text that both engines give back as it is: NUL, which PostgreSQL refuses, and halves of surrogate pairs become U+FFFD in either. */
export function clean(text: string): string {
  const whole = text.toWellFormed();
  return whole.includes('\0') ? whole.replaceAll('\0', '\uFFFD') : whole;
}

/** `value` as a member of `list`. Throws `store-failed` for a word that no version of Unloop has written. */
export function memberOf<T extends string>(list: readonly T[], value: string, column: string): T {
  const found = list.find((word) => word === value);
  if (found === undefined) {
    throw new UnloopError('store-failed', `The history holds an unknown ${column} "${value.slice(0, 60)}".`);
  }
  return found;
}
