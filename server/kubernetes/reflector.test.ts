import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import { targetFromServer } from './cluster-targets';
import { decodePod } from './decode-pod';
import { Interner } from './intern';
import { KubeClient } from './kube-client';
import { KubeError } from './kube-error';
import { Reflector } from './reflector';
import { PATIENCE } from './reflector.types';
import { delayMs } from './retry-delay';
import { FakeApiServer } from './testing/fake-api-server';
import { healthyPod } from './testing/sample-objects';
import { until } from './testing/until';
import { toPodSnapshot } from './to-pod-snapshot';

vi.setConfig({ testTimeout: 30_000 });

let server: FakeApiServer;
const abort = { current: new AbortController() };

beforeEach(async () => {
  server = await new FakeApiServer().start();
  abort.current = new AbortController();
});
afterEach(async () => {
  abort.current.abort();
  await server.stop();
});

it('falls back to a list where the server swallows sendInitialEvents', async () => {
  const names: string[] = [];
  const listed: number[] = [];
  const intern = new Interner();
  server.put('pods', healthyPod('a'));
  server.intercept = (_request, response, url) => {
    if (!url.searchParams.has('sendInitialEvents')) return false;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    return true;
  };
  const reflector = new Reflector<PodSnapshot>(
    new KubeClient(targetFromServer('test', server.url)),
    {
      name: 'pods',
      namespace: '*',
      query: '',
      isCached: true,
      keyOf: (pod) => pod.uid,
      codec: {
        fromBytes: (bytes, start, end) => decodePod(bytes, intern, start, end),
        fromJson: (value) => toPodSnapshot(value, intern),
      },
    },
    {
      apply: (pod) => names.push(pod.name) > 0,
      remove: () => undefined,
      listed: (seen) => listed.push(seen.size) === 0,
      changed: () => undefined,
    },
    { watchListAgainAt: 0, jsonOnly: false, sendsBookmarks: false, patience: { ...PATIENCE, initialMs: 100 } },
    abort.current.signal,
  );
  const run = reflector.run();
  await until(() => reflector.state.state === 'live');
  expect(names).toEqual(['a']);
  expect(listed).toEqual([1]);
  // The first list may come from the watch cache.
  expect(server.requests).toContain('/api/v1/pods?resourceVersion=0');
  abort.current.abort();
  await run;
});

describe('the delay before the next try', () => {
  const longest = (failure: Parameters<typeof delayMs>[0], synced: boolean, error: unknown = null) =>
    Array.from({ length: 12 }, (_, index) =>
      Math.max(...Array.from({ length: 50 }, () => delayMs(failure, index + 1, synced, error))),
    );

  it('stays at 3 s for a server that cannot be reached, so that its return is noticed', () => {
    expect(longest('unreachable', true)[0]).toBeLessThanOrEqual(250);
    expect(Math.max(...longest('unreachable', true))).toBeLessThanOrEqual(3_000);
  });

  it('grows to 30 s for a server that answers with errors, and honours Retry-After', () => {
    expect(longest('failed', true)[0]).toBeLessThanOrEqual(1_000);
    expect(longest('failed', true)[11]).toBeGreaterThan(15_000);
    expect(delayMs('failed', 1, true, new KubeError(429, '', '', 7_000))).toBe(7_000);
  });

  it('is 30 s where access is refused, shorter at first where it was granted before', () => {
    expect(delayMs('refused', 1, false, null)).toBe(30_000);
    expect(delayMs('refused', 1, true, null)).toBeLessThanOrEqual(1_000);
    expect(longest('refused', true)[11]).toBeGreaterThan(15_000);
  });
});
