import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { dump } from 'js-yaml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failingPod } from './capture-fixture';
import { readCapture } from './read-capture';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unloop-owners-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(path: string, content: unknown): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
}

/** Which text each container got: `namespace/pod/container current|previous: text`. */
async function given(): Promise<{ logs: string[]; notes: readonly string[] }> {
  const { sources, notes } = await readCapture(folder);
  const logs = sources.flatMap(({ workload, pod, container, currentLog, previousLog }) => {
    const name = (pod.metadata as { name: string }).name;
    return Object.entries({ current: currentLog, previous: previousLog }).flatMap(([which, log]) =>
      'value' in log ? [`${workload.namespace}/${name}/${container} ${which}: ${log.value.head}`] : [],
    );
  });
  return { logs: logs.toSorted(), notes };
}

describe('a log is given to the one container that it names', () => {
  const DB = { kind: 'List', items: [failingPod('alpha', 'db-0'), failingPod('beta', 'db-0')] };

  test('and to no pod of the same name in another namespace', async () => {
    await put('pods.json', DB);
    await put('alpha/db-0.log', 'of alpha');
    expect((await given()).logs).toEqual(['alpha/db-0/app current: of alpha']);
  });

  test('and to none where the namespace is not said', async () => {
    await put('pods.json', DB);
    await put('db-0.log', 'whose?');
    const { logs, notes } = await given();
    expect(logs).toEqual([]);
    expect(notes).toEqual([expect.stringContaining('db-0.log: left out, it may be the log of more than one')]);
  });

  test('and to none where a folder names a place that is not in the capture', async () => {
    await put('pods.json', failingPod('alpha', 'db-0'));
    await put('beta/db-0.log', 'of beta');
    const { logs, notes } = await given();
    expect(logs).toEqual([]);
    expect(notes).toEqual([expect.stringContaining('names no container')]);
  });

  test.each([
    ['web-10.log', []],
    ['web-1.log', ['shop/web-1/app current: text']],
    ['web-1-previous.log', ['shop/web-1/app previous: text']],
    ['web-1_app.log', ['shop/web-1/app current: text']],
    ['shop/web-1/app.log', ['shop/web-1/app current: text']],
    ['logs/web-1/app/previous.log', ['shop/web-1/app previous: text']],
    ['shop-web-1-app.previous.log', ['shop/web-1/app previous: text']],
  ])('by the whole of its name: %s', async (name, logs) => {
    await put('pods.json', failingPod('shop', 'web-1'));
    await put(name, 'text');
    expect((await given()).logs).toEqual(logs);
  });

  test('and to none where the pod has several and none is named', async () => {
    await put('pods.json', failingPod('shop', 'web-1', 'app', 'proxy'));
    await put('web-1.log', 'whose?');
    expect((await given()).logs).toEqual([]);
  });

  test('of a must-gather, whose pods stand in it twice', async () => {
    const pod = failingPod('shop', 'web-1');
    await put('mg/namespaces/shop/core/pods.yaml', dump({ kind: 'PodList', apiVersion: 'v1', items: [pod] }));
    await put('mg/namespaces/shop/pods/web-1/web-1.yaml', dump(pod));
    const place = 'mg/namespaces/shop/pods/web-1/app/app/logs';
    await put(`${place}/previous.insecure.log`, '');
    await put(`${place}/previous.log`, 'the real one');
    await put(`${place}/current.insecure.log`, 'read without a check');
    await put(`${place}/current.log`, '');
    await put('mg/namespaces/other/pods/web-1/app/app/logs/previous.log', 'of another namespace');
    const { logs } = await given();
    expect(logs).toEqual(['shop/web-1/app current: read without a check', 'shop/web-1/app previous: the real one']);
  });

  test('of a troubleshoot bundle', async () => {
    const pods = [failingPod('shop', 'web-1'), failingPod('shop', 'web-2', 'app', 'app-previous')];
    await put('cluster-resources/pods/shop.json', { kind: 'PodList', items: pods });
    await put('cluster-resources/pods/logs/shop/web-1/app.log', 'living');
    await put('cluster-resources/pods/logs/shop/web-1/app-previous.log', 'dead');
    await put('cluster-resources/pods/logs/shop/web-2/app-previous.log', 'whose?');
    expect((await given()).logs).toEqual(['shop/web-1/app current: living', 'shop/web-1/app previous: dead']);
  });
});

describe('a workload that may make no pod', () => {
  const SET = {
    kind: 'DaemonSet',
    metadata: { namespace: 'shop', name: 'agent', uid: 'ds', creationTimestamp: '2026-03-01T11:00:00Z' },
    spec: { template: { spec: { containers: [{ name: 'agent', image: 'agent:1' }] } } },
  };
  const REFUSAL = {
    kind: 'Event',
    metadata: { namespace: 'shop', name: 'e' },
    involvedObject: { kind: 'DaemonSet', namespace: 'shop', name: 'agent', uid: 'ds' },
    type: 'Warning',
    reason: 'FailedCreate',
    message: 'Error creating: pods "agent-x" is forbidden: exceeded quota: small',
    lastTimestamp: '2026-03-01T11:58:00Z',
  };

  test('is judged by the refusal', async () => {
    await put('all.json', { kind: 'List', items: [SET, REFUSAL] });
    const { sources } = await readCapture(folder);
    expect(sources.map(({ workload, container }) => `${workload.kind}/${workload.name}/${container}`)).toEqual([
      'DaemonSet/agent/agent',
    ]);
  });

  test('is judged no more once it has a pod', async () => {
    const owner = { kind: 'DaemonSet', name: 'agent', uid: 'ds', controller: true };
    const pod = failingPod('shop', 'agent-1');
    const owned = { ...pod, metadata: { ...pod.metadata, ownerReferences: [owner] } };
    await put('all.json', { kind: 'List', items: [SET, REFUSAL, owned] });
    const { sources } = await readCapture(folder);
    expect(sources.map(({ pod: one }) => one)).toEqual([owned]);
  });
});

test('files that are no Kubernetes objects stop nothing', async () => {
  await put('pods.json', failingPod('shop', 'web-1'));
  await put('package.json', { name: 'x' });
  await put('broken.json', '{');
  const { sources, notes } = await readCapture(folder);
  expect(sources).toHaveLength(1);
  expect(notes).toEqual([
    expect.stringMatching(/^broken.json: left out, no JSON/),
    expect.stringMatching(/^package.json: left out, no Kubernetes object/),
  ]);
});
