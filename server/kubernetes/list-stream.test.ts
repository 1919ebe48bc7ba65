import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import { decodePod } from './decode-pod';
import { ForeignAnswer } from './foreign-answer';
import { Interner } from './intern';
import type { KubeStream } from './kube-call';
import { type ListEnd, readList } from './list-stream';
import { PROTOBUF } from './media-type';
import { bytesField, encode, encodeList, POD } from './testing/proto-writer';
import { crashingPod, healthyPod } from './testing/sample-objects';
import { until } from './testing/until';
import { toPodSnapshot } from './to-pod-snapshot';

const intern = new Interner();
const codec = {
  fromBytes: (bytes: Buffer, start: number, end: number) => decodePod(bytes, intern, start, end),
  fromJson: (value: unknown) => toPodSnapshot(value, intern),
};
const pods = [crashingPod('a'), healthyPod('b'), crashingPod('c "quoted" {[', 'ns', 7)];
const protobuf = encodeList(
  'PodList',
  pods.map((pod) => encode(POD, { ...pod })),
  '4711',
  'next',
);
const json = Buffer.from(
  JSON.stringify({
    kind: 'PodList',
    apiVersion: 'v1',
    metadata: { resourceVersion: '4711', continue: 'next' },
    items: pods,
  }),
);

/** The beginning of a list whose one item says that it has 64 MiB. */
function hugeItem(): Buffer {
  const length = Buffer.from([0x80, 0x80, 0x80, 0x20]);
  const outer = Buffer.from([0x90, 0x80, 0x80, 0x20]);
  return Buffer.concat([Buffer.from('k8s\0'), Buffer.from([0x12]), outer, Buffer.from([0x12]), length]);
}

async function read(
  bytes: Buffer,
  chunkSize: number,
  contentType: string,
): Promise<{ names: string[]; items: PodSnapshot[]; end: ListEnd }> {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkSize) chunks.push(bytes.subarray(at, at + chunkSize));
  const items: PodSnapshot[] = [];
  const stream: KubeStream = { body: Readable.from(chunks), contentType, status: 200 };
  const end = await readList(stream, codec, (item) => items.push(item));
  return { names: items.map((item) => item.name), items, end };
}

describe.each([
  ['protobuf', protobuf, PROTOBUF],
  ['JSON', json, 'application/json'],
] as const)('a list in %s', (_, bytes, contentType) => {
  it.each([1, 2, 3, 7, 64, 1000, 1_000_000])('is read in chunks of %i bytes', async (size) => {
    const { items, end } = await read(bytes, size, contentType);
    expect(items).toEqual(pods.map((pod) => toPodSnapshot(pod, new Interner())));
    expect(end).toEqual({ resourceVersion: '4711', continueToken: 'next', broken: 0 });
  });

  it('that ends too early is an error, wherever it ends', async () => {
    for (let length = 0; length < bytes.length; length += 97) {
      await expect(read(bytes.subarray(0, length), 50, contentType)).rejects.toThrow();
    }
  });

  it('hands over each item before the next has arrived', async () => {
    const items: string[] = [];
    const half = Math.floor(bytes.length / 2);
    const body = Readable.from(
      (async function* () {
        yield bytes.subarray(0, half);
        await until(() => items.length > 0);
        yield bytes.subarray(half);
      })(),
    );
    await readList({ body, contentType, status: 200 }, codec, (item) => items.push(item.name));
    expect(items).toHaveLength(3);
  });
});

describe('odd lists', () => {
  it('are empty in either form', async () => {
    const empty = { resourceVersion: '5', continueToken: '', broken: 0 };
    expect((await read(encodeList('PodList', [], '5'), 3, PROTOBUF)).end).toEqual(empty);
    expect(
      (await read(Buffer.from('{"metadata":{"resourceVersion":"5"},"items":null}'), 3, 'application/json')).end,
    ).toEqual(empty);
    expect(
      (await read(Buffer.from(' {"items" : [ ] , "metadata":{"resourceVersion":"5"}} '), 3, 'application/json')).end,
    ).toEqual(empty);
  });

  it('leave out an object that is broken, and keep the others', async () => {
    const items = pods.map((pod) => encode(POD, { ...pod }));
    const broken = bytesField(1, Buffer.from([0x0a, 0xff]));
    const list = encodeList('PodList', [...items.slice(0, 2), broken, ...items.slice(2)], '1');
    const { names, end } = await read(list, 100, PROTOBUF);
    expect(names).toEqual(pods.map((pod) => pod.metadata.name));
    expect(end.broken).toBe(1);
  });

  it.each([
    ['HTML under another name', '<html>login</html>', PROTOBUF, 'something that is no list', '"<html>login</html>"'],
    ['a login page', '<html><title>Sign in\n</title><p>x', 'text/html', 'a page of HTML', '"Sign in"'],
    ['a page without title', '<h1>Gate\u202eway</h1>', 'text/html', 'a page of HTML', '"Gate way"'],
    ['text', 'no healthy upstream', 'text/plain', 'text/plain', '"no healthy upstream"'],
    ['another object', '{"kind":"Status"}', 'application/json', 'not a list', '"{"kind":"Status"}"'],
    ['broken JSON', '{"items":[{"a"}]}', 'application/json', 'something that is no list', '"{"items":[{"a"}]}"'],
    ['no version', '{"items":[]}', 'application/json', 'it has no resourceVersion', ''],
    ['nothing', '', 'application/json', 'an empty body', ''],
  ])('that are %s are refused, and what came is quoted', async (_, body, contentType, what, quoted) => {
    const error = await read(Buffer.from(body), 100, contentType).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ForeignAnswer);
    expect(String(error)).toContain(what);
    expect(String(error)).toContain(quoted);
  });

  it('with a long text before the items are read, and little of it is kept', async () => {
    const text = 'x'.repeat(200_000);
    const body = Buffer.from(JSON.stringify({ kind: text, metadata: { resourceVersion: '5' }, items: [] }));
    expect((await read(body, 1_000, 'application/json')).end.resourceVersion).toBe('5');
  });

  it.each([
    ['JSON', Buffer.from('{"metadata":{"resourceVersion":"5"},"items":[{"spec":"'), 'application/json'],
    ['protobuf', hugeItem(), PROTOBUF],
  ])('with an object that no etcd holds are refused before it has arrived: %s', async (_, start, contentType) => {
    let sent = 0;
    const body = Readable.from(
      (async function* () {
        yield start;
        for (; sent < 64; sent++) yield Buffer.alloc(1024 * 1024, 'x');
      })(),
    );
    await expect(readList({ body, contentType, status: 200 }, codec, () => undefined)).rejects.toThrow(
      'an object larger than 10 MiB',
    );
    expect(sent).toBeLessThan(12);
  });

  it('with an item beyond the end of the list are refused', async () => {
    const item = encode(POD, { ...pods[0] });
    const list = encodeList('PodList', [item], '1');
    const at = list.indexOf(item) - 1;
    const forged = Buffer.from(list);
    forged[at] = 0x7f;
    await expect(read(forged, 50, PROTOBUF)).rejects.toThrow();
  });
});
