import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Pod } from './kube-types';
import { startDemoCluster } from './start-demo-cluster';

const OPENED_AT = Date.parse('2026-11-25T12:00:00Z');
let now = OPENED_AT;
let url = '';
let stop: () => Promise<void> = async () => {};

beforeAll(async () => {
  ({ url, stop } = await startDemoCluster({ now: () => now, seed: 3 }));
}, 60_000);
afterAll(() => stop());

const StatusSchema = z.object({ kind: z.literal('Status'), code: z.number(), reason: z.string(), message: z.string() });
const ListSchema = z.object({
  kind: z.string(),
  metadata: z.object({
    resourceVersion: z.string().optional(),
    continue: z.string().optional(),
    remainingItemCount: z.number().optional(),
  }),
  items: z.array(z.looseObject({ metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }) })),
});
const FrameSchema = z.object({
  type: z.string(),
  object: z.looseObject({
    metadata: z.looseObject({ name: z.string().optional(), resourceVersion: z.string().optional() }),
  }),
});
type Frame = z.infer<typeof FrameSchema>;

async function ask(path: string, init: RequestInit = {}): Promise<{ code: number; type: string; text: string }> {
  const response = await fetch(url + path, init);
  return { code: response.status, type: response.headers.get('content-type') ?? '', text: await response.text() };
}

async function list(path: string, accept = 'application/json'): Promise<z.infer<typeof ListSchema>> {
  return ListSchema.parse(JSON.parse((await ask(path, { headers: { accept } })).text));
}

async function refusal(path: string, init: RequestInit = {}): Promise<z.infer<typeof StatusSchema>> {
  const answer = await ask(path, init);
  const status = StatusSchema.parse(JSON.parse(answer.text));
  expect(answer.code).toBe(status.code);
  return status;
}

/** Opens a watch and collects its frames; `until` resolves when one fits. */
async function watch(
  path: string,
): Promise<{ frames: Frame[]; until(test: (frame: Frame) => boolean): Promise<Frame>; close(): void }> {
  const controller = new AbortController();
  const response = await fetch(url + path, { signal: controller.signal });
  expect(response.status).toBe(200);
  const frames: Frame[] = [];
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const part of response.body ?? []) {
      const lines = (rest + decoder.decode(part, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) frames.push(FrameSchema.parse(JSON.parse(line)));
    }
  };
  read().catch((error: unknown) => {
    if (!controller.signal.aborted) throw error;
  });
  return {
    frames,
    until: async (fits) => {
      for (const end = Date.now() + 8_000; Date.now() < end; await delay(10)) {
        const found = frames.find(fits);
        if (found) return found;
      }
      throw new Error(`no such frame among ${frames.length}`);
    },
    close: () => controller.abort(),
  };
}

/** Moves the cluster's clock and lets happen what is due. */
async function pass(ms: number): Promise<void> {
  now += ms;
  await ask('/version');
}

