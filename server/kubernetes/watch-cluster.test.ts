import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';
import type { WatchState } from '@/lib/domain/watch-state';
import { targetFromServer } from './cluster-targets';
import { KubeClient } from './kube-client';
import { FakeApiServer, sendStatus } from './testing/fake-api-server';
import { backOffEvent, crashingPod, healthyPod } from './testing/sample-objects';
import { until } from './testing/until';
import { watchCluster } from './watch-cluster';
import type { ClusterWatch } from './watch-cluster.types';

interface Seen {
  readonly pods: { before: string | undefined; after: string | undefined; origin: string }[];
  readonly events: EventSnapshot[];
  readonly states: WatchState[];
  readonly synced: string[];
  readonly versions: string[];
}

vi.setConfig({ testTimeout: 30_000 });

let server: FakeApiServer;
let watch: ClusterWatch | null;
let seen: Seen;

beforeEach(async () => {
  server = await new FakeApiServer().start();
  seen = { pods: [], events: [], states: [], synced: [], versions: [] };
  watch = null;
});

afterEach(async () => {
  await watch?.stop();
  await server.stop();
});

const nameOf = (pod: PodSnapshot | undefined) => pod && `${pod.name}:${pod.app[0]?.restartCount}`;

function begin(namespaces: readonly string[] | null = null, onPod?: () => void): void {
  watch = watchCluster(
    new KubeClient(targetFromServer('test', server.url)),
    { namespaces },
    {
      onPod: (before, after, origin) => {
        seen.pods.push({ before: nameOf(before), after: nameOf(after), origin });
        onPod?.();
      },
      onEvent: (event) => seen.events.push(event),
      onSynced: (namespace) => seen.synced.push(namespace),
      onState: (state) => seen.states.push(state),
      onVersion: (version) => seen.versions.push(version),
    },
  );
}

const stateOf = (resource: string, namespace = '*') =>
  watch?.states().find((state) => state.resource === resource && state.namespace === namespace);
const live = async () => await until(() => stateOf('pods')?.state === 'live' && stateOf('events')?.state === 'live');
const names = () => [...(watch?.pods.values() ?? [])].map((pod) => pod.name).sort();

