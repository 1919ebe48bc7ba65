import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Cluster } from '@/lib/contract/cluster';
import { examplePage } from '@/lib/contract/example-loops';
import type { StreamFrame } from '@/lib/contract/stream';
import { ClusterStream, type FrameSource, SILENCE_MS } from './cluster-stream';

const cluster: Cluster = {
  id: 'prod eu',
  server: 'https://10.0.0.1',
  version: 'v1.34.4',
  state: 'live',
  reason: null,
  demo: false,
};

class FakeSource implements FrameSource {
  closed = false;
  readonly url: string;
  readonly #listeners = new Map<string, (event: MessageEvent<string>) => void>();

  constructor(url: string) {
    this.url = url;
  }

  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.closed = true;
  }

  send(frame: StreamFrame): void {
    this.raw(frame.kind, JSON.stringify(frame));
  }

  raw(type: string, data: string): void {
    this.#listeners.get(type)?.(new MessageEvent(type, { data }));
  }
}

const page = examplePage();
const hello = (version = '0.1.0'): StreamFrame => ({ kind: 'hello', version, sequence: 1, cluster });
const change = (sequence: number): StreamFrame => ({
  kind: 'change',
  sequence,
  asOf: '2026-11-12T14:03:00.000Z',
  upserts: [],
  removed: [],
});

describe('ClusterStream', () => {
  const opened: FakeSource[] = [];
  let stream: ClusterStream;
  const newest = (): FakeSource => {
    const source = opened.at(-1);
    if (!source) throw new Error('nothing was opened');
    return source;
  };

  beforeEach(() => {
    vi.useFakeTimers();
    opened.length = 0;
    stream = new ClusterStream(cluster, (url) => {
      const source = new FakeSource(url);
      opened.push(source);
      return source;
    });
  });

  afterEach(() => {
    stream.close();
    vi.useRealTimers();
  });

  it('opens one connection for one choice of namespaces, and another for another', () => {
    stream.watch(['shop', 'billing']);
    stream.watch(['billing', 'shop']);
    expect(opened.map((source) => source.url)).toEqual(['/api/v1/clusters/prod%20eu/stream?ns=billing,shop']);
    stream.watch([]);
    expect(opened.map((source) => source.closed)).toEqual([true, false]);
    expect(newest().url).toBe('/api/v1/clusters/prod%20eu/stream');
  });

  it('says live after hello, and when the last change came', () => {
    stream.watch([]);
    expect(stream.status.connection.state).toBe('connecting');
    newest().send(hello());
    newest().send({ kind: 'snapshot', page });
    vi.advanceTimersByTime(60);
    expect(stream.status).toMatchObject({ connection: { state: 'live' }, changedAt: page.asOf });
    newest().send(change(101));
    vi.advanceTimersByTime(60);
    expect(stream.status.changedAt).toBe('2026-11-12T14:03:00.000Z');
  });

  it('hands a burst on as one batch, in order', () => {
    const batches: number[][] = [];
    stream.onFrames((frames) => batches.push(frames.map((frame) => ('sequence' in frame ? frame.sequence : 0))));
    stream.watch([]);
    for (const sequence of [101, 102, 103]) newest().send(change(sequence));
    vi.advanceTimersByTime(60);
    expect(batches).toEqual([[101, 102, 103]]);
  });

  it('comes back by itself, ever more slowly, at most ten seconds apart', () => {
    stream.watch([]);
    newest().send(hello());
    vi.advanceTimersByTime(60);
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      const before = opened.length;
      newest().raw('error', '');
      expect(stream.status.connection).toMatchObject({ state: 'reconnecting', attempt });
      vi.advanceTimersByTime(10_000);
      expect(opened.length).toBe(before + 1);
    }
    newest().send(hello());
    vi.advanceTimersByTime(60);
    expect(stream.status.connection.state).toBe('live');
    newest().raw('error', '');
    vi.advanceTimersByTime(500);
    expect(newest().closed).toBe(false);
  });

  it('that hears nothing for ten seconds is not live since the last word, and comes back by itself', () => {
    stream.watch([]);
    newest().send(hello());
    vi.advanceTimersByTime(60);
    for (let beat = 0; beat < 10; beat += 1) {
      vi.advanceTimersByTime(4_000);
      newest().raw('beat', '{}');
    }
    expect(stream.status.connection.state).toBe('live');
    const lastWord = Date.now();
    const silent = newest();
    vi.advanceTimersByTime(SILENCE_MS + 500);
    expect(silent.closed).toBe(true);
    expect(stream.status.connection).toMatchObject({ state: 'reconnecting', since: lastWord, attempt: 1 });
    vi.advanceTimersByTime(500);
    expect(opened).toHaveLength(2);
    newest().send(hello());
    vi.advanceTimersByTime(60);
    expect(stream.status.connection.state).toBe('live');
  });

  it('says so too where it opens and never hears a word, and grows patient with a line that may be slow', () => {
    const begun = Date.now();
    stream.watch([]);
    vi.advanceTimersByTime(SILENCE_MS + 500);
    expect(stream.status.connection).toMatchObject({ state: 'reconnecting', since: begun });
    vi.advanceTimersByTime(500);
    expect(opened).toHaveLength(2);
    vi.advanceTimersByTime(2 * SILENCE_MS - 2_000);
    expect(newest().closed).toBe(false);
    vi.advanceTimersByTime(3_000);
    expect(opened.slice(0, 2).map((source) => source.closed)).toEqual([true, true]);
    expect(stream.status.connection).toMatchObject({ state: 'reconnecting', since: begun });
  });

  it('tries at once when asked to during the wait', () => {
    stream.watch([]);
    newest().raw('error', '');
    stream.retryNow();
    expect(opened).toHaveLength(2);
    stream.retryNow();
    expect(opened).toHaveLength(2);
  });

  it('shows nothing of what is no frame and asks for a reload, and ignores a source that was left', () => {
    const batches: unknown[] = [];
    stream.onFrames((frames) => batches.push(frames));
    stream.watch([]);
    const left = newest();
    left.raw('change', '{"kind":');
    left.raw('change', '{"kind":"change","sequence":"<script>"}');
    stream.watch(['shop']);
    left.raw('error', '');
    vi.advanceTimersByTime(60);
    expect(batches).toEqual([]);
    expect(stream.status).toMatchObject({ connection: { state: 'connecting' }, outdated: true });
  });

  it('takes what the server says of the cluster, and notices another version', () => {
    stream.watch([]);
    newest().send(hello());
    vi.advanceTimersByTime(60);
    newest().send({
      ...change(101),
      cluster: { ...cluster, state: 'stale', reason: 'no answer for 30 s' },
    } as StreamFrame);
    vi.advanceTimersByTime(60);
    expect(stream.status.cluster).toMatchObject({ state: 'stale', reason: 'no answer for 30 s' });
    expect(stream.status.outdated).toBe(false);
    newest().raw('error', '');
    vi.advanceTimersByTime(500);
    newest().send(hello('0.2.0'));
    vi.advanceTimersByTime(60);
    expect(stream.status.outdated).toBe(true);
  });
});
