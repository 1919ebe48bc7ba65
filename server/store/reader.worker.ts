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
  | { readonly id: number; readonly error: string };

// The long reads of the embedded store: a connection of its own, read-only, so that they never hold up the main thread.
if (parentPort && typeof workerData?.file === 'string') {
  const port = parentPort;
  const raw = new DatabaseSync(workerData.file, { readOnly: true, timeout: 5000 });
  const kept = new Map<string, StatementSync>();
  port.on('message', ({ id, sql, parameters }: ReadRequest) => {
    try {
      const statement = kept.get(sql) ?? raw.prepare(sql);
      if (kept.size > 100) kept.clear();
      kept.set(sql, statement);
      port.postMessage({ id, rows: statement.all(...parameters) } satisfies ReadAnswer);
    } catch (error) {
      port.postMessage({ id, error: error instanceof Error ? error.message : String(error) } satisfies ReadAnswer);
    }
  });
}
