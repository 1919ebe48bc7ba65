import type { SQLInputValue } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  SqliteAdapter,
  SqliteIntrospector,
} from 'kysely';
import type { ReadAnswer, ReadRequest } from './reader.worker';
import { WholeSqliteCompiler } from './whole-numbers';

interface Waiting {
  resolve(rows: readonly Record<string, unknown>[]): void;
  reject(error: Error): void;
}

/** Sends reads of a SQLite file to a thread. The thread starts with the first read, and again after it has failed. */
class Reader {
  readonly #file: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #lastId = 0;

  constructor(file: string) {
    this.#file = file;
  }

  read(sql: string, parameters: readonly SQLInputValue[]): Promise<readonly Record<string, unknown>[]> {
    const worker = this.#worker ?? this.#start();
    const id = ++this.#lastId;
    const request: ReadRequest = { id, sql, parameters };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // An idle reader must not keep the process alive, one that owes an answer must.
      worker.ref();
      worker.postMessage(request);
    });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
    this.#fail(new Error('the store was closed'));
  }

  #start(): Worker {
    const worker = new Worker(new URL('./reader.worker.ts', import.meta.url), { workerData: { file: this.#file } });
    worker.unref();
    worker.on('message', (answer: ReadAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (this.#waiting.size === 0) worker.unref();
      if ('error' in answer) waiting?.reject(Object.assign(new Error(answer.error), { errcode: answer.errcode }));
      else waiting?.resolve(answer.rows);
    });
    worker.on('error', (error) => this.#lost(worker, error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', (code) => this.#lost(worker, new Error(`the reading thread ended with code ${code}`)));
    this.#worker = worker;
    return worker;
  }

  #lost(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#fail(error);
  }

  #fail(error: Error): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }
}

/** A read-only Kysely dialect over a SQLite file (absolute path) whose queries run in a thread. */
export function readerDialect(file: string): Dialect {
  const reader = new Reader(file);
  const connection: DatabaseConnection = {
    async executeQuery<R>(query: CompiledQuery) {
      // Kysely passes only what the query code gave it: strings, numbers, null and bytes.
      const rows = await reader.read(query.sql, query.parameters as readonly SQLInputValue[]);
      return { rows: rows as R[] };
    },
    // biome-ignore lint/correctness/useYield: the dialect must have the method; reads are never streamed.
    async *streamQuery() {
      throw new Error('reads are not streamed');
    },
  };
  const readOnly = () => Promise.reject(new Error('the reader takes part in no transaction'));
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: readOnly,
    commitTransaction: readOnly,
    rollbackTransaction: readOnly,
    releaseConnection: async () => {},
    destroy: () => reader.close(),
  };
  return {
    createDriver: () => driver,
    createAdapter: () => new SqliteAdapter(),
    createQueryCompiler: () => new WholeSqliteCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}
