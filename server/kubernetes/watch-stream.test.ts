import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import { decodePod } from './decode-pod';
import { ForeignAnswer } from './foreign-answer';
import { Interner } from './intern';
import { KubeError } from './kube-error';
import { PROTOBUF } from './media-type';
import { encode, encodeFrame, encodeStatus, POD } from './testing/proto-writer';
import { crashingPod, healthyPod } from './testing/sample-objects';
import { toPodSnapshot } from './to-pod-snapshot';
import { readWatch, type WatchFrame } from './watch-stream';

const intern = new Interner();
const codec = {
  fromBytes: (bytes: Buffer, start: number, end: number) => decodePod(bytes, intern, start, end),
  fromJson: (value: unknown) => toPodSnapshot(value, intern),
};
const pod = crashingPod();
const bookmark = { metadata: { resourceVersion: '200', annotations: { 'k8s.io/initial-events-end': 'true' } } };
const gone = { status: 'Failure', code: 410, reason: 'Expired', message: 'too old resource version: 1 (9)' };

async function read(bytes: Buffer, chunkSize: number, contentType: string): Promise<WatchFrame<PodSnapshot>[]> {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkSize) chunks.push(bytes.subarray(at, at + chunkSize));
  const frames: WatchFrame<PodSnapshot>[] = [];
  for await (const frame of readWatch({ body: Readable.from(chunks), contentType, status: 200 }, codec))
    frames.push(frame);
  return frames;
}

const protobuf = Buffer.concat([
  encodeFrame('ADDED', 'Pod', encode(POD, { ...pod })),
  encodeFrame('BOOKMARK', 'Pod', encode(POD, { ...bookmark })),
  encodeFrame('DELETED', 'Pod', encode(POD, { ...healthyPod('b') })),
]);
const lines = Buffer.from(
  [
    { type: 'ADDED', object: pod },
    { type: 'BOOKMARK', object: bookmark },
    { type: 'DELETED', object: healthyPod('b') },
  ]
    .map((frame) => `${JSON.stringify(frame)}\n`)
    .join(''),
);

describe.each([
  ['protobuf', protobuf, PROTOBUF],
  ['JSON lines', lines, 'application/json'],
] as const)('a watch in %s', (_, bytes, contentType) => {
  it.each([1, 3, 64, 1000, 1_000_000])('is read in chunks of %i bytes', async (size) => {
    const frames = await read(bytes, size, contentType);
    expect(frames).toEqual([
      { type: 'ADDED', item: toPodSnapshot(pod, new Interner()), resourceVersion: '100', endsInitial: false },
      { type: 'BOOKMARK', item: null, resourceVersion: '200', endsInitial: true },
      {
        type: 'DELETED',
        item: toPodSnapshot(healthyPod('b'), new Interner()),
        resourceVersion: '100',
        endsInitial: false,
      },
    ]);
  });

  it('that was aborted yields nothing more, not even what is buffered', async () => {
    const abort = new AbortController();
    const frames: unknown[] = [];
    const stream = { body: Readable.from([bytes]), contentType, status: 200 };
    for await (const frame of readWatch(stream, codec, abort.signal)) {
      frames.push(frame);
      abort.abort();
    }
    expect(frames).toHaveLength(1);
  });
});

describe('errors of a watch', () => {
  it.each([
    ['protobuf', encodeFrame('ERROR', 'Status', encodeStatus(gone)), PROTOBUF],
    ['JSON', Buffer.from(`${JSON.stringify({ type: 'ERROR', object: gone })}\n`), 'application/json'],
  ] as const)('name status and reason: %s', async (_, bytes, contentType) => {
    const error = await read(bytes, 10, contentType).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(KubeError);
    expect(error).toMatchObject({ status: 410, reason: 'Expired', message: gone.message });
  });

  it('refuse a frame of 3 GB without reserving it', async () => {
    await expect(read(Buffer.from([0xc0, 0, 0, 0, 1, 2, 3]), 7, PROTOBUF)).rejects.toThrow('larger than');
  });

  it.each([
    ['a page', '<html><title>Sign in</title>', 'text/html', 'a page of HTML: "Sign in"'],
    ['broken JSON', '{"type":"ADDED","obj\n', 'application/json', 'something that is no event: "{"type":"ADDED","obj"'],
    ['a line without end', '{"type":"ADDED"', 'application/json', 'the beginning of an event and no more: "{"type"'],
    ['a list', '{"kind":"PodList"}\n', 'application/json', 'something that is no event: "{"kind":"PodList"}"'],
    ['rubbish', '\0\0\0\u0003abc', PROTOBUF, 'something that is no event: "abc"'],
    ['a frame without end', '\0\0\0\u0009abc', PROTOBUF, 'the beginning of an event and no more: "abc"'],
  ])('quote what came in place of a watch: %s', async (_, body, contentType, message) => {
    const error = await read(Buffer.from(body), 5, contentType).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ForeignAnswer);
    expect(String(error)).toContain(message);
  });

  it('refuse a line of 64 MiB before it has arrived', async () => {
    let sent = 0;
    const body = Readable.from(
      (async function* () {
        for (; sent < 64; sent++) yield Buffer.alloc(1024 * 1024, 'x');
        yield Buffer.from('\n');
      })(),
    );
    const frames = readWatch({ body, contentType: 'application/json', status: 200 }, codec);
    await expect(frames.next()).rejects.toThrow('an object larger than 10 MiB');
    expect(sent).toBeLessThan(12);
  });

  it('keep the version of an object that cannot be read', async () => {
    const raw = Buffer.concat([
      encode(POD, { metadata: { resourceVersion: '77' } }),
      // A status with a length beyond its end.
      Buffer.from([0x1a, 2, 0x0a, 9]),
    ]);
    const frames = await read(encodeFrame('MODIFIED', 'Pod', raw), 5, PROTOBUF);
    expect(frames).toEqual([{ type: 'MODIFIED', item: null, resourceVersion: '77', endsInitial: false }]);
  });
});