async function podOf(namespace: string, app: string, fits: (pod: Pod) => boolean = () => true): Promise<Pod> {
  const selector = encodeURIComponent(`app.kubernetes.io/name=${app}`);
  const { items } = await list(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`);
  const pod = (items as unknown as readonly Pod[]).find(fits);
  if (!pod) throw new Error(`no pod of ${namespace}/${app}`);
  return pod;
}

const restartsOf = (pod: Pod): number => pod.status.containerStatuses?.[0]?.restartCount ?? 0;

describe('lists', () => {
  test('come in pages that together are the whole', async () => {
    const whole = await list('/api/v1/pods');
    const names: string[] = [];
    let token = '';
    do {
      const page = await list(`/api/v1/pods?limit=25${token && `&continue=${token}`}`);
      expect(page.items.length).toBeLessThanOrEqual(25);
      expect(page.metadata.resourceVersion).toBe(whole.metadata.resourceVersion);
      names.push(...page.items.map((item) => `${item.metadata.namespace}/${item.metadata.name}`));
      token = page.metadata.continue ?? '';
    } while (token !== '');
    expect(names).toEqual(whole.items.map((item) => `${item.metadata.namespace}/${item.metadata.name}`));
    expect(names.length).toBeGreaterThan(80);
  });

  test('ignore the limit at version 0', async () => {
    const page = await list('/api/v1/pods?resourceVersion=0&limit=5');
    expect(page.metadata.continue).toBeUndefined();
    expect(page.items.length).toBeGreaterThan(80);
  });

  test('answer 410 with a fresh token for a token that is too old', async () => {
    const first = await list('/api/v1/pods?limit=40');
    for (let turn = 0; turn < 20; turn += 1) await list('/api/v1/pods?limit=1');
    const answer = await ask(`/api/v1/pods?limit=40&continue=${first.metadata.continue}`);
    expect(answer.code).toBe(410);
    const body = z
      .object({ reason: z.string(), metadata: z.object({ continue: z.string() }) })
      .parse(JSON.parse(answer.text));
    expect(body.reason).toBe('Expired');
    const rest = await list(`/api/v1/pods?continue=${body.metadata.continue}`);
    expect(rest.items.length).toBeGreaterThan(40);
  });

  test('are narrowed by fields and labels', async () => {
    const onNode = await list('/api/v1/pods?fieldSelector=spec.nodeName%3Dworker-6,status.phase%3DRunning');
    expect(onNode.items.map((item) => (item.spec as { nodeName: string }).nodeName)).toEqual(
      onNode.items.map(() => 'worker-6'),
    );
    expect(onNode.items.length).toBeGreaterThan(0);
    const warnings = await list('/api/v1/events?fieldSelector=type%3DWarning,reason%3DBackOff');
    expect(new Set(warnings.items.map((item) => item.reason))).toEqual(new Set(['BackOff']));
    expect((await refusal('/api/v1/pods?fieldSelector=status.reason%3DEvicted')).message).toBe(
      'field label not supported: status.reason',
    );
  });

  test('are JSON although protobuf is asked for, and metadata only where that is asked for', async () => {
    const answer = await ask('/api/v1/nodes', { headers: { accept: 'application/vnd.kubernetes.protobuf' } });
    expect(answer.type).toBe('application/json');
    const accept =
      'application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    const partial = await list('/apis/apps/v1/replicasets', accept);
    expect(partial.kind).toBe('PartialObjectMetadataList');
    expect(Object.keys(partial.items[0] ?? {}).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
  });
});

describe('watches', () => {
  test('resume after a version without a gap, and go on live', async () => {
    const before = await list('/api/v1/namespaces/payments/pods');
    await pass(60_000);
    const opened = await watch(
      `/api/v1/namespaces/payments/pods?watch=1&resourceVersion=${before.metadata.resourceVersion}`,
    );
    await opened.until((frame) => frame.type === 'MODIFIED');
    const caughtUp = opened.frames.length;
    await pass(320_000);
    await opened.until((frame) => opened.frames.indexOf(frame) >= caughtUp);
    const versions = opened.frames.map((frame) => Number(frame.object.metadata.resourceVersion));
    expect(versions).toEqual([...versions].sort((left, right) => left - right));
    opened.close();

    // What was listed, with the changes on top, is what is there now.
    const known = new Map(before.items.map((item) => [item.metadata.name, String(item.metadata.resourceVersion)]));
    for (const { type, object } of opened.frames) {
      const name = object.metadata.name ?? '';
      if (type === 'DELETED') known.delete(name);
      else known.set(name, String(object.metadata.resourceVersion));
    }
    const after = await list('/api/v1/namespaces/payments/pods');
    expect(Object.fromEntries(known)).toEqual(
      Object.fromEntries(after.items.map((item) => [item.metadata.name, String(item.metadata.resourceVersion)])),
    );
  });

  test('send a list first where asked, closed by a marked bookmark', async () => {
    const opened = await watch(
      '/api/v1/nodes?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
    );
    const bookmark = await opened.until((frame) => frame.type === 'BOOKMARK');
    expect(bookmark.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
    expect(opened.frames.filter((frame) => frame.type === 'ADDED')).toHaveLength(7);
    opened.close();
  });

  test('end with a bookmark at their timeout', async () => {
    const { metadata } = await list('/api/v1/nodes');
    const opened = await watch(
      `/api/v1/nodes?watch=1&allowWatchBookmarks=true&timeoutSeconds=1&resourceVersion=${metadata.resourceVersion}`,
    );
    const bookmark = await opened.until((frame) => frame.type === 'BOOKMARK');
    expect(Number(bookmark.object.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(metadata.resourceVersion));
  });

  test('answer 410 for a version that is no longer kept, and 504 for one of the future', async () => {
    const opened = await watch('/api/v1/pods?watch=1&resourceVersion=5');
    const error = await opened.until((frame) => frame.type === 'ERROR');
    expect(error.object).toMatchObject({ kind: 'Status', code: 410, reason: 'Expired' });
    expect((await refusal('/api/v1/pods?watch=1&resourceVersion=99999999999999')).code).toBe(504);
  });
});

describe('refusals', () => {
  test('nobody reads Secrets, and nothing is changed', async () => {
    const status = await refusal('/api/v1/namespaces/shop/secrets');
    expect(status.code).toBe(403);
    expect(status.message).toBe(
      'secrets is forbidden: User "demo-viewer" cannot list resource "secrets" in API group "" in the namespace "shop"',
    );
    expect((await refusal('/api/v1/namespaces/shop/pods/rabbitmq-0', { method: 'DELETE' })).code).toBe(403);
  });

  test('what does not exist is not found', async () => {
    expect((await refusal('/api/v1/namespaces/shop/pods/nothing')).message).toBe('pods "nothing" not found');
    expect((await refusal('/apis/apps/v1/namespaces/shop/deployments/nothing')).message).toBe(
      'deployments.apps "nothing" not found',
    );
    expect((await refusal('/apis/metrics.k8s.io/v1beta1/pods')).code).toBe(404);
  });

  test('reviews allow what the API then does', async () => {
    const review = async (verb: string, resource: string): Promise<unknown> => {
      const body = JSON.stringify({ spec: { resourceAttributes: { verb, resource } } });
      const answer = await ask('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { method: 'POST', body });
      expect(answer.code).toBe(201);
      return z.object({ status: z.object({ allowed: z.boolean() }) }).parse(JSON.parse(answer.text)).status.allowed;
    };
    expect(await review('list', 'pods')).toBe(true);
    expect(await review('list', 'secrets')).toBe(false);
    expect(await review('patch', 'deployments')).toBe(false);
  });
});

describe('logs', () => {
  const logPath = (pod: Pod, query: string): string =>
    `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/log?${query}`;

  test('of a dead container are those of its last run, with or without `previous`', async () => {
    const isWaiting = (pod: Pod): boolean => pod.status.containerStatuses?.[0]?.state.waiting !== undefined;
    const pod = await podOf('data', 'importer', isWaiting);
    const current = await ask(logPath(pod, 'container=importer'));
    expect(current.text).toContain("ModuleNotFoundError: No module named 'pyarrow'");
    expect((await ask(logPath(pod, 'previous=true'))).text).toBe(current.text);
    expect((await ask(logPath(pod, 'tailLines=1'))).text).toBe("ModuleNotFoundError: No module named 'pyarrow'\n");
    expect((await ask(logPath(pod, 'limitBytes=10'))).text).toBe(current.text.slice(0, 10));
    const [first = ''] = (await ask(logPath(pod, 'timestamps=true'))).text.split('\n');
    expect(first).toMatch(/^2026-11-25T\d\d:\d\d:\d\d\.\d{9}Z /);
  });

  test('of a running container are its own, those before it `previous`', async () => {
    const pod = await podOf('edge', 'gateway', (one) => restartsOf(one) > 0);
    expect((await ask(logPath(pod, 'container=nginx&tailLines=1'))).text).toContain('HTTP/1.1');
    expect((await ask(logPath(pod, 'container=nginx&previous=true'))).text).toContain(
      '[emerg] invalid port in "84430"',
    );
  });

  test('of an instance that was removed are a sentence with status 200', async () => {
    const isTerminated = (pod: Pod): boolean =>
      pod.status.containerStatuses?.[0]?.state.terminated !== undefined &&
      pod.status.containerStatuses[0].lastState.terminated !== undefined;
    for (let turn = 0; turn < 60; turn += 1) {
      const { items } = await list('/api/v1/pods');
      const pod = (items as unknown as readonly Pod[]).find(isTerminated);
      if (pod) {
        const [container] = pod.status.containerStatuses ?? [];
        const answer = await ask(logPath(pod, `previous=true&container=${container?.name}`));
        expect(answer.code).toBe(200);
        expect(answer.text).toBe(
          `unable to retrieve container logs for ${container?.lastState.terminated?.containerID}`,
        );
        return;
      }
      await pass(5_000);
    }
    throw new Error('no container was seen terminated');
  });

  test('that cannot exist are refused in the words of the kubelet', async () => {
    const unpulled = await podOf('edge', 'geoip-refresh');
    const { message, code } = await refusal(logPath(unpulled, ''));
    expect(code).toBe(400);
    expect(message).toMatch(
      /^container "refresh" in pod "geoip-refresh-\S+" is waiting to start: (trying and failing to pull image|image can't be pulled)$/,
    );
    const healthy = await podOf('shop', 'accounts');
    const name = healthy.metadata.name;
    expect((await refusal(logPath(healthy, 'previous=true'))).message).toBe(
      `previous terminated container "accounts" in pod "${name}" not found`,
    );
    expect((await refusal(logPath(healthy, 'container=nothing'))).message).toBe(
      `container nothing is not valid for pod ${name}`,
    );
    const two = await podOf('shop', 'pricing', (pod) => pod.spec.containers.length === 2);
    expect((await refusal(logPath(two, ''))).message).toBe(
      `a container name must be specified for pod ${two.metadata.name}, choose one of: [pricing metrics-exporter]`,
    );
    expect((await ask(logPath(await podOf('ml', 'trainer'), ''))).code).toBe(204);
  });

  test('are followed while the container runs', async () => {
    const pod = await podOf('shop', 'accounts');
    const controller = new AbortController();
    const response = await fetch(url + logPath(pod, 'follow=true&tailLines=1'), { signal: controller.signal });
    const reader = response.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('msg=request');
    const next = reader?.read();
    await pass(20_000);
    expect(new TextDecoder().decode((await next)?.value)).toContain('msg=request');
    controller.abort();
  });
});
