import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WatchState } from '@/lib/domain/watch-state';
import { targetFromServer } from './cluster-targets';
import { KubeClient } from './kube-client';
import { PATIENCE, type WatchPatience } from './reflector.types';
import { FakeApiServer } from './testing/fake-api-server';
import { healthyPod } from './testing/sample-objects';
import { until } from './testing/until';
import { watchCluster } from './watch-cluster';
import type { ClusterWatch } from './watch-cluster.types';

vi.setConfig({ testTimeout: 30_000 });

let server: FakeApiServer;
let watch: ClusterWatch;
let states: WatchState[];
/** Names of pods in the order in which they were told, with the origin. */
let told: string[];

beforeEach(async () => {
  server = await new FakeApiServer().start();
  server.put('pods', healthyPod('a'));
  states = [];
  told = [];
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});

afterEach(async () => {
  await watch.stop();
  await server.stop();
  vi.restoreAllMocks();
});

/** Short beside the real waits, which have a test of their own, and longer with each failure as they are. */
const soon: WatchPatience['retryMs'] = (_, repeats) => 20 * repeats;

function begin(patience: Partial<WatchPatience> = {}): void {
  watch = watchCluster(
    new KubeClient(targetFromServer('test', server.url)),
    { namespaces: null, patience: { ...PATIENCE, restMs: 20, retryMs: soon, ...patience } },
    {
      onPod: (_, pod, origin) => told.push(`${pod?.name ?? 'gone'} ${origin}`),
      onEvent: () => undefined,
      onSynced: () => undefined,
      onState: (state) => states.push(state),
      onVersion: () => undefined,
    },
  );
}

const pods = () => watch.states().find((state) => state.resource === 'pods');

/** Answers what asks for pods and meets the condition in place of the server. */
function answerPods(meets: (url: URL) => boolean, answer: (response: ServerResponse) => void): void {
  server.intercept = (_request, response, url) => {
    if (!url.pathname.endsWith('/pods') || !meets(url)) return false;
    answer(response);
    return true;
  };
}
const isWatch = (url: URL) => url.searchParams.has('watch');
const isPlainWatch = (url: URL) => isWatch(url) && !url.searchParams.has('sendInitialEvents');
const all = () => true;
const says =
  (type: string, body: string, status = 200) =>
  (response: ServerResponse) =>
    response.writeHead(status, { 'content-type': type }).end(body);

describe('a watch that is answered with 200 and brings nothing', () => {
  it.each([
    ['an empty body', says('application/json', ''), 'nothing at all: the watch ended empty after 0.0 s'],
    ['a login page', says('text/html', '<title>Sign in</title>'), 'a page of HTML: "Sign in"'],
    ['broken JSON', says('application/json', '{"type":\n'), 'something that is no event: "{"type":"'],
    ['broken protobuf', says('application/vnd.kubernetes.protobuf', 'x'), 'the beginning of an event and no more: "x"'],
    ['text', says('text/plain', 'no healthy upstream'), 'text/plain: "no healthy upstream"'],
  ])('is not live and says what came: %s', async (_, answer, words) => {
    server.watchList = false;
    answerPods(isPlainWatch, answer);
    begin();
    await until(() => pods()?.state === 'stale');
    expect(pods()?.text).toContain(`answered with ${words}`);
    expect(pods()?.text).toContain('A proxy or another server may answer');
    const from = states.length;
    await until(() => (pods()?.attempt ?? 0) >= 3);
    // Not even for a moment between two tries.
    expect(states.slice(from).filter(({ resource, state }) => resource === 'pods' && state === 'live')).toEqual([]);
    expect(pods()?.nextTryAt).toBeGreaterThan(0);
    server.intercept = () => false;
    await until(() => server.watchers === 3);
    server.put('pods', healthyPod('b'));
    await until(() => pods()?.state === 'live');
    expect(told).toEqual(['a list', 'b watch']);
  });

  it('does not ask in a storm, from cold too', async () => {
    answerPods(isWatch, says('application/json', ''));
    begin();
    await until(() => (pods()?.attempt ?? 0) >= 3);
    // One watch list, the list that takes its place, and a watch for each failure.
    expect(server.requests.filter((path) => path.startsWith('/api/v1/pods')).length).toBeLessThanOrEqual(6);
    expect(pods()?.state).toBe('stale');
    expect(told).toEqual(['a list']);
  });

  it('is live again without an event where it stays open for a while', async () => {
    server.watchList = false;
    answerPods(isPlainWatch, says('application/json', ''));
    begin({ briefMs: 300 });
    await until(() => pods()?.state === 'stale');
    server.intercept = () => false;
    await until(() => pods()?.state === 'live');
    expect(told).toEqual(['a list']);
  });
});

