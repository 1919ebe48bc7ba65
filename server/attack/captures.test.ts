import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { buildEvidence } from '@/lib/diagnosis/build-evidence';
import { diagnose } from '@/lib/diagnosis/diagnose';
import { UnloopError } from '@/lib/domain/unloop-error';
import { failingPod } from '@/server/capture/capture-fixture';
import { readCapture } from '@/server/capture/read-capture';
import { backOffEvent, crashingPod } from '@/server/kubernetes/testing/sample-objects';
import { illTyped } from './ill-typed';
import { Probes } from './probes';

const probes = new Probes('captures');
const scratch = await mkdtemp(join(tmpdir(), 'unloop-attack-'));
afterAll(async () => {
  probes.tell();
  await rm(scratch, { recursive: true });
});

const OUTSIDE = 'what lies outside';
const CALM = failingPod('shop', 'calm');
const LOG = 'logs/shop/calm/app/previous.log';
let folders = 0;

type Content = string | Buffer | object;

/** Writes a capture with the pod `calm` and these files, beside a folder `outside` that none of it may reach. */
async function given(files: Readonly<Record<string, Content>>): Promise<string> {
  const folder = join(scratch, String(++folders), 'capture');
  await put(join(folder, '..', 'outside/app/previous.log'), OUTSIDE);
  await put(join(folder, '..', 'outside/pod.json'), { ...failingPod('shop', OUTSIDE) });
  const head = { unloopCapture: 1, cluster: 'c', capturedAt: '2026-03-01T12:00:00Z' };
  for (const [name, content] of Object.entries({ 'capture.json': head, 'objects/calm.json': CALM, ...files }))
    await put(join(folder, name), content);
  return folder;
}

async function put(file: string, content: Content): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
}

/** Reads and judges all of a capture: nothing of what lies outside is in it, and the calm pod always is. */
async function judged(folder: string) {
  const capture = await readCapture(folder);
  for (const source of capture.sources) diagnose(buildEvidence(source));
  expect(JSON.stringify(capture)).not.toContain(OUTSIDE);
  expect(capture.sources.map(({ pod }) => JSON.stringify(pod)).join()).toContain('"calm"');
  return capture;
}

const NAMES = [
  '..',
  '../..',
  '/etc',
  '../outside',
  '%2e%2e',
  '..\\outside',
  'a/../../outside',
  '.',
  '',
  '\u0000',
  '~',
  '$HOME',
];

it('names that lead elsewhere', async () => {
  for (const name of NAMES) {
    for (const field of ['namespace', 'name', 'container'] as const) {
      await probes.try(`${field} ${name}`, async () => {
        const pod = failingPod(
          field === 'namespace' ? name : 'shop',
          field === 'name' ? name : 'web',
          field === 'container' ? name : 'app',
        );
        await judged(await given({ 'objects/web.json': pod, 'logs/shop/web/app/current.log': 'x' }));
      });
    }
  }
  expect(probes.failed).toEqual([]);
});

it('links, pipes and folders in the place of files', async () => {
  const before = probes.failed.length;
  const places = [LOG, 'objects/more.json', 'objects/deep', 'logs/shop/calm', 'logs/shop/other'];
  const targets = [
    '../outside',
    '../outside/pod.json',
    '../outside/app/previous.log',
    '/etc/passwd',
    '.',
    '..',
    'nowhere',
  ];
  for (const place of places) {
    for (const target of targets) {
      await probes.try(`link ${place} to ${target}`, async () => {
        const folder = await given({});
        await mkdir(dirname(join(folder, place)), { recursive: true });
        await symlink(target.startsWith('/') ? target : join(folder, target), join(folder, place));
        await judged(folder);
      });
    }
    await probes.try(`pipe ${place}`, async () => {
      const folder = await given({});
      await mkdir(dirname(join(folder, place)), { recursive: true });
      await promisify(execFile)('mkfifo', [join(folder, place)]);
      expect((await judged(folder)).notes).toHaveLength(1);
    });
    await probes.try(`folder ${place}`, async () => {
      const folder = await given({ [`${place}/x.json/y.log`]: 'x' });
      await judged(folder);
    });
  }
  await probes.try('a link to itself', async () => {
    const folder = await given({});
    await symlink('loop.json', join(folder, 'objects/loop.json'));
    await judged(folder);
  });
  expect(probes.failed.slice(before)).toEqual([]);
});

