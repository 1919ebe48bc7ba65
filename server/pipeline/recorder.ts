import type { Run } from '@/lib/domain/loop';
import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import type { UnloopError } from '@/lib/domain/unloop-error';
import { turns } from '@/server/kubernetes/turn';
import { describeError, logLine } from '@/server/log';
import type { DiagnosisBatch, Store, StoredChange, StoredLoop } from '@/server/store/store';
import { troubleOf, within } from '@/server/store/within';

const RETRY_MS = 1000;
/** A history that hangs holds up nobody longer: what waits is written when it answers. */
const WAIT_MS = 5000;
/** Bounds of what waits for a history that cannot be written. A run takes about 1 KB, a diagnosis with its evidence some 100 KB. */
const RUNS_MAX = 50_000;
const EVENTS_PER_LOOP_MAX = 500;
const DIAGNOSES_MAX = 300;
const CHANGES_MAX = 10_000;

/**
 * Gathers runs, loop states, events, diagnoses and changes, and writes them in order, one flush at a time; runs, states and events of
 * one flush in one transaction. What fails to be written is kept and tried again: at-least-once input, exactly-once rows.
 */
export class Recorder {
  #store: Store;
  #cluster: string;
  #runsMax: number;
  #runs = new Map<string, Run>();
  #loops = new Map<string, StoredLoop>();
  /** By loop id, then event uid. */
  #events = new Map<string, Map<string, EventSnapshot>>();
  /** The newest by loop id. */
  #diagnoses = new Map<string, DiagnosisBatch>();
  #changes = new Map<string, { readonly loopId: string; readonly change: StoredChange }>();
  #writing: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #trouble: UnloopError | null = null;
  #failedSince: number | null = null;
  #lost = 0;
  #closed = false;

  constructor(store: Store, cluster: string, runsMax = RUNS_MAX) {
    this.#store = store;
    this.#cluster = cluster;
    this.#runsMax = runsMax;
  }

  addRun(run: Run): void {
    if (this.#runs.size < this.#runsMax || this.#runs.has(run.id)) this.#runs.set(run.id, run);
    else if (run.exitCode !== null) this.#lose(run);
  }

  addLoop(loop: StoredLoop): void {
    this.#loops.set(loop.id, loop);
  }

  addEvent(loopId: string, event: EventSnapshot): void {
    const ofLoop = this.#events.get(loopId);
    if (!ofLoop) this.#events.set(loopId, new Map([[event.uid, event]]));
    else if (ofLoop.size < EVENTS_PER_LOOP_MAX || ofLoop.has(event.uid)) ofLoop.set(event.uid, event);
  }

  /** Takes the newest diagnosis of a loop, with what was found beside it. */
  addDiagnosis(diagnosis: DiagnosisBatch): void {
    const { loopId } = diagnosis;
    // What one look finds, the next finds again; but evidence of a failure stays, where the next look sees none.
    const evidence = diagnosis.evidence ?? this.#diagnoses.get(loopId)?.evidence ?? null;
    this.#diagnoses.delete(loopId);
    this.#diagnoses.set(loopId, { ...diagnosis, evidence });
    // The loop's next crash brings another one.
    const [oldest] = this.#diagnoses.keys();
    if (this.#diagnoses.size > DIAGNOSES_MAX && oldest !== undefined) this.#diagnoses.delete(oldest);
  }

  addChange(loopId: string, change: StoredChange): void {
    const key = `${loopId} ${change.at} ${change.kind} ${change.text}`;
    if (this.#changes.size < CHANGES_MAX) this.#changes.set(key, { loopId, change });
  }

  /** A run that is not yet written. */
  run(id: string): Run | undefined {
    return this.#runs.get(id);
  }

  /** Runs that are not yet written. */
  runs(): Iterable<Run> {
    return this.#runs.values();
  }

  /** Items not yet written; the events of one loop count as one. */
  get lag(): number {
    return this.#runs.size + this.#loops.size + this.#events.size + this.#diagnoses.size + this.#changes.size;
  }

  /** Since when writing fails, epoch milliseconds, or null. */
  get failedSince(): number | null {
    return this.#failedSince;
  }

  /** Why nothing can be written at the moment, or null. */
  get trouble(): UnloopError | null {
    return this.#trouble;
  }

  /** Ends of runs that were seen but not kept, because too many waited for a history that could not be written. */
  get lost(): number {
    return this.#lost;
  }

  /** Writes all that is pending. Resolves when it is durable, when a write failed and a retry is planned, or after 5 s. */
  async flush(): Promise<void> {
    try {
      await within(WAIT_MS, this.#store, this.#flush());
    } catch (error) {
      this.#fail(troubleOf(error));
    }
  }

  /** Writes what is left; for shutdown. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    await this.#flush();
  }

  async #flush(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    if (this.lag === 0) return;
    this.#writing = this.#write();
    try {
      await this.#writing;
    } finally {
      this.#writing = null;
    }
  }

  #lose(run: Run): void {
    if (this.#lost++ === 0) {
      const where = `${run.namespace}/${run.podName}/${run.container}`;
      logLine('error', 'record', `crashes are not kept from here on, beginning with ${where}: ${this.#runs.size} wait`);
    }
  }

  /** Drops written events; one that was counted up meanwhile stays. */
  #forget(loopId: string, written: readonly EventSnapshot[]): void {
    const ofLoop = this.#events.get(loopId);
    for (const event of written) if (ofLoop?.get(event.uid) === event) ofLoop.delete(event.uid);
    if (ofLoop?.size === 0) this.#events.delete(loopId);
  }

  async #write(): Promise<void> {
    const runs = [...this.#runs.values()];
    const loops = [...this.#loops.values()];
    const events = new Map([...this.#events].map(([id, ofLoop]) => [id, [...ofLoop.values()]]));
    // An embedded history answers before anything else may run: a hundred writes in a row would hold up all who wait.
    const turn = turns();
    try {
      if (runs.length + loops.length + events.size > 0) {
        await this.#store.record({ cluster: this.#cluster, runs, loops, events });
        drop(
          this.#runs,
          runs.map((run) => [run.id, run]),
        );
        drop(
          this.#loops,
          loops.map((loop) => [loop.id, loop]),
        );
        for (const [id, written] of events) this.#forget(id, written);
      }
      for (const [key, diagnosis] of [...this.#diagnoses]) {
        await turn();
        await this.#store.recordDiagnosis(diagnosis);
        drop(this.#diagnoses, [[key, diagnosis]]);
      }
      for (const [key, entry] of [...this.#changes]) {
        await turn();
        await this.#store.saveChange(this.#cluster, entry.loopId, entry.change);
        drop(this.#changes, [[key, entry]]);
      }
      if (this.#failedSince !== null) logLine('info', 'record', 'the history is written again');
      this.#failedSince = null;
      this.#trouble = null;
    } catch (error) {
      this.#fail(troubleOf(error));
      this.#plan();
    }
  }

  #fail(error: UnloopError): void {
    if (this.#trouble?.message !== error.message) logLine('error', 'record', describeError(error));
    this.#trouble = error;
    this.#failedSince ??= Date.now();
  }

  #plan(): void {
    if (this.#closed || this.#retry !== null) return;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      void this.flush();
    }, RETRY_MS).unref();
  }
}

/** Drops what was written; what was replaced meanwhile stays. */
function drop<V>(map: Map<string, V>, written: readonly (readonly [string, V])[]): void {
  for (const [key, value] of written) if (map.get(key) === value) map.delete(key);
}
