import { describeError, logLine } from '@/server/log';
import { ForeignAnswer } from './foreign-answer';
import { type KubeClient, pause } from './kube-client';
import { isConnectionError, isExpired, KubeError, unreachable } from './kube-error';
import { ACCEPT_LIST, readList } from './list-stream';
import type { ReflectedResource, ReflectorSink, ReflectorState, ServerTraits } from './reflector.types';
import { failureOf } from './retry-delay';
import { WatchStanding } from './watch-standing';
import { ACCEPT_WATCH, readWatch, type WatchFrame } from './watch-stream';
import { failureWords, type WatchedThing } from './watch-words';
import { WireError } from './wire';

/** Silence of a watch after which the connection counts as dead; the server ends each watch within 300 s. */
const IDLE_MS = 320_000;
const SETTLE_MS = 250;
const WATCH_LIST_PAUSE_MS = 600_000;
const PAGE = 500;
const CHECKS = 16;

/**
 * Keeps one resource in step: list (or watch list), then watch, resumed by resourceVersion; 410 leads to a new list; every other
 * failure to a retry with jittered delay. An answer that brings nothing whole is a failure too, and only an event, a bookmark or a
 * list ends the growth of the delay. Runs until its signal aborts and never rejects.
 */
export class Reflector<T> {
  readonly resource: ReflectedResource<T>;
  readonly #client: KubeClient;
  readonly #sink: ReflectorSink<T>;
  readonly #traits: ServerTraits;
  readonly #signal: AbortSignal;
  #version = '';
  readonly #standing: WatchStanding;
  #brokenItems = 0;
  /** Aborts what is under way: the open stream, or the pause before the next try. */
  #turn = new AbortController();
  #isPausing = false;
  #isRestarting = false;
  /** The list that is under way holds something that was not known. */
  #isFound = false;

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
    this.#standing = new WatchStanding(
      () => this.#watched,
      resource.isCached,
      traits,
      () => sink.changed(),
    );
  }

  get state(): ReflectorState {
    return this.#standing.state;
  }

  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      this.#turn = new AbortController();
      this.#isRestarting = false;
      const signal = AbortSignal.any([this.#signal, this.#turn.signal]);
      const began = Date.now();
      try {
        if (this.#version === '') await this.#list(signal);
        else await this.#follow(this.#watchQuery(), null, signal);
        if (Date.now() - began < 1_000) await pause(this.#traits.patience.restMs, signal);
      } catch (error) {
        if (this.#signal.aborted) return;
        if (!this.#isRestarting) await this.#recover(error);
      }
    }
  }

  /** Says that the server does not answer although the stream is open. */
  suspect(text: string): void {
    this.#standing.suspect(text);
  }

  /** The server answers again, and the stream was never cut. */
  trust(): void {
    this.#standing.trust();
  }

  /**
   * Gives up the open stream, or waits no longer where the server could not be reached. What fails now is tried again soon: a server
   * that just came back answers some questions before others.
   */
  tryAgainSoon(): void {
    if (!this.#isPausing || this.isLost) {
      this.#standing.forgetRepeats();
      this.#turn.abort(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }));
    }
  }

  /**
   * Begins anew with a list, because the configuration names other credentials or another server: versions of one cluster say
   * nothing of another, which may have taken its place under the same address. `text` says so until the first answer.
   */
  restart(text: string): void {
    this.#version = '';
    this.#isRestarting = true;
    this.#standing.restart(text);
    this.#turn.abort(new Error('the configuration changed'));
  }

  get isPausing(): boolean {
    return this.#isPausing;
  }

  /** Whether it tries to reach a server that did not answer, or waits to. */
  get isLost(): boolean {
    return this.#standing.failure === 'unreachable';
  }

  async #list(signal: AbortSignal): Promise<void> {
    this.#standing.connecting();
    this.#isFound = false;
    if (this.resource.isCached && Date.now() >= this.#traits.watchListAgainAt) {
      if (await this.#watchList(signal)) return;
    }
    const seen = new Set<string>();
    let token = '';
    let itemAt = Date.now();
    const { answerMs } = this.#traits.patience;
    const check = setInterval(() => {
      if (Date.now() - itemAt >= answerMs) this.#standing.unanswered();
    }, answerMs / CHECKS);
    try {
      do {
        const query = new URLSearchParams(this.resource.query);
        // From the watch cache at first; afterwards never older than what is known.
        if (this.resource.isCached && !this.#standing.everSynced) query.set('resourceVersion', '0');
        if (!this.resource.isCached) query.set('limit', String(PAGE));
        if (token) query.set('continue', token);
        const stream = await this.#client.open('GET', this.#path(query), { accept: this.#accept(ACCEPT_LIST), signal });
        this.#standing.listBegins();
        const end = await readList(
          stream,
          this.resource.codec,
          (item) => {
            itemAt = Date.now();
            this.#takeListed(item, seen);
          },
          signal,
        );
        signal.throwIfAborted();
        this.#noteBroken(end.broken);
        this.#standing.heard();
        itemAt = Date.now();
        token = end.continueToken;
        this.#version = end.resourceVersion;
      } while (token);
    } finally {
      clearInterval(check);
    }
    this.#listed(seen);
  }

  /** Lists by watching (crash-semantics 8.1 WatchList). Gives false where the server does not offer it. */
  async #watchList(signal: AbortSignal): Promise<boolean> {
    const query = this.#watchQuery();
    query.set('sendInitialEvents', 'true');
    query.set('resourceVersionMatch', 'NotOlderThan');
    try {
      // A server that passes over `sendInitialEvents` sends nothing, or never the bookmark that ends the initial events.
      if (await this.#follow(query, new Set(), signal)) return true;
    } catch (error) {
      const isRefusedByServer =
        error instanceof KubeError && [400, 404, 405, 422, 501].includes(error.status) && !isExpired(error);
      if (signal.aborted || !isRefusedByServer) throw error;
    }
    this.#traits.watchListAgainAt = Date.now() + WATCH_LIST_PAUSE_MS;
    return false;
  }

  /**
   * Takes what a watch brings until it ends. `initial` collects the keys of the initial events of a watch list; null for a plain
   * watch. Gives false where a watch list ended, or fell silent, before its initial events did. Throws ForeignAnswer where the watch
   * ended soon and empty.
   */
  async #follow(query: URLSearchParams, initial: Set<string> | null, signal: AbortSignal): Promise<boolean> {
    const { answerMs, initialMs, quietMs, briefMs } = this.#traits.patience;
    const quiet = new AbortController();
    let seen = initial;
    let isOpen = false;
    let hasFrames = false;
    let wordAt = Date.now();
    const check = setInterval(
      () => {
        const silentMs = Date.now() - wordAt;
        if (seen ? silentMs >= initialMs : isOpen && this.resource.isCached && silentMs >= quietMs) quiet.abort();
        else if ((seen || !isOpen) && silentMs >= answerMs) this.#standing.unanswered();
      },
      Math.min(answerMs, initialMs, quietMs) / CHECKS,
    );
    let settled: NodeJS.Timeout | undefined;
    try {
      const inner = AbortSignal.any([signal, quiet.signal]);
      const accept = this.#accept(ACCEPT_WATCH);
      const stream = await this.#client.open('GET', this.#path(query), { accept, signal: inner, bodyTimeout: IDLE_MS });
      isOpen = true;
      wordAt = Date.now();
      if (seen) this.#standing.listBegins();
      else {
        this.#standing.heard();
        settled = setTimeout(() => this.#standing.served(), this.#standing.failure === 'foreign' ? briefMs : SETTLE_MS);
      }
      for await (const frame of readWatch(stream, this.resource.codec, inner)) {
        signal.throwIfAborted();
        this.#standing.heard();
        wordAt = Date.now();
        hasFrames = true;
        if (!seen) {
          this.#standing.proven();
          this.#take(frame);
        } else if (this.#endsInitial(frame, seen)) {
          this.#version = frame.resourceVersion;
          this.#listed(seen);
          seen = null;
        }
      }
    } catch (error) {
      if (signal.aborted || !quiet.signal.aborted) throw error;
    } finally {
      clearInterval(check);
      clearTimeout(settled);
    }
    signal.throwIfAborted();
    if (seen) return false;
    const openMs = Date.now() - wordAt;
    if (!hasFrames && openMs < briefMs && !quiet.signal.aborted) {
      throw new ForeignAnswer(`nothing at all: the watch ended empty after ${(openMs / 1000).toFixed(1)} s`);
    }
    if (this.#standing.isQuiet()) {
      this.#version = '';
      this.#standing.doubt();
    }
    return true;
  }

  /** Takes one of the initial events. Gives true for the bookmark that ends them. */
  #endsInitial(frame: WatchFrame<T>, seen: Set<string>): boolean {
    if (frame.item !== null && frame.type === 'DELETED') {
      seen.delete(this.resource.keyOf(frame.item));
      this.#sink.remove(frame.item);
    } else if (frame.item !== null) this.#takeListed(frame.item, seen);
    else if (frame.type !== 'BOOKMARK') this.#noteBroken(1);
    return frame.type === 'BOOKMARK' && frame.endsInitial;
  }

  #takeListed(item: T, seen: Set<string>): void {
    seen.add(this.resource.keyOf(item));
    if (this.#sink.apply(item, 'list')) this.#isFound = true;
  }

  #take(frame: WatchFrame<T>): void {
    if (frame.item !== null) {
      if (frame.type === 'DELETED') this.#sink.remove(frame.item);
      else this.#sink.apply(frame.item, 'watch');
    } else if (frame.type === 'BOOKMARK') this.#traits.sendsBookmarks = true;
    else this.#noteBroken(1);
    if (frame.resourceVersion !== '') this.#version = frame.resourceVersion;
  }

  #listed(seen: ReadonlySet<string>): void {
    const isGone = this.#sink.listed(seen);
    this.#standing.listed(isGone || this.#isFound);
  }

  async #recover(error: unknown): Promise<void> {
    const cause = this.#turn.signal.aborted
      ? unreachable(this.#client.server, this.#turn.signal.reason)
      : isConnectionError(error)
        ? unreachable(this.#client.server, error)
        : error;
    const failure = failureOf(cause);
    const repeats = this.#standing.count(failure);
    if (failure === 'expired') this.#version = '';
    if (cause instanceof ForeignAnswer && cause.cause instanceof WireError && repeats >= 2) {
      this.#traits.jsonOnly = true;
    }
    if ((failure === 'failed' && !(cause instanceof KubeError)) || (failure === 'foreign' && repeats === 1)) {
      logLine('warn', `watch of ${this.resource.name}`, describeError(cause));
    }
    const delay = this.#traits.patience.retryMs(failure, repeats, this.#standing.everSynced, cause);
    if (failure !== 'expired' || repeats > 1) {
      this.#standing.failed(failure, failureWords(this.#watched, cause), Date.now() + delay);
    }
    this.#turn = new AbortController();
    this.#isPausing = true;
    try {
      await pause(delay, AbortSignal.any([this.#signal, this.#turn.signal]));
    } catch {
      // Stopped, or told not to wait: either way the loop decides.
    } finally {
      this.#isPausing = false;
    }
  }

  get #watched(): WatchedThing {
    return { server: this.#client.server, name: this.resource.name, namespace: this.resource.namespace };
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

  #watchQuery(): URLSearchParams {
    const query = new URLSearchParams(this.resource.query);
    query.set('watch', '1');
    query.set('allowWatchBookmarks', 'true');
    if (this.#version !== '') query.set('resourceVersion', this.#version);
    query.set('timeoutSeconds', String(240 + Math.floor(Math.random() * 60)));
    return query;
  }

  #path(query: URLSearchParams): string {
    const { namespace, name } = this.resource;
    const scope = namespace === '*' ? '' : `namespaces/${encodeURIComponent(namespace)}/`;
    const text = query.toString();
    return `/api/v1/${scope}${name}${text ? `?${text}` : ''}`;
  }
}
