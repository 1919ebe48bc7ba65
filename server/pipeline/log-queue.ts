import type { LogText } from '@/lib/diagnosis/evidence-source';
import type { UnloopError } from '@/lib/domain/unloop-error';
import { turns } from '@/server/kubernetes/turn';
import type { Store, StoredLog } from '@/server/store/store';
import { troubleOf } from '@/server/store/within';

const BYTES_MAX = 32 * 1024 * 1024;
const RETRY_MS = 1000;
/** What an entry takes beside its text, about. */
const ENTRY_BYTES = 400;

interface Waiting {
  readonly log: StoredLog;
  readonly bytes: number;
}

/**
 * Logs on their way into the history, written one after the other in the order in which they came. What cannot be written is kept and
 * tried again, up to 32 MiB: beyond, logs lose their tails, and then new ones are left out for the old, since the first crash may tell
 * the truth that later ones hide. What was left out is recorded with that reason.
 */
export class LogQueue {
  readonly #store: Store;
  readonly #cluster: string;
  readonly #bytesMax: number;
  readonly #waiting = new Map<string, Waiting>();
  #bytes = 0;
  #draining: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #trouble: UnloopError | null = null;
  #closed = false;

  constructor(store: Store, cluster: string, bytesMax = BYTES_MAX) {
    this.#store = store;
    this.#cluster = cluster;
    this.#bytesMax = bytesMax;
  }

  /** Takes a run's log. A held one is not replaced by a missing one. */
  add(runId: string, log: StoredLog): void {
    if (log.state === 'missing' && this.#waiting.get(runId)?.log.state === 'held') return;
    this.#put(runId, log);
    if (this.#bytes > this.#bytesMax) this.#shed(runId);
    if (this.#retry === null) void this.drain();
  }

  /** The log of a run that is not yet written. */
  get(runId: string): StoredLog | undefined {
    return this.#waiting.get(runId)?.log;
  }

  /** Logs not yet written. */
  get lag(): number {
    return this.#waiting.size;
  }

  /** Why nothing can be written at the moment, or null. */
  get trouble(): UnloopError | null {
    return this.#trouble;
  }

  /** Begins to write what waits. Resolves when all is durable, or when a write failed and a retry is planned. */
  drain(): Promise<void> {
    this.#draining ??= this.#write().finally(() => {
      this.#draining = null;
      if (this.#waiting.size > 0 && this.#retry === null && !this.#closed) this.#plan();
    });
    return this.#draining;
  }

  /** Writes what is left, once; for shutdown. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    await this.#draining;
    await this.drain();
  }

  async #write(): Promise<void> {
    const turn = turns();
    while (true) {
      await turn();
      const next = this.#waiting.entries().next().value;
      if (next === undefined) return;
      const [runId, waiting] = next;
      try {
        await this.#store.saveLog(this.#cluster, runId, waiting.log);
      } catch (error) {
        this.#trouble = troubleOf(error);
        // To the end of the queue: should it be this one log that cannot be written, the others still are.
        if (this.#waiting.delete(runId)) this.#waiting.set(runId, waiting);
        return;
      }
      this.#trouble = null;
      if (this.#waiting.get(runId) === waiting) this.#remove(runId);
    }
  }

  #plan(): void {
    this.#retry = setTimeout(() => {
      this.#retry = null;
      void this.drain();
    }, RETRY_MS).unref();
  }

  #put(runId: string, log: StoredLog): void {
    this.#bytes -= this.#waiting.get(runId)?.bytes ?? 0;
    const bytes = ENTRY_BYTES + (log.state === 'held' ? 2 * (log.text.head.length + log.text.tail.length) : 0);
    this.#waiting.set(runId, { log, bytes });
    this.#bytes += bytes;
  }

  #remove(runId: string): void {
    this.#bytes -= this.#waiting.get(runId)?.bytes ?? 0;
    this.#waiting.delete(runId);
  }

  /** Makes room: tails go, the newest first; where heads alone are too much, `added` is left out. */
  #shed(added: string): void {
    const bound = `${Math.round(this.#bytesMax / 1024 / 1024)} MiB`;
    for (const [runId, { log }] of [...this.#waiting].reverse()) {
      if (this.#bytes <= this.#bytesMax) return;
      if (log.state === 'held' && log.text.tail !== '') this.#put(runId, { ...log, text: headOf(log.text, bound) });
    }
    if (this.#bytes <= this.#bytesMax) return;
    const why = this.#trouble?.message ?? 'it is slower than the crashes';
    const reason = `it was read, but not kept: the history could not be written (${why}), and the ${bound} that wait for it at most were full`;
    this.#put(added, { state: 'missing', reason });
  }
}

function headOf(text: LogText, bound: string): LogText {
  const lines = text.tail.split('\n').length;
  const tail = `(the last ${lines} lines were read, but not kept: the history could not be written, and the ${bound} that wait for it at most were full)`;
  return { ...text, tail, skippedLines: text.skippedLines + lines };
}
