import type { Part } from '@/lib/domain/collected';
import { UnloopError } from '@/lib/domain/unloop-error';
import { isTimeout, withDeadline } from './deadline';
import { KubeError, messageOf } from './kube-error';

export const READ_DEADLINE_MS = 5_000;

/**
 * Runs one read with a deadline of its own and turns every failure into a reason in words. `what` names the thing in a sentence
 * ("node worker-1"), `right` the permission that would show it ("get on nodes").
 */
export async function guardedRead<T>(
  what: string,
  right: string,
  read: (signal: AbortSignal) => Promise<T>,
): Promise<Part<T>> {
  try {
    return { value: await withDeadline(READ_DEADLINE_MS, null, read) };
  } catch (error) {
    return { missing: reasonOf(error, what, right) };
  }
}

function reasonOf(error: unknown, what: string, right: string): string {
  if (isTimeout(error)) return `${what}: no answer within ${READ_DEADLINE_MS / 1000} s`;
  if (error instanceof KubeError) {
    if (error.status === 401) return `${what}: the credentials were refused`;
    if (error.status === 403) return `${what}: not permitted, grant ${right}`;
    if (error.status === 404) return `${what} does not exist (any more)`;
    return `${what}: the API server answered ${error.status}, ${messageOf(error)}`;
  }
  if (error instanceof UnloopError) return `${what}: ${error.message}`;
  return `${what}: ${messageOf(error)}`;
}

/** Keeps the answers of equal questions for a while, and lets questions under way share one answer. */
export class ReadCache<T> {
  readonly #entries = new Map<string, { until: number; answer: Promise<T> }>();
  readonly #keepMs: number;
  readonly #sizeMax: number;

  constructor(keepMs: number, sizeMax: number) {
    this.#keepMs = keepMs;
    this.#sizeMax = sizeMax;
  }

  /** The kept answer, or asks. What rejects is not kept. */
  async get(key: string, ask: () => Promise<T>): Promise<T> {
    const now = Date.now();
    const kept = this.#entries.get(key);
    if (kept && kept.until > now) return await kept.answer;
    this.#sweep(now);
    const answer = ask();
    const entry = { until: now + this.#keepMs, answer };
    this.#entries.set(key, entry);
    try {
      return await answer;
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }

  #sweep(now: number): void {
    if (this.#entries.size < this.#sizeMax) return;
    for (const [key, entry] of this.#entries) if (entry.until <= now) this.#entries.delete(key);
    // Still full of fresh answers: the oldest go.
    for (const key of this.#entries.keys()) {
      if (this.#entries.size < this.#sizeMax) break;
      this.#entries.delete(key);
    }
  }
}