describe.each([
  ['protobuf with watch list', true, true],
  ['protobuf with list', true, false],
  ['JSON with watch list', false, true],
  ['JSON with list', false, false],
])('%s', (_, protobuf, watchList) => {
  beforeEach(() => {
    server.protobuf = protobuf;
    server.watchList = watchList;
    server.put('pods', crashingPod('a'));
    server.put('pods', healthyPod('b'));
    server.put('events', backOffEvent(crashingPod('a')));
  });

  it('hands over what exists, then every change, and says that it is live', async () => {
    begin();
    await live();
    expect(seen.pods).toEqual([
      { before: undefined, after: 'a:3', origin: 'list' },
      { before: undefined, after: 'b:0', origin: 'list' },
    ]);
    expect(seen.synced).toEqual(['*']);
    expect(seen.events.map((event) => event.reason)).toEqual(['BackOff']);
    await until(() => seen.versions[0] === 'v1.34.4');

    await until(() => server.watchers === 3);
    server.put('pods', crashingPod('a', 'shop', 4));
    server.put('pods', healthyPod('c'));
    server.remove('pods', 'uid-shop-b');
    server.put('events', backOffEvent(crashingPod('a'), 'e-1', 5));
    await until(() => seen.pods.length === 5);
    expect(seen.pods.slice(2)).toEqual([
      { before: 'a:3', after: 'a:4', origin: 'watch' },
      { before: undefined, after: 'c:0', origin: 'watch' },
      { before: 'b:0', after: undefined, origin: 'watch' },
    ]);
    await until(() => seen.events.some((event) => event.count === 5));
    expect(names()).toEqual(['a', 'c']);
  });

  it('is silent about a change that the projection does not show', async () => {
    begin();
    await live();
    await until(() => server.watchers === 3);
    const pod = crashingPod('a');
    server.put('pods', { ...pod, metadata: { ...pod.metadata, annotations: { note: 'other' } } });
    server.put('pods', healthyPod('last'));
    await until(() => names().includes('last'));
    expect(seen.pods.map((each) => each.after)).toEqual(['a:3', 'b:0', 'last:0']);
  });

  it('resumes where a watch was cut, without a new list', async () => {
    begin();
    await live();
    await until(() => server.watchers === 3);
    const lists = server.requests.filter((path) => !/resourceVersion=\d\d|version$|reviews$/.test(path)).length;
    server.cutWatches();
    await until(() => server.watchers === 3);
    server.put('pods', healthyPod('after'));
    await until(() => names().includes('after'));
    expect(server.requests.filter((path) => !/resourceVersion=\d\d|version$|reviews$/.test(path))).toHaveLength(lists);
    expect(seen.pods.filter((each) => each.after === 'a:3')).toHaveLength(1);
    expect(seen.synced).toEqual(['*']);
  });

  it('lists again on 410 and reports what came and went meanwhile, once', async () => {
    begin();
    await live();
    await until(() => server.watchers === 3);
    const watchers = server.watchers;
    expect(watchers).toBe(3);
    // What happens between the end of the watches and their return is only seen by the new list.
    server.oldestVersion = server.version + 100;
    server.endWatches();
    server.remove('pods', 'uid-shop-b');
    server.put('pods', healthyPod('c'));
    server.put('pods', crashingPod('a', 'shop', 9));
    server.version += 200;
    await until(() => seen.synced.length === 2);
    expect(seen.pods.slice(2)).toHaveLength(3);
    expect(seen.pods.slice(2)).toEqual(
      expect.arrayContaining([
        { before: 'a:3', after: 'a:9', origin: 'list' },
        { before: undefined, after: 'c:0', origin: 'list' },
        { before: 'b:0', after: undefined, origin: 'list' },
      ]),
    );
    expect(names()).toEqual(['a', 'c']);
    expect(seen.events).toHaveLength(1);
  });
});

