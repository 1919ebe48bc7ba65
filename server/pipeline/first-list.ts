import type { WatchState } from '@/lib/domain/watch-state';

/** What is asked of the API server beside the first list waits for it this long at most. */
const PATIENCE_MS = 30_000;

/** Whether every pod was seen once: until then nothing is judged by what is absent, and little is asked beside the list. */
export class FirstList {
  /** Namespaces of which a whole list was seen; `*` for all. */
  readonly #namespaces = new Set<string>();
  readonly #over = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | null = null;
  #isComplete = false;

  /** Begins to wait for it. */
  begin(): void {
    this.#timer = setTimeout(() => this.#over.resolve(), PATIENCE_MS).unref();
  }

  /** Lets those go who wait. */
  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#over.resolve();
  }

  /** True once every pod that may be listed was. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Resolves when it is complete, or takes long: what else is asked of the API server may then be asked beside it. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Whether all pods of a namespace were seen. */
  covers(namespace: string): boolean {
    return this.#namespaces.has('*') || this.#namespaces.has(namespace);
  }

  /** A whole list came of a namespace, `*` for all; `states` as for `check`. */
  listed(namespace: string, states: readonly WatchState[]): void {
    this.#namespaces.add(namespace);
    this.check(states);
  }

  /** Complete is what has seen a list of every namespace that it may list, by how the watches stand. */
  check(states: readonly WatchState[]): void {
    if (this.#isComplete || this.#namespaces.size === 0) return;
    const isOpen = states.some(
      (state) => state.resource === 'pods' && state.state !== 'forbidden' && !this.#namespaces.has(state.namespace),
    );
    if (isOpen) return;
    this.#isComplete = true;
    this.#over.resolve();
  }
}
