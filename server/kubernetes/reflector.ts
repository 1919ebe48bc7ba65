import { UnloopError } from '@/lib/domain/unloop-error';
import { describeError, logLine } from '@/server/log';
import { type KubeClient, pause } from './kube-client';
import { inWords, isConnectionError, isExpired, isRefused, KubeError, messageOf, unreachable } from './kube-error';
import { ACCEPT_LIST, type Codec, readList } from './list-stream';
import type { WatchState } from './watch-cluster.types';
import { ACCEPT_WATCH, readWatch } from './watch-stream';
import { WireError } from './wire';

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
  apply(item: T, origin: 'list' | 'watch'): void;
  remove(item: T): void;
  /** A list is complete; what is not in `seen` no longer exists. */
  listed(seen: ReadonlySet<string>): void;
  changed(): void;
}

/** What the reflectors of one cluster learn about its server together. */
export interface ServerTraits {
  /** No watch list before this instant. */
  watchListAgainAt: number;
  /** The server's protobuf could not be read: ask for JSON. */
  jsonOnly: boolean;
  /** Silence before the end of the initial events after which a watch list counts as not offered. */
  readonly initialSilenceMs: number;
}

export type ReflectorState = Pick<WatchState, 'state' | 'text' | 'since' | 'attempt' | 'lastHeardAt' | 'nextTryAt'>;

/** Silence of a watch after which the connection counts as dead; the server ends each watch within 300 s and sends bookmarks. */
const IDLE_MS = 320_000;
const SETTLE_MS = 250;
const WATCH_LIST_PAUSE_MS = 600_000;
const PAGE = 500;
const UNREACHABLE_MS_MAX = 3_000;
const BACKOFF_MS_MAX = 30_000;
const REFUSED_MS = 30_000;

type Failure = 'expired' | 'refused' | 'unreachable' | 'misconfigured' | 'failed';

/**
 * Keeps one resource in step: list (or watch list), then watch, resumed by resourceVersion; 410 leads to a new list; every other
 * failure to a retry with jittered delay. Runs until its signal aborts and never rejects.
 */
