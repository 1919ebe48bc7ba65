import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { UnloopError } from '@/lib/domain/unloop-error';
import { describeError, logLine } from '@/server/log';

/** A process that was told to stop may still be writing its last crashes. */
const WAIT_MS = 1000;
const BUSY = 5;

const HolderSchema = z.object({ pid: z.number(), host: z.string(), since: z.string() });

/** Held until it is released, or until the process has ended in whatever way. */
export interface DirectoryLock {
  release(): void;
}

/**
 * Makes this process the only one that keeps its history in a directory. What holds the directory is the system's own lock on the file
 * `unloop.lock`, which SQLite takes for us and which ends with the process, also by `kill -9`: the file itself says nothing.
 * `unloop.holder.json` beside it only tells others who it is. Throws `store-failed` where another process holds it, and
 * what the system throws where the directory cannot be written.
 */
export function lockDirectory(directory: string): DirectoryLock {
  const file = join(directory, 'unloop.lock');
  const note = join(directory, 'unloop.holder.json');
  closeSync(openSync(file, 'a', 0o600));
  const lock = new DatabaseSync(file, { timeout: WAIT_MS });
  try {
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    if (!(error instanceof Error && 'errcode' in error && error.errcode === BUSY)) throw error;
    throw new UnloopError(
      'store-failed',
      `${directory} is in use by ${holderIn(note)}`,
      'Stop that one first, or give this one a directory of its own with --data (UNLOOP_DATA).',
      { cause: error },
    );
  }
  try {
    const holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
    writeFileSync(note, JSON.stringify(holder), { mode: 0o600 });
  } catch (error) {
    // The lock holds without the note: on a full disk the history itself says what is wrong.
    logLine('warn', 'history', `who holds ${directory} cannot be noted there: ${describeError(error)}`);
  }
  return {
    release() {
      if (lock.isOpen) lock.close();
    },
  };
}

/** Who wrote the note, in words. It may be absent or cut short where the disk was full. */
function holderIn(note: string): string {
  try {
    const { pid, host, since } = HolderSchema.parse(JSON.parse(readFileSync(note, 'utf8')));
    return `another Unloop: process ${pid} on ${host}, since ${since}`;
  } catch (error) {
    return `another Unloop (${error instanceof z.ZodError || error instanceof SyntaxError ? 'its note is cut short' : 'it left no note'})`;
  }
}