describe('a list that is answered with 200 and is none', () => {
  it.each([
    ['a login page', says('text/html', '<title>Sign in</title>'), 'a page of HTML: "Sign in"'],
    ['an empty body', says('application/json', ''), 'an empty body'],
    ['another object', says('application/json', '{"kind":"Status"}'), 'the answer is not a list): "{"kind":"Status"}"'],
    ['no version', says('application/json', '{"items":[]}'), 'it has no resourceVersion'],
  ])('is said from cold: %s', async (_, answer, words) => {
    server.watchList = false;
    answerPods((url) => !isWatch(url), answer);
    begin();
    await until(() => (pods()?.attempt ?? 0) >= 2);
    expect(pods()).toMatchObject({ state: 'connecting', text: expect.stringContaining(words) });
    expect(server.requests.filter((path) => path.startsWith('/api/v1/pods')).length).toBeLessThanOrEqual(5);
    server.intercept = () => false;
    await until(() => pods()?.state === 'live');
  });
});

describe('a server that hangs', () => {
  const hangs = () => undefined;
  const sendsHeaders = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
  };

  it.each([
    ['never answers a list', all, hangs, 'connecting'],
    ['sends the headers of a list and nothing', all, sendsHeaders, 'syncing'],
  ])('from cold is said: %s', async (_, meets, answer, state) => {
    server.watchList = false;
    answerPods(meets, answer);
    begin({ answerMs: 200 });
    await until(() => pods()?.text.includes('has sent nothing'));
    expect(pods()).toMatchObject({ state, text: expect.stringContaining('was asked for pods in all namespaces') });
  });

  it('when a watch is asked for is not live, though it answers everything else', async () => {
    server.watchList = false;
    answerPods(isPlainWatch, hangs);
    begin({ answerMs: 200 });
    await until(() => pods()?.state === 'stale');
    expect(pods()?.text).toContain('has sent nothing');
    const asked = () => server.requests.filter((path) => path === '/version').length;
    const before = asked();
    await until(() => asked() >= before + 2);
    expect(pods()?.state).toBe('stale');
  });

  it('before it says what may be watched is said', async () => {
    server.intercept = () => true;
    begin({ answerMs: 200 });
    await until(() => pods()?.text.includes('accepted the connection but did not answer'));
  });

  it('is said within ten seconds', () => {
    // It is looked at sixteen times within that time.
    expect(PATIENCE.answerMs * (1 + 1 / 16)).toBeLessThan(10_000);
  });
});

describe('a watch that stays open and brings nothing', () => {
  const stall = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
  };

  it('is not live once a list shows what it left out, until it brings something', async () => {
    server.watchList = false;
    answerPods(isPlainWatch, stall);
    begin({ quietMs: 400 });
    await until(() => pods()?.state === 'live');
    server.put('pods', healthyPod('b'));
    await until(() => pods()?.state === 'stale');
    expect(pods()?.text).toContain('a list shows changes that it left out');
    expect(told).toEqual(['a list', 'b list']);
    server.intercept = () => false;
    await until(() => server.watchers === 3);
    server.put('pods', healthyPod('c'));
    await until(() => pods()?.state === 'live');
    expect(told.at(-1)).toBe('c watch');
  });

  it('stays live where lists show that nothing happened, and the server sends no bookmarks', async () => {
    server.watchList = false;
    answerPods(isPlainWatch, stall);
    begin({ quietMs: 150 });
    const lists = () => server.requests.filter((path) => /^\/api\/v1\/pods(?!.*watch)/.test(path)).length;
    await until(() => lists() >= 4);
    const afterFirst = states.filter(({ resource }) => resource === 'pods').map(({ state }) => state);
    expect(afterFirst.slice(afterFirst.indexOf('live'))).toEqual(['live']);
  });

  it('is stale at once where the server sent bookmarks before', async () => {
    server.watchList = false;
    begin({ quietMs: 1_000 });
    await until(() => server.watchers === 3);
    server.bookmark('pods');
    await until(() => states.some(({ text }) => text.includes('has brought neither an event nor a bookmark for 1 s')));
    // The list that follows is good.
    await until(() => pods()?.state === 'live');
  });
});
