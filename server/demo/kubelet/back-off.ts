/** Restart and image-pull back-off of the kubelet (crash-semantics 1.1 to 1.3, 1.9): milliseconds throughout. */
const BASE_MS = 10_000;
const CAP_MS = 300_000;
const EXPIRY_MS = 600_000;

interface Entry {
  delayMs: number;
  lastUpdate: number;
}

function forgetPod(entries: Map<string, Entry>, uid: string): void {
  for (const key of entries.keys()) if (key.startsWith(`${uid}/`)) entries.delete(key);
}

/** The kubelet's memory of restart delays: one entry for each container, keyed `<pod uid>/<container>`, never part of the API. */
export class RestartBackOff {
  readonly #entries = new Map<string, Entry>();

  /**
   * Decides about one start. `deadAt` is the finish of the newest exited instance, or null where none exists. Gives the
   * delay that is being waited out and when it is over, or null: start now (and the next delay is then twice as long).
   */
  gate(key: string, deadAt: number | null, now: number): { delayMs: number; dueAt: number } | null {
    if (deadAt === null) return null;
    this.#collect(key, now);
    const entry = this.#entries.get(key);
    const expired = entry !== undefined && deadAt - entry.lastUpdate > EXPIRY_MS;
    if (entry && !expired && now - deadAt < entry.delayMs) {
      return { delayMs: entry.delayMs, dueAt: deadAt + entry.delayMs };
    }
    const delayMs = !entry || expired ? BASE_MS : Math.min(entry.delayMs * 2, CAP_MS);
    this.#entries.set(key, { delayMs, lastUpdate: now });
    return null;
  }

  /** Drops what is kept of a pod. */
  forgetPod(uid: string): void {
    forgetPod(this.#entries, uid);
  }

  /** The collection that runs every two seconds drops an entry ten minutes after the last start, even in a wait. */
  #collect(key: string, now: number): void {
    const entry = this.#entries.get(key);
    if (entry && now - entry.lastUpdate > EXPIRY_MS) this.#entries.delete(key);
  }
}

/** The image manager's memory of failed pulls, by pod and image: measured from the last failure. */
export class PullBackOff {
  readonly #entries = new Map<string, Entry>();

  /** True while the image is not to be tried again. */
  isWaiting(key: string, now: number): boolean {
    const entry = this.#entries.get(key);
    return entry !== undefined && now - entry.lastUpdate < entry.delayMs;
  }

  /** Notes a failed pull. */
  failed(key: string, now: number): void {
    const entry = this.#entries.get(key);
    const fresh = !entry || now - entry.lastUpdate > EXPIRY_MS;
    this.#entries.set(key, {
      delayMs: fresh ? BASE_MS : Math.min(entry.delayMs * 2, CAP_MS),
      lastUpdate: now,
    });
  }

  /** Drops what is kept of a pod. */
  forgetPod(uid: string): void {
    forgetPod(this.#entries, uid);
  }
}

/** A Go duration: `10s`, `1m20s`, `5m0s`. Takes milliseconds in whole seconds. */
export function formatGoDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
