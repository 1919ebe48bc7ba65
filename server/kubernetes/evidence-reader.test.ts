import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import { targetFromServer } from './cluster-targets';
import { EvidenceReader, guessWorkload } from './evidence-reader';
import { Interner } from './intern';
import { KubeClient } from './kube-client';
import { FakeApiServer, sendJson, sendStatus } from './testing/fake-api-server';
import { backOffEvent, crashingPod } from './testing/sample-objects';
import { toPodSnapshot } from './to-pod-snapshot';

let server: FakeApiServer;
let client: KubeClient;
let reader: EvidenceReader;
/** Answers by path without query; anything else is 404. */
let answers: Record<string, unknown>;
let refused: RegExp | null;

beforeEach(async () => {
  server = await new FakeApiServer().start();
  client = new KubeClient(targetFromServer('test', server.url));
  reader = new EvidenceReader(client);
  answers = {};
  refused = null;
  server.intercept = (_request, response, url) => {
    if (refused?.test(url.pathname)) sendStatus(response, 403, 'Forbidden', 'forbidden');
    else if (url.pathname in answers) sendJson(response, 200, answers[url.pathname]);
    else if (url.pathname.endsWith('/events')) return false;
    else sendStatus(response, 404, 'NotFound', 'not found');
    return true;
  };
});
afterEach(async () => {
  await client.close();
  await server.stop();
});

const pod = (owner: Record<string, unknown> | null, hash = ''): PodSnapshot =>
  toPodSnapshot(
    {
      metadata: {
        name: 'pod-1',
        namespace: 'shop',
        labels: hash ? { 'pod-template-hash': hash } : {},
        ownerReferences: owner ? [{ apiVersion: 'v1', uid: 'u-1', controller: true, ...owner }] : [],
      },
    },
    new Interner(),
  );
const rs = pod({ kind: 'ReplicaSet', name: 'web-abc12' }, 'abc12');

describe('the workload of a pod', () => {
  it.each([
    [pod(null), 'Pod', 'pod-1'],
    [pod({ kind: 'Node', name: 'node-1' }), 'Pod', 'pod-1'],
    [rs, 'Deployment', 'web'],
    [pod({ kind: 'ReplicaSet', name: 'lone' }), 'ReplicaSet', 'lone'],
    [pod({ kind: 'StatefulSet', name: 'db' }), 'StatefulSet', 'db'],
    [pod({ kind: 'Job', name: 'report-29927028' }), 'CronJob', 'report'],
    [pod({ kind: 'Job', name: 'migrate-42' }), 'Job', 'migrate-42'],
    [pod({ kind: 'Game', name: 'arena' }), 'Game', 'arena'],
  ])('is guessed from the pod alone: $1 $2', (snapshot, kind, name) => {
    expect(guessWorkload(snapshot)).toEqual({ kind, namespace: 'shop', name });
  });

  it('is the owner of its owner, asked for once', async () => {
    answers['/apis/apps/v1/namespaces/shop/replicasets/web-abc12'] = {
      metadata: { ownerReferences: [{ kind: 'Rollout', name: 'web-rollout', uid: 'r', controller: true }] },
    };
    const expected = { kind: 'Rollout', namespace: 'shop', name: 'web-rollout' };
    expect(await Promise.all([reader.resolveWorkload(rs), reader.resolveWorkload(rs)])).toEqual([expected, expected]);
    expect(server.requests).toHaveLength(1);
  });

  it('is the ReplicaSet itself where nothing owns it, although its name looks otherwise', async () => {
    answers['/apis/apps/v1/namespaces/shop/replicasets/web-abc12'] = { metadata: {} };
    expect(await reader.resolveWorkload(rs)).toEqual({ kind: 'ReplicaSet', namespace: 'shop', name: 'web-abc12' });
  });

  it('is the guess where the owner may not be read, and asked for again later', async () => {
    refused = /replicasets/;
    expect(await reader.resolveWorkload(rs)).toEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' });
    refused = null;
    answers['/apis/apps/v1/namespaces/shop/replicasets/web-abc12'] = { metadata: {} };
    expect((await reader.resolveWorkload(rs)).kind).toBe('ReplicaSet');
  });
});