export class Reflector<T> {
  readonly resource: ReflectedResource<T>;
  readonly #client: KubeClient;
  readonly #sink: ReflectorSink<T>;
  readonly #traits: ServerTraits;
  readonly #signal: AbortSignal;
  #version = '';
  /** A first list was completed once. */
  #everSynced = false;
  #state: ReflectorState = {
    state: 'connecting',
    text: '',
    since: Date.now(),
    attempt: 0,
    lastHeardAt: null,
    nextTryAt: null,
  };
  #failure: Failure | null = null;
  /** Failures of that kind in a row. */
  #repeats = 0;
  #brokenItems = 0;
  /** Aborts what is under way: the open stream, or the pause before the next try. */
  #turn = new AbortController();
  #isPausing = false;

  constructor(
    client: KubeClient,
    resource: ReflectedResource<T>,
    sink: ReflectorSink<T>,
    traits: ServerTraits,
    signal: AbortSignal,
  ) {
    this.#client = client;
    this.resource = resource;
    this.#sink = sink;
    this.#traits = traits;
    this.#signal = signal;
  }

  get state(): ReflectorState {
    return this.#state;
  }

  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      this.#turn = new AbortController();
      const signal = AbortSignal.any([this.#signal, this.#turn.signal]);
      const began = Date.now();
      try {
        if (this.#version === '') await this.#list(signal);
        else await this.#watch(signal);
        // A watch that ends at once, again and again, must not become a storm.
        if (Date.now() - began < 1_000 && this.#version !== '' && this.#state.state === 'live')
          await pause(500, signal);
      } catch (error) {
        if (this.#signal.aborted) return;
        await this.#recover(error);
      }
    }
  }

  /** Says that the server does not answer although the stream is open. */
  suspect(text: string): void {
    if (this.#state.state === 'live') this.#set('stale', text);
  }

  /** The server answers again, and the stream was never cut. */
  trust(): void {
    if (this.#state.state === 'stale' && this.#failure === null) this.#set('live', '');
  }

  /**
   * Gives up the open stream, or waits no longer where the server could not be reached. What fails now is tried again soon: a server
   * that just came back answers some questions before others.
   */
  hurry(): void {
    if (!this.#isPausing || this.#failure === 'unreachable') {
      this.#repeats = 0;
      this.#turn.abort(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }));
    }
  }

  get isPausing(): boolean {
    return this.#isPausing;
  }

  /** Whether it tries to reach a server that did not answer, or waits to. */
  get isLost(): boolean {
    return this.#failure === 'unreachable';
  }

  async #list(signal: AbortSignal): Promise<void> {
    if (!this.#everSynced) this.#set('connecting', this.#state.text);
    if (this.resource.isCached && Date.now() >= this.#traits.watchListAgainAt) {
      if (await this.#watchList(signal)) return;
    }
    const seen = new Set<string>();
    let token = '';
    do {
      const query = new URLSearchParams(this.resource.query);
      // From the watch cache at first; afterwards never older than what is known.
      if (this.resource.isCached && !this.#everSynced) query.set('resourceVersion', '0');
      if (!this.resource.isCached) query.set('limit', String(PAGE));
      if (token) query.set('continue', token);
      const stream = await this.#client.open(this.#path(query), { accept: this.#accept(ACCEPT_LIST), signal });
      this.#heard();
      this.#set('syncing', '');
      const end = await readList(
        stream,
        this.resource.codec,
        (item) => {
          seen.add(this.resource.keyOf(item));
          this.#sink.apply(item, 'list');
        },
        signal,
      );
      this.#noteBroken(end.broken);
      this.#heard();
      token = end.continueToken;
      this.#version = end.resourceVersion;
    } while (token);
    this.#listed(seen);
  }

  /** Lists by watching (crash-semantics 8.1 WatchList). Gives false where the server does not offer it. */
  async #watchList(signal: AbortSignal): Promise<boolean> {
    const query = new URLSearchParams(this.resource.query);
    query.set('watch', '1');
    query.set('sendInitialEvents', 'true');
    query.set('resourceVersionMatch', 'NotOlderThan');
    query.set('allowWatchBookmarks', 'true');
    query.set('timeoutSeconds', watchSeconds());
    const silence = new AbortController();
    // A server that passes over `sendInitialEvents` sends nothing, or never the bookmark that ends the initial events.
    let isInitial = true;
    let frameAt = Date.now();
    const { initialSilenceMs } = this.#traits;
    const check = setInterval(() => {
      if (isInitial && Date.now() - frameAt >= initialSilenceMs) silence.abort();
    }, initialSilenceMs / 4);
    try {
      const inner = AbortSignal.any([signal, silence.signal]);
      const stream = await this.#client.open(this.#path(query), {
        accept: this.#accept(ACCEPT_WATCH),
        signal: inner,
        bodyTimeout: IDLE_MS,
      });
      this.#heard();
      this.#set('syncing', '');
      let seen: Set<string> | null = new Set<string>();
      for await (const frame of readWatch(stream, this.resource.codec, inner)) {
        this.#heard();
        frameAt = Date.now();
        if (!seen) {
          this.#take(frame);
          continue;
        }
        if (frame.type === 'BOOKMARK' && frame.endsInitial) {
          isInitial = false;
          this.#version = frame.resourceVersion;
          this.#listed(seen);
          seen = null;
        } else if (frame.item !== null) {
          const key = this.resource.keyOf(frame.item);
          if (frame.type === 'DELETED') {
            seen.delete(key);
            this.#sink.remove(frame.item);
          } else {
            seen.add(key);
            this.#sink.apply(frame.item, 'list');
          }
        } else if (frame.type !== 'BOOKMARK') this.#noteBroken(1);
      }
      if (silence.signal.aborted) throw silence.signal.reason;
      return true;
    } catch (error) {
      const isRefusedByServer =
        error instanceof KubeError && [400, 404, 405, 422, 501].includes(error.status) && !isExpired(error);
      if (signal.aborted || !(silence.signal.aborted || isRefusedByServer)) throw error;
      this.#traits.watchListAgainAt = Date.now() + WATCH_LIST_PAUSE_MS;
      return false;
    } finally {
      clearInterval(check);
    }
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const query = new URLSearchParams(this.resource.query);
    query.set('watch', '1');
    query.set('allowWatchBookmarks', 'true');
    query.set('resourceVersion', this.#version);
    query.set('timeoutSeconds', watchSeconds());
    const stream = await this.#client.open(this.#path(query), {
      accept: this.#accept(ACCEPT_WATCH),
      signal,
      bodyTimeout: IDLE_MS,
    });
    this.#heard();
    const opened = Date.now();
    // The answer says that the watch is served; that its version is gone follows right after it as a frame.
    const settled = setTimeout(() => this.#succeeded(), SETTLE_MS);
    try {
      for await (const frame of readWatch(stream, this.resource.codec, signal)) {
        this.#heard();
        if (this.#failure !== null) this.#succeeded();
        this.#take(frame);
      }
    } finally {
      clearTimeout(settled);
    }
    // A watch that ends at once, again and again, must not become a storm.
    if (Date.now() - opened < 1_000) await pause(500, signal);
    signal.throwIfAborted();
  }

  #take(frame: { type: string; item: T | null; resourceVersion: string }): void {
    if (frame.item !== null) {
      if (frame.type === 'DELETED') this.#sink.remove(frame.item);
      else this.#sink.apply(frame.item, 'watch');
    } else if (frame.type !== 'BOOKMARK') this.#noteBroken(1);
    if (frame.resourceVersion !== '') this.#version = frame.resourceVersion;
  }

  #listed(seen: ReadonlySet<string>): void {
    this.#sink.listed(seen);
    this.#everSynced = true;
    this.#succeeded();
  }

  #succeeded(): void {
    this.#failure = null;
    this.#repeats = 0;
    this.#set('live', '');
  }

  async #recover(error: unknown): Promise<void> {
    const cause = this.#turn.signal.aborted
      ? unreachable(this.#client.server, this.#turn.signal.reason)
      : isConnectionError(error)
        ? unreachable(this.#client.server, error)
        : error;
    const failure = failureOf(cause);
    this.#repeats = failure === this.#failure ? this.#repeats + 1 : 1;
    this.#failure = failure;
    if (failure === 'expired') this.#version = '';
    if (cause instanceof WireError && this.#repeats >= 2) this.#traits.jsonOnly = true;
    if (failure === 'failed' && !(cause instanceof KubeError)) {
      logLine('warn', `watch of ${this.resource.name}`, describeError(cause));
    }
    const delay = delayMs(failure, this.#repeats, this.#everSynced, cause);
    if (failure !== 'expired' || this.#repeats > 1) {
      this.#set(failure === 'refused' ? 'forbidden' : this.#everSynced ? 'stale' : 'connecting', this.#words(cause), {
        attempt: this.#repeats,
        nextTryAt: Date.now() + delay,
      });
    }
    this.#turn = new AbortController();
    this.#isPausing = true;
    try {
      await pause(delay, AbortSignal.any([this.#signal, this.#turn.signal]));
    } catch {
      // Stopped, or told to hurry: either way the loop decides.
    } finally {
      this.#isPausing = false;
    }
  }

  #words(error: unknown): string {
    const { name, namespace } = this.resource;
    const where = namespace === '*' ? 'in all namespaces' : `in namespace ${namespace}`;
    if (error instanceof KubeError && error.status === 401) {
      return `The API server does not accept these credentials (401): ${messageOf(error)}. Log in again or renew the token; Unloop tries again every 30 s.`;
    }
    if (error instanceof KubeError && error.status === 403) {
      return `Not permitted to list and watch ${name} ${where}: ${messageOf(error)}. Grant the verbs list and watch on ${name}, or name permitted namespaces with --namespace; Unloop looks again every 30 s.`;
    }
    if (error instanceof UnloopError) return inWords(error);
    if (error instanceof KubeError) {
      return `The API server answered ${error.status} to the watch of ${name} ${where}: ${messageOf(error)}. Unloop tries again by itself.`;
    }
    return `The watch of ${name} ${where} failed: ${messageOf(error)}. Unloop tries again by itself.`;
  }

  #set(
    state: WatchState['state'],
    text: string,
    { attempt, nextTryAt }: Pick<WatchState, 'attempt' | 'nextTryAt'> = { attempt: 0, nextTryAt: null },
  ): void {
    const before = this.#state;
    if (before.state === state && before.text === text && before.attempt === attempt) return;
    const since = before.state === state ? before.since : Date.now();
    this.#state = { ...before, state, text, since, attempt, nextTryAt };
    this.#sink.changed();
  }

  #heard(): void {
    this.#state = { ...this.#state, lastHeardAt: Date.now() };
  }

  #noteBroken(count: number): void {
    if (count === 0) return;
    if (this.#brokenItems === 0) {
      logLine('warn', `watch of ${this.resource.name}`, 'an object could not be read and was left out');
    }
    this.#brokenItems += count;
  }

  #accept(types: string): string {
    return this.#traits.jsonOnly ? 'application/json' : types;
  }

  #path(query: URLSearchParams): string {
    const { namespace, name } = this.resource;
    const scope = namespace === '*' ? '' : `namespaces/${encodeURIComponent(namespace)}/`;
    const text = query.toString();
    return `/api/v1/${scope}${name}${text ? `?${text}` : ''}`;
  }
}

