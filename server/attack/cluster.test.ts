import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StreamFrameSchema } from '@/lib/contract/stream';
import { LOCAL_VIEWER, sightOf } from '@/lib/domain/viewer';
import { targetFromServer } from '@/server/kubernetes/cluster-targets';
import { FakeApiServer } from '@/server/kubernetes/testing/fake-api-server';
import { backOffEvent, crashingPod, healthyPod, type SamplePod } from '@/server/kubernetes/testing/sample-objects';
import { until } from '@/server/kubernetes/testing/until';
import { rowsOf } from '@/server/loops/live-cluster';
import { ClusterPipeline } from '@/server/pipeline/cluster-pipeline';
import { openStore } from '@/server/store/open-store';
import type { Store } from '@/server/store/store';
import { illTyped } from './ill-typed';
import { Probes } from './probes';

const probes = new Probes('the cluster side');
afterAll(() => probes.tell());

let server: FakeApiServer;
let store: Store;
let pipeline: ClusterPipeline;
/** What a terminal would obey, in what was written to stderr. */
let raw: string[];
let frames: number;

beforeEach(async () => {
  server = await new FakeApiServer().start();
  server.protobuf = false;
  server.watchList = false;
  raw = [];
  frames = 0;
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    if (String(text).includes('\u001b')) raw.push(String(text));
    return true;
  });
  store = await openStore({ databaseUrl: null, dataDir: null });
  pipeline = new ClusterPipeline(targetFromServer('test', server.url), store, null);
  pipeline.hub.subscribe({
    sight: sightOf(LOCAL_VIEWER, 'test', null),
    send: (text) => {
      const data = /^data: (.*)$/m.exec(text ?? '')?.[1];
      if (!data) return;
      StreamFrameSchema.parse(JSON.parse(data));
      frames++;
    },
  });
});
afterEach(async () => {
  await pipeline.stop();
  await store.close();
  await server.stop();
  vi.restoreAllMocks();
});

const rows = () => [...rowsOf(pipeline.live)];
const rowOf = (namespace: string) => rows().find((row) => row.workload.namespace === namespace);
let n = 0;

/** Shows a pod that crashes, in a namespace of its own, and waits for its row and the record of its run. */
async function seesAnother(): Promise<void> {
  const namespace = `calm-${++n}`;
  server.put('pods', crashingPod(undefined, namespace));
  await vi.waitUntil(() => rowOf(namespace), { timeout: 5_000, interval: 10 });
  const id = rowOf(namespace)?.id ?? '';
  await vi.waitFor(async () => expect(await store.runsOfLoop('test', id)).toHaveLength(1), { timeout: 10_000 });
  expect(raw).toEqual([]);
}

it('pods and events of wrong types in every field', async () => {
  await pipeline.start();
  await until(() => pipeline.live.isSynced && server.watchers === 3);
  const pods = [...illTyped(crashingPod('odd', 'odd'))];
  const events = [...illTyped(backOffEvent(crashingPod('odd', 'odd')))];
  for (const [resource, objects] of [['pods', pods] as const, ['events', events] as const]) {
    for (let at = 0; at < objects.length; at += 8) {
      const slice = objects.slice(at, at + 8);
      await probes.try(`${resource}: ${slice[0]?.[0]} to ${slice.at(-1)?.[0]}`, async () => {
        for (const [, object] of slice) server.put(resource, withMetadata(object));
        await seesAnother();
      });
    }
  }
  expect(frames).toBeGreaterThan(0);
  expect(probes.failed).toEqual([]);
}, 60_000);

/** The object with metadata that the fake server can keep it by. */
function withMetadata(object: unknown): SamplePod {
  const { metadata } = object as SamplePod;
  const isUsable = typeof metadata === 'object' && metadata !== null;
  return { ...(object as SamplePod), metadata: isUsable ? metadata : { uid: `u-${++n}`, name: '', namespace: '' } };
}

