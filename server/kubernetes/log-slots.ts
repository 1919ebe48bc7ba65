/** Lets at most `total` tasks run at once, and at most `perKey` of one key; the others wait in order of arrival. */
export class LogSlots {
  readonly #total: number;
  readonly #perKey: number;
  #running = 0;
  readonly #byKey = new Map<string, number>();
  readonly #waiting = new Set<{ key: string; go: () => void }>();

  constructor(total: number, perKey: number) {
    this.#total = total;
    this.#perKey = perKey;
  }

  /** Runs the task when there is room. Rejects with the signal's reason when it aborts while waiting. */
  async use<T>(key: string, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (this.#hasRoom(key)) this.#take(key);
    else await this.#wait(key, signal);
    try {
      return await task();
    } finally {
      this.#running--;
      const left = (this.#byKey.get(key) ?? 1) - 1;
      if (left > 0) this.#byKey.set(key, left);
      else this.#byKey.delete(key);
      this.#admit();
    }
  }

  async #wait(key: string, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.delete(waiter);
        reject(signal.reason);
      };
      const waiter = {
        key,
        go: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      this.#waiting.add(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #admit(): void {
    for (const waiter of this.#waiting) {
      if (this.#running >= this.#total) return;
      if (!this.#hasRoom(waiter.key)) continue;
      this.#waiting.delete(waiter);
      this.#take(waiter.key);
      waiter.go();
    }
  }

  #hasRoom(key: string): boolean {
    return this.#running < this.#total && (key === '' || (this.#byKey.get(key) ?? 0) < this.#perKey);
  }

  #take(key: string): void {
    this.#running++;
    this.#byKey.set(key, (this.#byKey.get(key) ?? 0) + 1);
  }
}