function failureOf(error: unknown): Failure {
  if (isExpired(error)) return 'expired';
  if (isRefused(error)) return 'refused';
  if (error instanceof UnloopError) return error.code === 'misconfigured' ? 'misconfigured' : 'unreachable';
  return 'failed';
}

/**
 * Milliseconds before the next try. Lost connections are tried again quickly, so that the page is right soon after the server's
 * return. A server that just came back refuses for some seconds while its RBAC rules load: what worked before is asked again soon.
 */
export function delayMs(failure: Failure, repeats: number, everSynced: boolean, error: unknown): number {
  const grown = (base: number, max: number) => Math.min(max, base * 2 ** Math.min(repeats - 1, 20));
  switch (failure) {
    case 'expired':
      return repeats === 1 ? Math.random() * 200 : jitter(grown(500, BACKOFF_MS_MAX));
    case 'unreachable':
      return jitter(grown(250, UNREACHABLE_MS_MAX));
    case 'refused':
      return everSynced ? jitter(grown(1_000, REFUSED_MS)) : REFUSED_MS;
    case 'misconfigured':
      return jitter(grown(5_000, BACKOFF_MS_MAX));
    case 'failed': {
      const asked = error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0;
      return Math.max(Math.min(asked, BACKOFF_MS_MAX), jitter(grown(1_000, BACKOFF_MS_MAX)));
    }
  }
}

/** Between half and the whole. */
function jitter(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}

function watchSeconds(): string {
  return String(240 + Math.floor(Math.random() * 60));
}