const ODD_NAMES = [
  '\u001b[2J\u001b]0;owned\u0007',
  '../../etc',
  '\0',
  '\ud800',
  '\u202egnp',
  '<script>',
  '__proto__',
  'a/b/c/d',
  '%2f',
  'x'.repeat(5_000),
  '',
];
const ODD_COUNTS = [-1, 2 ** 31, 2 ** 53, 1e300, -1e300, 0.5];
const ODD_TIMES = [
  '2999-01-01T00:00:00Z',
  '0001-01-01T00:00:00Z',
  '+275760-09-13T00:00:00Z',
  '-000001-01-01T00:00:00Z',
  'yesterday',
  '2026-02-30T25:61:61Z',
];

it('names, counts and clocks', async () => {
  const before = probes.failed.length;
  await pipeline.start();
  await until(() => pipeline.live.isSynced && server.watchers === 3);
  const odd: (readonly [string, SamplePod])[] = [
    ...ODD_NAMES.flatMap((name): [string, SamplePod][] => [
      [`name ${name}`, crashingPod(name, 'odd')],
      [`namespace ${name}`, crashingPod('odd', name)],
      [
        `container ${name}`,
        altered(crashingPod(`c-${++n}`, 'odd'), (text) => text.replaceAll('"app"', JSON.stringify(name))),
      ],
    ]),
    ...ODD_COUNTS.flatMap((count): [string, SamplePod][] => [
      [`restarts ${count}`, crashingPod(`r-${++n}`, 'odd', count)],
      [
        `exit code ${count}`,
        altered(crashingPod(`e-${++n}`, 'odd'), (text) => text.replaceAll('-532462766', String(count))),
      ],
    ]),
    ...ODD_TIMES.map((time): [string, SamplePod] => [
      `time ${time}`,
      altered(crashingPod(`t-${++n}`, 'odd'), (text) => text.replaceAll(/2026-11-25T[0-9:]+Z/g, time)),
    ]),
  ];
  for (const [name, pod] of odd) {
    await probes.try(name, async () => {
      server.put('pods', pod);
      server.put('events', backOffEvent(pod, `ev-${++n}`, 2 ** 40));
      await seesAnother();
    });
  }
  expect(probes.failed.slice(before)).toEqual([]);
}, 60_000);

function altered(pod: SamplePod, change: (text: string) => string): SamplePod {
  return JSON.parse(change(JSON.stringify(pod))) as SamplePod;
}

const ANSWERS: readonly (readonly [string, (response: ServerResponse) => unknown])[] = [
  ['nothing', (response) => response.end()],
  ['a cut connection', (response) => response.destroy()],
  ['500', (response) => response.writeHead(500).end('\u001b[31mred')],
  ['302', (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
  ['204', (response) => response.writeHead(204).end()],
  ['418', (response) => response.writeHead(418).end('{}')],
  ['429 of a year', (response) => response.writeHead(429, { 'retry-after': '0' }).end()],
  ['null', (response) => response.end('null')],
  ['a number', (response) => response.end('7')],
  [
    'HTML',
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<title>\u001b]0;x\u0007</title>'),
  ],
  ['half a list', (response) => response.end('{"items":[{"metadata":{"na')],
  ['items of null', (response) => response.end('{"metadata":{},"items":[null,1,"x",[]]}x')],
  ['deep JSON', (response) => response.end('['.repeat(100_000))],
  ['broken UTF-8', (response) => response.end(Buffer.from([0x7b, 0xff, 0xfe, 0x22]))],
  ['wrong length', (response) => response.writeHead(200, { 'content-length': '1000' }).destroy()],
  ['gzip that is none', (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x')],
];

it('answers that are none, then one that is', async () => {
  const before = probes.failed.length;
  server.put('pods', healthyPod('calm'));
  for (const [name, answer] of ANSWERS) {
    await probes.try(`list answered with ${name}`, async () => {
      const again = new ClusterPipeline(targetFromServer('test', server.url), store, null);
      let isAsked = false;
      server.intercept = (_request, response, url) => {
        if (isAsked || !url.pathname.endsWith('/pods')) return false;
        isAsked = true;
        answer(response);
        return true;
      };
      try {
        await again.start();
        await until(() => isAsked && again.live.isSynced);
        expect(raw).toEqual([]);
      } finally {
        await again.stop();
      }
    });
  }
  expect(probes.failed.slice(before)).toEqual([]);
}, 60_000);
