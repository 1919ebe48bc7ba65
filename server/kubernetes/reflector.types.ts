import type { WatchState } from '@/lib/domain/watch-state';
import type { Codec } from './list-stream';
import { delayMs } from './retry-delay';

/** What is listed and watched. */
export interface ReflectedResource<T> {
  /** `pods` or `events`, for texts. */
  readonly name: WatchState['resource'];
  /** `*` for cluster-wide. */
  readonly namespace: string;
  /** Query without `?`: selectors, or empty. */
  readonly query: string;
  readonly codec: Codec<T>;
  /** True where the server keeps the resource in its watch cache: a list at `resourceVersion=0` or a watch list is cheap. */
  readonly isCached: boolean;
  keyOf(item: T): string;
}

/** What the reflector found. Calls must not throw. */
export interface ReflectorSink<T> {
  /** Whether it differs from what was known. */
  apply(item: T, origin: 'list' | 'watch'): boolean;
  remove(item: T): void;
  /** A list is complete; what is not in `seen` no longer exists. Gives whether any of that was known. */
  listed(seen: ReadonlySet<string>): boolean;
  changed(): void;
}

/** How long a reflector waits, in milliseconds. */
export interface WatchPatience {
  /** Silence before the end of the initial events after which a watch list counts as not offered. */
  readonly initialMs: number;
  /** Silence after a question, from which on it is said. */
  readonly answerMs: number;
  /** A watch that ended empty before this brought nothing; one that lasted longer was quiet, and some proxies end those. */
  readonly briefMs: number;
  /**
   * Time without event, bookmark or list after which a watch is not taken at its word any more and a list is asked for. The API
   * server sends a bookmark about each minute (crash-semantics 8.1) for what is in its watch cache, and none for events.
   */
  readonly quietMs: number;
  /** Rest after a turn that lasted less than a second: a watch that ends at once, again and again, must not become a storm. */
  readonly restMs: number;
  /** The wait before the next try after a failure, see `delayMs`. */
  readonly retryMs: typeof delayMs;
}

export const PATIENCE: WatchPatience = {
  initialMs: 10_000,
  answerMs: 8_000,
  briefMs: 30_000,
  quietMs: 150_000,
  restMs: 500,
  retryMs: delayMs,
};

/** What the reflectors of one cluster learn about its server together. */
export interface ServerTraits {
  /** No watch list before this instant. */
  watchListAgainAt: number;
  /** The server's protobuf could not be read: ask for JSON. */
  jsonOnly: boolean;
  /** A bookmark came: a watch of what is cached is never silent for long. */
  sendsBookmarks: boolean;
  readonly patience: WatchPatience;
}

export type ReflectorState = Pick<WatchState, 'state' | 'text' | 'since' | 'attempt' | 'lastHeardAt' | 'nextTryAt'>;
