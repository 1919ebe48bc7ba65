import type { DatabaseSync } from 'node:sqlite';
import { UnloopError } from '@/lib/domain/unloop-error';
import { changesOfLoop, saveChange } from './changes';
import { type Engine, guarded } from './engine';
import { eventsOfLoop } from './events';
import { readEvidence, readParts, recordDiagnosis } from './evidence';
import { countEnded, heldSince, history } from './history';
import { crashesPerHour } from './hours';
import { logStates, readLog, saveLog } from './logs';
import { loopsOf } from './loops';
import { migrate } from './migrate';
import { openPostgres } from './postgres-engine';
import { readPresentation } from './presentations';
import { prune } from './prune';
import { record } from './record';
import { readRun, recentRuns, runsBetween, runsOfLoop, stripSince } from './runs';
import { openMemory, openSqliteFile } from './sqlite-engine';
import type { Store } from './store';

/** Where the history lives. `databaseUrl` wins; with neither, and where `dataDir` cannot be written, it lives in memory. */
export interface StoreOptions {
  /** `postgres://user:password@host:5432/database`, or null. */
  readonly databaseUrl: string | null;
  /** Directory of the embedded history; made where it is absent. */
  readonly dataDir: string | null;
  /** Why there is no directory, in words for the pages. */
  readonly whyMemory?: string;
  /** For tests, which fill it up: is given the embedded database once it is open. */
  readonly onDatabase?: (database: DatabaseSync) => void;
}

/** A history that cannot be opened is tried again after 1 s, then 2 s, 4 s, … up to this. */
const RETRY_MAX_MS = 15_000;
const RETRY_MS = 1000;

/**
 * Opens the history and brings its schema up to date. Throws `misconfigured` for an unreadable URL, `store-failed` where
 * PostgreSQL does not answer, the disk is full, another process holds the data directory, or the history is damaged or was written by
 * a newer Unloop.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const engine = openEngine(options);
  try {
    await bringUp(engine);
  } catch (error) {
    await engine.close();
    throw error;
  }
  return toStore(engine, new Opening());
}

/**
 * As `openStore`, but where time may mend what is wrong (PostgreSQL does not answer, the disk is full) it gives the store all the
 * same and goes on trying: see `Store.waiting`. `onWaiting` is told each time the reason is another one.
 */
export async function openStorePatiently(
  options: StoreOptions,
  onWaiting: (error: UnloopError) => void,
): Promise<Store> {
  const engine = openEngine(options);
  const opening = new Opening();
  const attempt = async (delayMs: number): Promise<void> => {
    try {
      await bringUp(engine);
      opening.succeed();
    } catch (error) {
      if (opening.isClosed) return;
      if (!(error instanceof UnloopError) || !engine.mayPass(error.cause ?? error)) throw error;
      if (opening.fail(error)) onWaiting(error);
      setTimeout(() => {
        attempt(Math.min(delayMs * 2, RETRY_MAX_MS)).catch((refused: unknown) => {
          // What no wait mends stays said on every page and by /readyz.
          if (refused instanceof UnloopError && opening.fail(refused)) onWaiting(refused);
        });
      }, delayMs).unref();
    }
  };
  try {
    await attempt(RETRY_MS);
  } catch (error) {
    await engine.close();
    throw error;
  }
  return toStore(engine, opening);
}

function bringUp(engine: Engine): Promise<void> {
  return guarded(engine, 'Opening the history', async () => {
    await engine.prepare();
    await migrate(engine);
  });
}

/** Whether the history is open, and if not, why. */
class Opening {
  #error: UnloopError | null = null;
  readonly #opened = Promise.withResolvers<void>();
  isClosed = false;

  /** Says whether the words differ from those of the last failure. */
  fail(error: UnloopError): boolean {
    const isAnother = this.#error?.message !== error.message;
    this.#error = error;
    return isAnother;
  }

  succeed(): void {
    this.#error = null;
    this.#opened.resolve();
  }

  get error(): UnloopError | null {
    return this.#error;
  }

  get opened(): Promise<void> {
    return this.#opened.promise;
  }
}