describe('parts of evidence', () => {
  it('come without managedFields', async () => {
    answers['/api/v1/namespaces/shop/pods/web'] = { metadata: { name: 'web', managedFields: [{}] }, spec: {} };
    expect(await reader.pod('shop', 'web')).toEqual({ value: { metadata: { name: 'web' }, spec: {} } });
  });

  it('say what is missing and why', async () => {
    refused = /nodes/;
    expect(await reader.node('node-1')).toEqual({ missing: 'node node-1: not permitted, grant get on nodes' });
    expect(await reader.pod('shop', 'web')).toEqual({ missing: 'pod web does not exist (any more)' });
    expect(await reader.owner({ kind: 'Rollout', namespace: 'shop', name: 'x' })).toEqual({
      missing: 'Rollout x: owners of this kind are not read',
    });
    await server.stop();
    expect(await reader.pod('shop', 'web')).toEqual({ missing: `pod web: Nothing listens at ${server.url}` });
  });

  it('that loops share are asked for once', async () => {
    answers['/api/v1/nodes/node-1'] = {
      metadata: { name: 'node-1' },
      status: { images: [{}], nodeInfo: { architecture: 'amd64' } },
    };
    for (let n = 0; n < 20; n++) {
      expect(await reader.node('node-1')).toEqual({
        value: { metadata: { name: 'node-1' }, status: { nodeInfo: { architecture: 'amd64' } } },
      });
    }
    expect(server.requests).toHaveLength(1);
  });

  it('are the revisions that the workload itself owns', async () => {
    const owned = (uid: string) => ({ metadata: { name: uid, ownerReferences: [{ uid, controller: true }] } });
    const items = [owned('d-1'), owned('other')];
    answers['/apis/apps/v1/namespaces/shop/replicasets'] = { kind: 'ReplicaSetList', apiVersion: 'apps/v1', items };
    const owner = {
      metadata: { uid: 'd-1' },
      spec: {
        selector: {
          matchLabels: { app: 'web' },
          matchExpressions: [{ key: 'tier', operator: 'In', values: ['a', 'b'] }],
        },
      },
    };
    const part = await reader.revisions({ kind: 'Deployment', namespace: 'shop', name: 'web' }, owner);
    expect(part).toEqual({ value: [{ kind: 'ReplicaSet', apiVersion: 'apps/v1', ...owned('d-1') }] });
    expect(decodeURIComponent(server.requests[0] ?? '')).toContain('labelSelector=app=web,tier in (a,b)');
    expect(await reader.revisions({ kind: 'Job', namespace: 'shop', name: 'j' }, {})).toEqual({
      missing: 'a Job keeps no revisions',
    });
  });

  it('are the ConfigMaps that exist, or nothing where one may not be read', async () => {
    answers['/api/v1/namespaces/shop/configmaps/a'] = { metadata: { name: 'a' }, data: { k: 'v' } };
    expect(await reader.configMaps('shop', ['a', 'gone', 'a'])).toEqual({
      value: [{ kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'v' } }],
    });
    refused = /configmaps\/gone/;
    expect(await reader.configMaps('shop', ['a', 'gone'])).toEqual({
      missing: 'ConfigMap gone: not permitted, grant get on configmaps',
    });
    expect(await reader.configMaps('shop', [])).toEqual({ value: [] });
  });

  it('are services with the number of their ready addresses', async () => {
    const slice = (endpoints: unknown[]) => ({
      metadata: { labels: { 'kubernetes.io/service-name': 'db' } },
      endpoints,
    });
    answers['/api/v1/namespaces/shop/services'] = {
      items: [{ metadata: { name: 'db' } }, { metadata: { name: 'none' } }],
    };
    answers['/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices'] = {
      items: [
        slice([
          { addresses: ['10.0.0.1'], conditions: { ready: true } },
          { addresses: ['10.0.0.2'], conditions: { ready: false } },
        ]),
        slice([{ addresses: ['10.0.0.1', '10.0.0.3'] }]),
      ],
    };
    expect(await reader.services('shop')).toEqual({
      value: [
        { metadata: { name: 'db' }, readyEndpoints: 2 },
        { metadata: { name: 'none' }, readyEndpoints: 0 },
      ],
    });
  });

  it('are services alone where endpoints may not be listed', async () => {
    refused = /endpointslices/;
    answers['/api/v1/namespaces/shop/services'] = { items: [{ metadata: { name: 'db' } }] };
    expect(await reader.services('shop')).toEqual({ value: [{ metadata: { name: 'db' } }] });
  });

  it('are the events about an object by its UID', async () => {
    server.put('events', backOffEvent(crashingPod()));
    const part = await reader.events('shop', ['uid-1', 'uid-1']);
    expect('value' in part && part.value.map((event) => event.reason)).toEqual(['BackOff']);
    expect(decodeURIComponent(server.requests[0] ?? '')).toContain('fieldSelector=involvedObject.uid=uid-1&limit=200');
    expect(server.requests).toHaveLength(1);
  });

  it('never include a Secret', async () => {
    expect(Object.getOwnPropertyNames(EvidenceReader.prototype).filter((name) => /secret/i.test(name))).toEqual([]);
  });
});