describe('failures', () => {
  it('says at once that a killed server is gone, and is right again soon after its return', async () => {
    server.put('pods', crashingPod('a'));
    begin();
    await live();
    await server.stop();
    const killed = Date.now();
    await until(() => stateOf('pods')?.state === 'stale');
    expect(Date.now() - killed).toBeLessThan(2_000);
    expect(names()).toEqual(['a']);
    await until(() => (stateOf('pods')?.attempt ?? 0) >= 3);
    expect(stateOf('pods')?.text).toMatch(/^Nothing listens at http:.*Is the API server running/);
    server.put('pods', healthyPod('b'));
    server.oldestVersion = server.version + 1;
    await server.start();
    const back = Date.now();
    await live();
    expect(names()).toEqual(['a', 'b']);
    expect(Date.now() - back).toBeLessThan(5_000);
  });

  it('notices a server that accepts connections and never answers', async () => {
    begin();
    await live();
    server.intercept = () => true;
    const hung = Date.now();
    await until(() => stateOf('pods')?.state === 'stale');
    expect(Date.now() - hung).toBeLessThan(6_000);
    expect(stateOf('pods')?.text).toContain('has not answered');
    server.intercept = () => false;
    await until(() => stateOf('pods')?.state === 'live');
  });

  it('names what is forbidden and the remedy, and does not hammer', async () => {
    server.intercept = (_request, response, url) => {
      if (!url.pathname.endsWith('/events')) return false;
      sendStatus(response, 403, 'Forbidden', 'events is forbidden: User "eve" cannot list resource "events"');
      return true;
    };
    begin();
    await until(() => stateOf('pods')?.state === 'live' && stateOf('events')?.state === 'forbidden');
    expect(stateOf('events')?.text).toMatch(/User "eve" cannot list.*Grant the verbs list and watch on events/);
    const asked = server.requests.filter((path) => path.startsWith('/api/v1/events')).length;
    server.put('pods', healthyPod('b'));
    await until(() => names().includes('b'));
    expect(server.requests.filter((path) => path.startsWith('/api/v1/events'))).toHaveLength(asked);
  });

  it('watches the permitted namespaces where the cluster as a whole is not permitted', async () => {
    server.put('pods', healthyPod('mine', 'mine'));
    server.put('pods', healthyPod('theirs', 'theirs'));
    server.mayI = (_verb, _resource, namespace) => namespace === 'mine';
    begin();
    await until(() => stateOf('pods', 'mine')?.state === 'live');
    expect(names()).toEqual(['mine']);
    expect(stateOf('pods')).toMatchObject({ state: 'forbidden' });
    expect(stateOf('pods')?.text).toContain('watched: mine');
    expect(server.requests.some((path) => path.startsWith('/api/v1/pods'))).toBe(false);
  });

  it('watches the namespaces it was given, and asks for no review', async () => {
    server.put('pods', healthyPod('one', 'one'));
    begin(['one', 'two']);
    await until(() => stateOf('pods', 'two')?.state === 'live' && stateOf('pods', 'one')?.state === 'live');
    expect(server.requests.some((path) => path.includes('reviews'))).toBe(false);
    expect(seen.synced.sort()).toEqual(['one', 'two']);
    expect(stateOf('pods')).toBeUndefined();
  });

  it('says which of the namespaces it was given does not exist, and watches it for when it is made', async () => {
    server.absentNamespaces.add('tpyo');
    begin(['one', 'tpyo']);
    await until(() => stateOf('pods', 'one')?.state === 'live' && stateOf('pods', 'tpyo')?.state === 'live');
    expect(stateOf('pods')?.text).toContain('Namespace tpyo does not exist in this cluster.');
    server.put('pods', healthyPod('late', 'tpyo'));
    await until(() => names().includes('late'));
  });

  it('asks for JSON where the protobuf cannot be read', async () => {
    server.put('pods', healthyPod('a'));
    server.intercept = (request, response, url) => {
      if (!url.pathname.endsWith('/pods') || !(request.headers.accept ?? '').includes('protobuf')) return false;
      response.writeHead(200, { 'content-type': 'application/vnd.kubernetes.protobuf' });
      response.end(Buffer.from([0, 0, 0, 3, 9, 9, 9]));
      return true;
    };
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    begin();
    await until(() => names().includes('a'));
    stderr.mockRestore();
  });

  it('goes on when a handler throws', async () => {
    server.put('pods', healthyPod('a'));
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    begin(null, () => {
      throw new Error('a bug downstream');
    });
    await live();
    await until(() => server.watchers === 3);
    server.put('pods', healthyPod('b'));
    await until(() => seen.pods.length === 2);
    expect(stderr.mock.calls.flat().join('')).toContain('a bug downstream');
    stderr.mockRestore();
  });

  it('reads a list that trickles in byte by byte', async () => {
    server.watchList = false;
    server.chunkSize = 1;
    server.put('pods', crashingPod('a'));
    begin();
    await live();
    expect(names()).toEqual(['a']);
  });

  it('says why a cluster that never answered cannot be watched', async () => {
    await server.stop();
    begin();
    await until(() => (stateOf('pods')?.attempt ?? 0) > 0);
    expect(stateOf('pods')).toMatchObject({ state: 'connecting', lastHeardAt: null });
    const next = stateOf('pods')?.nextTryAt ?? 0;
    expect(next).toBeGreaterThan(Date.now() - 1_000);
    expect(next).toBeLessThan(Date.now() + 4_000);
    expect(stateOf('pods')?.text).toContain('Nothing listens at');
    server.put('pods', healthyPod('a'));
    await server.start();
    await live();
    expect(names()).toEqual(['a']);
  });
});