function openEngine({ databaseUrl, dataDir, whyMemory, onDatabase }: StoreOptions): Engine {
  if (databaseUrl !== null) return openPostgres(databaseUrl);
  if (dataDir === null) return openMemory(whyMemory ?? '');
  const opened = openSqliteFile(dataDir, onDatabase);
  return 'unwritable' in opened ? openMemory(opened.unwritable) : opened;
}

function toStore(engine: Engine, opening: Opening): Store {
  if (opening.error === null) opening.succeed();
  let closed: Promise<void> | null = null;
  const run = <T>(doing: string, work: () => Promise<T>): Promise<T> =>
    guarded(engine, doing, () => {
      if (closed !== null) throw new UnloopError('store-failed', `${doing} failed: the history is closed.`);
      if (opening.error !== null) throw opening.error;
      return work();
    });
  return {
    engine: engine.name,
    place: engine.place,
    memoryReason: engine.name === 'memory' ? engine.memoryReason : null,
    waiting: () => opening.error,
    whenOpen: () => opening.opened,
    record: (batch) => run('Recording', () => record(engine, batch)),
    saveLog: (cluster, runId, log) => run('Saving a log', () => saveLog(engine, cluster, runId, log)),
    log: (cluster, runId) => run('Reading a log', () => readLog(engine, cluster, runId)),
    run: (cluster, runId) => run('Reading a run', () => readRun(engine, cluster, runId)),
    runsOfLoop: (cluster, loopId, page) => run('Reading runs', () => runsOfLoop(engine, cluster, loopId, page)),
    runsBetween: (cluster, loopId, from, to, limit) =>
      run('Reading runs', () => runsBetween(engine, cluster, loopId, from, to, limit)),
    stripSince: (cluster, ids, since) => run('Reading strips', () => stripSince(engine, cluster, ids, since)),
    recentRuns: (cluster, since) => run('Reading runs', () => recentRuns(engine, cluster, since)),
    logStates: (cluster, runIds) => run('Reading logs', () => logStates(engine, cluster, runIds)),
    loops: (cluster) => run('Reading loops', () => loopsOf(engine, cluster)),
    eventsOfLoop: (cluster, loopId, limit, until) =>
      run('Reading events', () => eventsOfLoop(engine, cluster, loopId, limit, until)),
    recordDiagnosis: (batch) => run('Recording a diagnosis', () => recordDiagnosis(engine, batch)),
    evidence: (cluster, loopId, asOf) => run('Reading evidence', () => readEvidence(engine, cluster, loopId, asOf)),
    parts: (names) => run('Reading evidence', () => readParts(engine, names)),
    presentation: (cluster, loopId, asOf) =>
      run('Reading a diagnosis', () => readPresentation(engine, cluster, loopId, asOf)),
    saveChange: (cluster, loopId, change) => run('Saving a change', () => saveChange(engine, cluster, loopId, change)),
    changesOfLoop: (cluster, loopId, limit) =>
      run('Reading changes', () => changesOfLoop(engine, cluster, loopId, limit)),
    history: (cluster, query) => run('Reading the history', () => history(engine, cluster, query)),
    countEnded: (cluster, query) => run('Counting the history', () => countEnded(engine, cluster, query)),
    heldSince: (cluster) => run('Reading the history', () => heldSince(engine, cluster)),
    crashesPerHour: (cluster, from) => run('Counting crashes', () => crashesPerHour(engine, cluster, from)),
    prune: (now, keepMs, maxBytes) => run('Pruning', () => prune(engine, now, keepMs, maxBytes)),
    ping: () => run('The write test', () => ping(engine)),
    close() {
      opening.isClosed = true;
      closed ??= engine.close();
      return closed;
    },
  };
}

async function ping({ db }: Engine): Promise<void> {
  const at = Date.now();
  await db
    .insertInto('heartbeat')
    .values({ key: 1, at })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ at }))
    .execute();
  await db.selectFrom('heartbeat').select('at').where('key', '=', 1).executeTakeFirstOrThrow();
}
