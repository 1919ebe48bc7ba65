import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { Kysely, sql } from 'kysely';
import { UnloopError } from '@/lib/domain/unloop-error';
import { type DirectoryLock, lockDirectory } from './directory-lock';
import { type Engine, type Explained, wordsOf } from './engine';
import { readerDialect } from './reader';
import type { Tables } from './schema';
import { toSqliteDatabase } from './sqlite-database';
import { WholeSqliteDialect } from './whole-numbers';

const BUSY_TIMEOUT_MS = 5000;
/** Pages given back in one step, about 2 ms: it happens on the main thread. */
const PAGES_PER_STEP = 256;
/** Pages in the write-ahead log from which on a commit writes it back itself: 64 MiB. */
const LOG_PAGES_MAX = 16_384;

/** SQLite's result codes (sqlite.org/rescode.html). */
const CODE = {
  perm: 3,
  busy: 5,
  locked: 6,
  readOnly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notDatabase: 26,
} as const;
/** "Cannot be written here". */
const UNWRITABLE: ReadonlySet<number | null> = new Set([CODE.perm, CODE.readOnly, CODE.io, CODE.cannotOpen]);
const DAMAGED: ReadonlySet<number | null> = new Set([CODE.corrupt, CODE.notDatabase]);

/**
 * Opens `unloop.db` in a data directory, which is made where it is absent. Gives the sentence that says why where the directory
 * cannot be written. Throws `store-failed` for a file that is no history and where another process holds the directory.
 */
export function openSqliteFile(
  dataDir: string,
  onDatabase?: (raw: DatabaseSync) => void,
): Engine | { readonly unwritable: string } {
  const directory = resolve(dataDir);
  const file = join(directory, 'unloop.db');
  let raw: DatabaseSync | null = null;
  let held: DirectoryLock | null = null;
  try {
    makeDirectory(directory);
    held = lockDirectory(directory);
    // Logs may hold anything: for the owner alone. SQLite gives its side files the mode of this one.
    closeSync(openSync(file, 'a', 0o600));
    raw = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    onDatabase?.(raw);
    makeWritable(raw);
  } catch (error) {
    const isFull = codeOf(error) === CODE.full;
    if (!isFull || raw === null || held === null) {
      raw?.close();
      held?.release();
      if (error instanceof UnloopError) throw error;
      if (isUnwritable(error)) return { unwritable: `${dataDir} cannot be written: ${error.message}` };
      const told = explainFor(file)(error);
      throw new UnloopError(
        'store-failed',
        `${file} cannot be opened: ${told?.what ?? wordsOf(error)}`,
        told?.remedy ?? `If the file is damaged, ${moveAway(file)}`,
        { cause: error },
      );
    }
  }
  const reads = new Kysely<Tables>({ dialect: readerDialect(file) });
  return toEngine({ name: 'sqlite', place: file, memoryReason: '', raw, reads, held });
}

/** A full disk lets nothing be written, so it fails here and not with the first crash. */
function makeWritable(raw: DatabaseSync): void {
  // A commit stands in the write-ahead log before it is acknowledged, and so outlives a killed process. It does not wait for the
  // disk, which would hold up the main thread for up to 250 ms: a power cut may take the last seconds, never the file
  // (sqlite.org/pragma.html, synchronous). The reading thread writes the log back; here that happens only where it cannot keep up.
  raw.exec(
    `pragma auto_vacuum=incremental; pragma journal_mode=wal; pragma synchronous=normal; pragma foreign_keys=on;
    pragma wal_autocheckpoint=${LOG_PAGES_MAX}`,
  );
  try {
    raw.exec('begin immediate; create table if not exists writable (x); drop table writable; commit');
  } catch (error) {
    if (raw.isTransaction) raw.exec('rollback');
    throw error;
  }
}

/** Makes a directory and those above it. Node's own recursive way never comes back where the system makes none, as in `/proc`. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!existsSync(path)) throw error;
  }
}

/** Opens a history that lasts as long as the process. `why` says so in the place. */
export function openMemory(why: string): Engine {
  const raw = new DatabaseSync(':memory:');
  raw.exec('pragma auto_vacuum=incremental; pragma foreign_keys=on');
  return toEngine({
    name: 'memory',
    place: why ? `memory (${why})` : 'memory',
    memoryReason: why,
    raw,
    reads: null,
    held: null,
  });
}

interface Opened {
  readonly name: 'sqlite' | 'memory';
  readonly place: string;
  readonly memoryReason: string;
  readonly raw: DatabaseSync;
  readonly reads: Kysely<Tables> | null;
  readonly held: DirectoryLock | null;
}

function toEngine({ name, place, memoryReason, raw, reads, held }: Opened): Engine {
  const db = new Kysely<Tables>({ dialect: new WholeSqliteDialect({ database: toSqliteDatabase(raw) }) });
  const pragma = async (text: 'page_count' | 'freelist_count' | 'page_size') => {
    const { rows } = await sql<Record<string, number>>`pragma ${sql.raw(text)}`.execute(db);
    return rows[0]?.[text] ?? 0;
  };
  return {
    name,
    place,
    memoryReason,
    db,
    reads: reads ?? db,
    // `begin immediate` is the lock.
    lock: async () => {},
    liveBytes: async () =>
      ((await pragma('page_count')) - (await pragma('freelist_count'))) * (await pragma('page_size')),
    async tidy() {
      for (let left = await pragma('freelist_count'); left > 0; left -= PAGES_PER_STEP) {
        raw.exec(`pragma incremental_vacuum(${PAGES_PER_STEP})`);
        await setImmediate();
      }
      raw.exec('pragma wal_checkpoint(truncate)');
    },
    async prepare() {
      if (name === 'sqlite') makeWritable(raw);
    },
    explain: explainFor(place),
    mayPass: (error) => codeOf(error) === CODE.full,
    async close() {
      await reads?.destroy();
      await db.destroy();
      if (raw.isOpen) raw.close();
      held?.release();
    },
  };
}

function isUnwritable(error: unknown): error is Error {
  return error instanceof Error && (UNWRITABLE.has(codeOf(error)) || (codeOf(error) === null && 'syscall' in error));
}

/** The primary result code of a failure of SQLite, or null. */
function codeOf(error: unknown): number | null {
  if (!(error instanceof Error)) return null;
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode & 0xff;
  // The system's own word, where a file could not even be made.
  return 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT') ? CODE.full : null;
}

function explainFor(file: string): (error: unknown) => Explained | null {
  return (error) => {
    const code = codeOf(error);
    if (code === CODE.full)
      return {
        what: `the disk that holds ${file} is full (${wordsOf(error)})`,
        remedy: `Free space on the disk of ${dirname(file)}. Unloop tries again by itself and writes then what it holds in memory.`,
      };
    if (DAMAGED.has(code))
      return {
        what: `the file is damaged (${wordsOf(error)})`,
        remedy: `Stop Unloop, ${moveAway(file)}`,
      };
    if (code === CODE.busy || code === CODE.locked)
      return {
        what: `another program keeps ${file} locked (${wordsOf(error)})`,
        remedy: 'Close the program that has the file open. Unloop tries again by itself.',
      };
    return null;
  };
}

function moveAway(file: string): string {
  return `move ${file}, ${file}-wal and ${file}-shm away and start it again: it then begins a new history.`;
}
