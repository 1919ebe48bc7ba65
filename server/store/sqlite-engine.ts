import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { Kysely, SqliteDialect, sql } from 'kysely';
import { UnloopError } from '@/lib/domain/unloop-error';
import type { Engine } from './engine';
import { readerDialect } from './reader';
import type { Tables } from './schema';
import { toSqliteDatabase } from './sqlite-database';

const BUSY_TIMEOUT_MS = 5000;
/** Pages given back in one step, about 2 ms: it happens on the main thread. */
const PAGES_PER_STEP = 256;
/** Pages in the write-ahead log from which on a commit writes it back itself: 64 MiB. */
const LOG_PAGES_MAX = 16_384;

/** SQLite result codes that mean "cannot be written here": PERM, READONLY, IOERR, FULL, CANTOPEN. */
const UNWRITABLE = new Set([3, 8, 10, 13, 14]);

/**
 * Opens `unloop.db` in a data directory, which is made where it is absent. Gives the sentence that says why where the directory
 * cannot be written. Throws `store-failed` for a file that is no history.
 */
export function openSqliteFile(dataDir: string): Engine | { readonly unwritable: string } {
  const file = join(resolve(dataDir), 'unloop.db');
  let raw: DatabaseSync | null = null;
  try {
    makeDirectory(resolve(dataDir));
    // Logs may hold anything: for the owner alone. SQLite gives its side files the mode of this one.
    closeSync(openSync(file, 'a', 0o600));
    raw = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    // A commit stands in the write-ahead log before it is acknowledged, and so outlives a killed process. It does not wait for the
    // disk, which would hold up the main thread for up to 250 ms: a power cut may take the last seconds, never the file
    // (sqlite.org/pragma.html, synchronous). The reading thread writes the log back; here that happens only where it cannot keep up.
    raw.exec(
      `pragma auto_vacuum=incremental; pragma journal_mode=wal; pragma synchronous=normal; pragma foreign_keys=on;
      pragma wal_autocheckpoint=${LOG_PAGES_MAX}`,
    );
    raw.exec('begin immediate; create table if not exists writable (x); drop table writable; commit');
  } catch (error) {
    raw?.close();
    if (isUnwritable(error)) return { unwritable: `${dataDir} cannot be written: ${error.message}` };
    throw new UnloopError(
      'store-failed',
      `${file} cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
      'If the file is damaged, move it away; Unloop then starts a new history.',
      { cause: error },
    );
  }
  const reads = new Kysely<Tables>({ dialect: readerDialect(file) });
  return toEngine('sqlite', file, raw, reads);
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
  return toEngine('memory', why ? `memory (${why})` : 'memory', raw, null);
}

function toEngine(name: 'sqlite' | 'memory', place: string, raw: DatabaseSync, reads: Kysely<Tables> | null): Engine {
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: toSqliteDatabase(raw) }) });
  const pragma = async (text: 'page_count' | 'freelist_count' | 'page_size') => {
    const { rows } = await sql<Record<string, number>>`pragma ${sql.raw(text)}`.execute(db);
    return rows[0]?.[text] ?? 0;
  };
  return {
    name,
    place,
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
    async close() {
      await reads?.destroy();
      await db.destroy();
      if (raw.isOpen) raw.close();
    },
  };
}

function isUnwritable(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if ('errcode' in error && typeof error.errcode === 'number') return UNWRITABLE.has(error.errcode & 0xff);
  return 'syscall' in error;
}
