import { config } from 'zod';
import type { Cluster } from '@/lib/contract/cluster';
import { type StreamFrame, StreamFrameSchema } from '@/lib/contract/stream';
import { apiPath } from '@/lib/url/base-path';
import { namespaceQuery } from './loop-queries';

config({ jitless: true });

/** What the page may say about its connection to Unloop. Times are epoch milliseconds of this browser. */
export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  | { readonly state: 'reconnecting'; readonly since: number; readonly attempt: number; readonly nextTryAt: number };

export interface StreamStatus {
  readonly connection: Connection;
  /** The cluster as the server last described it. */
  readonly cluster: Cluster;
  /** ISO-8601 time of the newest snapshot or change, or null before the first. */
  readonly changedAt: string | null;
  /** True once the server speaks another version of Unloop than this page: only a reload makes it right. */
  readonly outdated: boolean;
}

/** The part of `EventSource` that is used: a test brings its own. */
export interface FrameSource {
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

export type FrameListener = (frames: readonly StreamFrame[]) => void;

const KINDS = ['hello', 'snapshot', 'change', 'gap'] as const;
/** Frames are handed on together: a rollout of 1,000 pods must not render 1,000 times. */
const FLUSH_MS = 50;
const RETRY_FIRST_MS = 500;
const RETRY_CAP_MS = 10_000;
/** Silence after which the connection counts as lost: the server beats every 4 s, and a dead network closes nothing. */
export const SILENCE_MS = 10_000;
const SILENCE_CHECK_MS = 500;
/** A line too slow for the snapshot is silent too: each silent break in a row doubles the patience, so that it can arrive. */
const PATIENCE_DOUBLINGS_MAX = 3;

/**
 * The one live connection of a tab. `watch` chooses the namespaces (none = all) and opens; after a break it comes back by
 * itself with doubling, jittered waits, and the server's snapshot makes the page right again.
 */
export class ClusterStream {
  #status: StreamStatus;
  #source: FrameSource | null = null;
  #scope: string | null = null;
  #attempt = 0;
  #version: string | null = null;
  #pending: StreamFrame[] = [];
  #flushTimer: ReturnType<typeof setTimeout> | null = null;
  #retryTimer: ReturnType<typeof setTimeout> | null = null;
  #silenceTimer: ReturnType<typeof setInterval> | null = null;
  /** When the open connection last brought anything, or was begun. Epoch milliseconds. */
  #heardAt = 0;
  #silentBreaks = 0;
  readonly #open: (url: string) => FrameSource;
  readonly #frameListeners = new Set<FrameListener>();
  readonly #statusListeners = new Set<() => void>();

  constructor(cluster: Cluster, open: (url: string) => FrameSource = (url) => new EventSource(url)) {
    this.#open = open;
    this.#status = { connection: { state: 'connecting' }, cluster, changedAt: null, outdated: false };
  }

  get status(): StreamStatus {
    return this.#status;
  }

  /** Calls `listener` after each change of `status`; gives the function that ends it. */
  subscribe(listener: () => void): () => void {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  }

  /** Calls `listener` with each batch of frames, in their order; gives the function that ends it. */
  onFrames(listener: FrameListener): () => void {
    this.#frameListeners.add(listener);
    return () => this.#frameListeners.delete(listener);
  }

  /** Chooses what the stream carries. The same choice twice keeps the connection. */
  watch(namespaces: readonly string[]): void {
    const scope = namespaceQuery([...namespaces].sort());
    if (scope === this.#scope) return;
    this.#scope = scope;
    this.#connect();
  }

  /** Tries now where a wait for the next try is under way: the tab came back, the network came back. */
  retryNow(): void {
    if (this.#retryTimer === null) return;
    this.#connect();
  }

  close(): void {
    this.#scope = null;
    this.#disconnect();
  }

  #connect(): void {
    this.#disconnect();
    const source = this.#open(
      apiPath(`/api/v1/clusters/${encodeURIComponent(this.#status.cluster.id)}/stream${this.#scope ?? ''}`),
    );
    this.#source = source;
    this.#heardAt = Date.now();
    for (const kind of KINDS) {
      source.addEventListener(kind, ({ data }) => {
        this.#heardAt = Date.now();
        this.#receive(data);
      });
    }
    source.addEventListener('beat', () => {
      this.#heardAt = Date.now();
      this.#silentBreaks = 0;
    });
    source.addEventListener('error', () => this.#lost(source, Date.now()));
    this.#silenceTimer = setInterval(() => this.#checkSilence(source), SILENCE_CHECK_MS);
  }

  #disconnect(): void {
    this.#source?.close();
    this.#source = null;
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    if (this.#flushTimer !== null) clearTimeout(this.#flushTimer);
    if (this.#silenceTimer !== null) clearInterval(this.#silenceTimer);
    this.#retryTimer = null;
    this.#flushTimer = null;
    this.#silenceTimer = null;
    this.#pending = [];
  }

  #checkSilence(source: FrameSource): void {
    const patienceMs = SILENCE_MS * 2 ** Math.min(this.#silentBreaks, PATIENCE_DOUBLINGS_MAX);
    if (Date.now() - this.#heardAt < patienceMs) return;
    this.#silentBreaks += 1;
    this.#lost(source, this.#heardAt);
  }

  /** `brokeAt`: when the connection broke, or when it was last heard. */
  #lost(source: FrameSource, brokeAt: number): void {
    if (source !== this.#source) return;
    this.#flush();
    this.#disconnect();
    const ceiling = Math.min(RETRY_CAP_MS, RETRY_FIRST_MS * 2 ** this.#attempt);
    const waitMs = ceiling / 2 + Math.random() * (ceiling / 2);
    this.#attempt += 1;
    const before = this.#status.connection;
    const now = Date.now();
    const since = before.state === 'reconnecting' ? before.since : brokeAt;
    this.#set({ connection: { state: 'reconnecting', since, attempt: this.#attempt, nextTryAt: now + waitMs } });
    this.#retryTimer = setTimeout(() => this.#connect(), waitMs);
  }

  #receive(data: string): void {
    const frame = readFrame(data);
    if (!frame) {
      this.#set({ outdated: true });
      return;
    }
    this.#pending.push(frame);
    this.#flushTimer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  #flush(): void {
    if (this.#flushTimer !== null) clearTimeout(this.#flushTimer);
    this.#flushTimer = null;
    const frames = this.#pending;
    if (frames.length === 0) return;
    this.#pending = [];
    for (const frame of frames) this.#note(frame);
    for (const listener of this.#frameListeners) listener(frames);
  }

  #note(frame: StreamFrame): void {
    switch (frame.kind) {
      case 'hello':
        this.#attempt = 0;
        this.#set({
          connection: { state: 'live' },
          cluster: frame.cluster,
          outdated: this.#status.outdated || (this.#version !== null && this.#version !== frame.version),
        });
        this.#version ??= frame.version;
        return;
      case 'snapshot':
        this.#set({ connection: { state: 'live' }, changedAt: frame.page.asOf });
        return;
      case 'change':
        this.#set({ changedAt: frame.asOf, ...(frame.cluster ? { cluster: frame.cluster } : {}) });
        return;
      case 'gap':
        return;
    }
  }

  #set(change: Partial<StreamStatus>): void {
    this.#status = { ...this.#status, ...change };
    for (const listener of this.#statusListeners) listener();
  }
}

/** The frame, or null for a text that is none, as a newer server may send it. */
function readFrame(data: string): StreamFrame | null {
  try {
    const parsed = StreamFrameSchema.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
