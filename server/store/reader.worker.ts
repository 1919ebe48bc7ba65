import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** Asks for the rows of one read. */
export interface ReadRequest {
  readonly id: number;
  readonly sql: string;
  readonly parameters: readonly SQLInputValue[];
}

export type ReadAnswer =
  | { readonly id: number; readonly rows: readonly Record<string, unknown>[] }
  | { readonly id: number; readonly error: string; readonly errcode: number | null };

const CHECKPOINT_MS = 5_000;

// What of the embedded store would hold up the main thread: long reads, on a read-only connection of their own, and writing the
// write-ahead log back into the file, which waits for the disk. A passive checkpoint hinders neither readers nor the writer.
if (parentPort && typeof workerData?.file === 'string') {
  const port = parentPort;
  const raw = new DatabaseSync(workerData.file, { readOnly: true, timeout: 5000 });
  const kept = new Map<string, StatementSync>();
  const writeBack = new DatabaseSync(workerData.file, { timeout: 0 });
  const checkpoint = writeBack.prepare('pragma wal_checkpoint(passive)');
  setInterval(() => {
    try {
      checkpoint.get();
    } catch {
      // Locked, or the disk is full: the next time, or the writer's own commit, which then reports what is wrong.
    }
  }, CHECKPOINT_MS);
  port.on('message', ({ id, sql, parameters }: ReadRequest) => {
    try {
      const statement = kept.get(sql) ?? raw.prepare(sql);
      if (kept.size > 100) kept.clear();
      kept.set(sql, statement);
      port.postMessage({ id, rows: statement.all(...parameters) } satisfies ReadAnswer);
    } catch (error) {
      const errcode = error instanceof Error && 'errcode' in error ? Number(error.errcode) : null;
      const text = error instanceof Error ? error.message : String(error);
      port.postMessage({ id, error: text, errcode } satisfies ReadAnswer);
    }
  });
}
