import type { Run } from '@/lib/domain/loop';
import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import { describeError, logLine } from '@/server/log';
import type { Store, StoredLoop } from '@/server/store/store';

const RETRY_MS = 1000;

/**
 * Gathers runs, loop states and events and writes them in one transaction per flush, in order, one at a time. A failed write is kept
 * and tried again: at-least-once input, exactly-once rows (run ids are unique in the store).
 */
export class Recorder {
  #store: Store;
  #cluster: string;
  #runs = new Map<string, Run>();
  #loops = new Map<string, StoredLoop>();
  /** By loop id, then event uid. */
  #events = new Map<string, Map<string, EventSnapshot>>();
  #writing: Promise<void> | null = null;
  #failedSince: number | null = null;
  #closed = false;

  constructor(store: Store, cluster: string) {
    this.#store = store;
    this.#cluster = cluster;
  }

  addRun(run: Run): void {
    this.#runs.set(run.id, run);
  }

  addLoop(loop: StoredLoop): void {
    this.#loops.set(loop.id, loop);
  }

  addEvent(loopId: string, event: EventSnapshot): void {
    const ofLoop = this.#events.get(loopId);
    if (ofLoop) ofLoop.set(event.uid, event);
    else this.#events.set(loopId, new Map([[event.uid, event]]));
  }

  /** Items not yet written; the events of one loop count as one. */
  get lag(): number {
    return this.#runs.size + this.#loops.size + this.#events.size;
  }

  /** Since when writing fails, epoch milliseconds, or null. */
  get failedSince(): number | null {
    return this.#failedSince;
  }

  /** Writes all that is pending. Resolves when it is durable, or when a write failed and a retry is planned. */
  async flush(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    if (this.lag === 0) return;
    this.#writing = this.#write();
    try {
      await this.#writing;
    } finally {
      this.#writing = null;
    }
  }

  /** Writes what is left; for shutdown. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
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
    try {
      await this.#store.record({ cluster: this.#cluster, runs, loops, events });
      for (const run of runs) if (this.#runs.get(run.id) === run) this.#runs.delete(run.id);
      for (const loop of loops) if (this.#loops.get(loop.id) === loop) this.#loops.delete(loop.id);
      for (const [id, written] of events) this.#forget(id, written);
      this.#failedSince = null;
    } catch (error) {
      if (this.#failedSince === null) logLine('error', 'record', describeError(error));
      this.#failedSince ??= Date.now();
      if (!this.#closed) setTimeout(() => void this.flush(), RETRY_MS).unref();
    }
  }
}
