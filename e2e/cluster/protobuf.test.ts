import { homedir } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadClusterTargets } from '@/server/kubernetes/cluster-targets';
import { decodeEvent } from '@/server/kubernetes/decode-event';
import { decodePod } from '@/server/kubernetes/decode-pod';
import { Interner } from '@/server/kubernetes/intern';
import { KubeClient } from '@/server/kubernetes/kube-client';
import { ACCEPT_LIST, type Codec, readList } from '@/server/kubernetes/list-stream';
import { PROTOBUF } from '@/server/kubernetes/media-type';
import { toEventSnapshot } from '@/server/kubernetes/to-event-snapshot';
import { toPodSnapshot } from '@/server/kubernetes/to-pod-snapshot';
import { ACCEPT_WATCH, readWatch } from '@/server/kubernetes/watch-stream';
import { describeOnCluster } from './test-cluster';

interface Keyed {
  readonly uid: string;
}

/** Items and version of one list. The version is what makes two lists comparable. */
async function listAs<T>(client: KubeClient, path: string, codec: Codec<T>, accept: string) {
  const stream = await client.open('GET', path, { accept });
  const items: T[] = [];
  const { resourceVersion, broken } = await readList(stream, codec, (item) => items.push(item));
  return { items, resourceVersion, broken, contentType: stream.contentType };
}

// Every pod and event in both forms, every field that is kept: this says that the field numbers are the server's own.
describeOnCluster('protobuf against JSON', ({ kubeconfig }) => {
  let client: KubeClient;
  const intern = new Interner();
  const pods = {
    fromBytes: (bytes: Buffer, start: number, end: number) => decodePod(bytes, intern, start, end),
    fromJson: (value: unknown) => toPodSnapshot(value, intern),
  };
  const events = {
    fromBytes: (bytes: Buffer, start: number, end: number) => decodeEvent(bytes, intern, start, end),
    fromJson: (value: unknown) => toEventSnapshot(value, intern),
  };

  beforeAll(() => {
    const [target] = loadClusterTargets({ kubeconfig, contexts: [], env: process.env, home: homedir() });
    if (!target) throw new Error(`no cluster in ${kubeconfig}`);
    client = new KubeClient(target);
  });
  afterAll(async () => await client.close());

  /** Lists in protobuf, then the very same version in JSON; a version that was compacted meanwhile is taken anew. */
  async function compare<T extends Keyed>(resource: string, codec: Codec<T>): Promise<number> {
    const first = await listAs(client, `/api/v1/${resource}`, codec, ACCEPT_LIST);
    expect(first.contentType).toBe(PROTOBUF);
    expect(first.broken).toBe(0);
    const exact = `/api/v1/${resource}?resourceVersion=${first.resourceVersion}&resourceVersionMatch=Exact&limit=100000`;
    const second = await listAs(client, exact, codec, 'application/json');
    expect(second.contentType).toBe('application/json');
    expect(second.items.length).toBe(first.items.length);
    const byUid = new Map(second.items.map((item) => [item.uid, item]));
    for (const item of first.items) expect(item).toEqual(byUid.get(item.uid));
    return first.items.length;
  }

  it('gives the same pods', async () => {
    expect(await compare('pods', pods)).toBeGreaterThan(0);
  });

  it('gives the same events', async () => {
    expect(await compare('events', events)).toBeGreaterThan(0);
  });

  it('gives the same pods by watch list', async () => {
    const query =
      'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=60';
    const stream = await client.open('GET', `/api/v1/pods?${query}`, { accept: ACCEPT_WATCH });
    expect(stream.contentType).toBe(PROTOBUF);
    const seen = new Map<string, unknown>();
    let version = '';
    for await (const frame of readWatch(stream, pods)) {
      expect(frame.resourceVersion).not.toBe('');
      if (frame.item) seen.set(frame.item.uid, frame.item);
      if (!frame.endsInitial) continue;
      version = frame.resourceVersion;
      break;
    }
    const exact = `/api/v1/pods?resourceVersion=${version}&resourceVersionMatch=Exact&limit=100000`;
    const listed = await listAs(client, exact, pods, 'application/json');
    expect(seen.size).toBe(listed.items.length);
    for (const pod of listed.items) expect(seen.get(pod.uid)).toEqual(pod);
  });
});