const DEEP = 200_000;
const OBJECTS: readonly (readonly [string, Content])[] = [
  ['empty.json', ''],
  ['blank.yaml', '   \n\t\n'],
  ['half.json', '{"kind":"Pod","metadata":{"na'],
  ['text.json', 'Error from server (Forbidden): pods is forbidden'],
  ['number.json', '1e999'],
  ['null.json', 'null'],
  ['list.json', '[1,[2,[null]],"x"]'],
  ['items.json', { kind: 'List', items: [null, 1, 'x', [], {}, { kind: 7 }] }],
  ['items-of-text.json', { kind: 'List', items: 'many' }],
  ['lists-in-lists.json', { kind: 'List', items: [{ kind: 'List', items: [{ kind: 'List', items: [CALM] }] }] }],
  ['utf16.json', Buffer.from(`\ufeff${JSON.stringify(CALM)}`, 'utf16le')],
  ['bom.json', `\ufeff${JSON.stringify(CALM)}`],
  ['latin1.json', Buffer.from('{"kind":"Pod","metadata":{"name":"caf\xe9"}}', 'latin1')],
  ['bytes.json', Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 7) % 256))],
  ['gzip.json', Buffer.from('1f8b0800000000000003', 'hex')],
  ['deep.json', `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`],
  ['deep-objects.json', `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`],
  ['deep.yaml', `a: ${'['.repeat(20_000)}`],
  ['indented.yaml', Array.from({ length: 2_000 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
  ['tabs.yaml', 'kind:\tPod\n\tmetadata: {}'],
  ['anchors.yaml', 'kind: Pod\nmetadata: &a\n  name: *a'],
  ['self.yaml', '&a [*a]'],
  ['tags.yaml', 'kind: !!js/function "function () { return 1 }"\nmetadata: !!python/object:os.system {}'],
  ['merge.yaml', 'a: &a {kind: Pod}\n<<: [*a, *a, 7]\nmetadata: {name: m}'],
  ['documents.yaml', '---\n'.repeat(5_000)],
  ['duplicate-keys.yaml', 'kind: Pod\nkind: Pod\nmetadata: {name: a}\nmetadata: {name: b}'],
  [
    'prototype.json',
    '{"kind":"Pod","__proto__":{"polluted":true},"metadata":{"constructor":{"prototype":{"polluted":true}}}}',
  ],
  ['twice.json', { kind: 'List', items: [CALM, CALM, { ...CALM, metadata: { ...CALM.metadata, uid: 'other' } }] }],
  ['owner-of-itself.json', owning('ReplicaSet', 'ring', 'ring')],
  ['owners-in-a-ring.json', { kind: 'List', items: [owning('ReplicaSet', 'a', 'b'), owning('ReplicaSet', 'b', 'a')] }],
];

function owning(kind: string, name: string, owner: string) {
  const references = [{ apiVersion: 'apps/v1', kind, name: owner, uid: owner, controller: true }];
  return { kind, apiVersion: 'apps/v1', metadata: { namespace: 'shop', name, uid: name, ownerReferences: references } };
}

it('objects that are none', async () => {
  const before = probes.failed.length;
  for (const [name, content] of OBJECTS) {
    await probes.try(name, async () => {
      const { notes } = await judged(await given({ [`objects/${name}`]: content }));
      for (const note of notes) expect(note).not.toMatch(/\n\s+at |undefined|\[object/);
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
    });
    await probes.try(`${name} as the head`, async () => {
      const read = given({ 'capture.json': content }).then(judged);
      await read.catch((error: unknown) => expect(error).toBeInstanceOf(UnloopError));
    });
  }
  const ring = {
    ...CALM,
    metadata: {
      ...CALM.metadata,
      name: 'ringed',
      uid: 'ringed',
      ownerReferences: owning('ReplicaSet', '', 'a').metadata.ownerReferences,
    },
  };
  await probes.try('a pod of owners in a ring', async () => {
    const ringed = { kind: 'List', items: [ring, owning('ReplicaSet', 'a', 'b'), owning('ReplicaSet', 'b', 'a')] };
    await judged(await given({ 'objects/ring.json': ringed }));
  });
  expect(probes.failed.slice(before)).toEqual([]);
});

const LOGS: readonly (readonly [string, Content])[] = [
  ['nothing', ''],
  ['one line end', '\n'],
  ['NUL', Buffer.alloc(100_000)],
  ['UTF-16', Buffer.from('\ufeffError: x\n', 'utf16le')],
  ['half a character', Buffer.from([0x45, 0xf0, 0x9f])],
  ['bytes', Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 31) % 256))],
  ['one line of 5 MB', 'x'.repeat(5_000_000)],
  ['escape sequences', '\u001b]8;;file:///etc/passwd\u0007x\u001b]8;;\u0007\u001b[999999999A\n'.repeat(1_000)],
  ['unfinished sequences', '\u001b['.repeat(50_000)],
  ['what slows a pattern', `${'a'.repeat(30_000)}!\n${'  at '.repeat(10_000)}\n${'password='.repeat(5_000)}`],
  ['carriage returns', '10%\r20%\r'.repeat(20_000)],
  ['braces', `${'{'.repeat(50_000)}\n${'[{"a":'.repeat(10_000)}`],
];

it('logs that are none', async () => {
  const before = probes.failed.length;
  for (const [name, content] of LOGS) {
    for (const place of [LOG, LOG.replace('previous', 'current')]) {
      await probes.try(`${name} in ${place}`, async () => {
        const { sources } = await judged(await given({ [place]: content }));
        expect(sources).toHaveLength(1);
      });
    }
  }
  expect(probes.failed.slice(before)).toEqual([]);
}, 30_000);

it('pods and events of wrong types in every field', async () => {
  const before = probes.failed.length;
  const event = backOffEvent(crashingPod());
  const objects = [...illTyped({ kind: 'Pod', ...crashingPod() }), ...illTyped({ kind: 'Event', ...event })];
  // One capture for many: what is wrong with one must not keep the others from being read.
  for (let at = 0; at < objects.length; at += 40) {
    const slice = objects.slice(at, at + 40);
    const files = slice.map(([, object], n) => [`objects/o-${n}.json`, object as object] as const);
    await probes.try(`${slice[0]?.[0]} to ${slice.at(-1)?.[0]}`, async () => {
      await judged(await given(Object.fromEntries(files)));
    });
  }
  expect(probes.failed.slice(before)).toEqual([]);
}, 30_000);
