import { ByteQueue } from './byte-queue';
import { readMapValue } from './decode-pod';
import { ForeignAnswer, quote, refuseForeign } from './foreign-answer';
import { asInt, asRecord, asText } from './json-field';
import type { KubeStream } from './kube-call';
import { KubeError } from './kube-error';
import type { Codec } from './list-stream';
import { PROTOBUF } from './media-type';
import { OBJECT_BYTES_MAX, TOO_LARGE } from './object-size';
import { decodeStatus } from './read-status';
import { turns } from './turn';
import { unwrapObject, WireError, WireReader } from './wire';

/** One frame of a watch. `item` is null for bookmarks and for objects that could not be read. */
export interface WatchFrame<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly item: T | null;
  /** Version to resume from; empty where it could not be read. */
  readonly resourceVersion: string;
  /** True for the bookmark that ends the initial events of a watch list. */
  readonly endsInitial: boolean;
}

/** Watches in protobuf where the server has it, else in JSON lines. */
export const ACCEPT_WATCH = `${PROTOBUF};stream=watch,application/json;stream=watch,application/json`;
const INITIAL_END = 'k8s.io/initial-events-end';
const NEWLINE = 10;

/**
 * Yields the frames of a watch until the server ends it. Throws KubeError for an ERROR frame (410 among them), ForeignAnswer where
 * what comes is no watch, ends within its first frame, or holds an object that is too large; its cause is a WireError or SyntaxError.
 */
export async function* readWatch<T>(
  stream: KubeStream,
  codec: Codec<T>,
  signal?: AbortSignal,
): AsyncGenerator<WatchFrame<T>> {
  await refuseForeign(stream);
  const cut = stream.contentType === PROTOBUF ? cutFrame : cutLine;
  const read = stream.contentType === PROTOBUF ? readFrame : readLine;
  const queue = new ByteQueue();
  const turn = turns();
  let hasFrames = false;
  for await (const chunk of stream.body) {
    queue.push(chunk);
    let bytes: Buffer | null = null;
    try {
      for (bytes = cut(queue, chunk); bytes; bytes = cut(queue, chunk)) {
        // Frames that were buffered already would still come after an abort.
        if (signal?.aborted) return;
        if (bytes.length === 0) continue;
        const frame = read(bytes, codec);
        hasFrames = true;
        yield frame;
      }
    } catch (cause) {
      throw foreign(cause, bytes ?? startOf(queue));
    }
    await turn();
  }
  // A server that goes away may end a watch within a frame; one that never sent a whole one is none.
  if (!hasFrames && queue.length > 0 && !signal?.aborted) {
    throw new ForeignAnswer(`the beginning of an event and no more: ${quote(startOf(queue))}`);
  }
}

function startOf(queue: ByteQueue): Buffer {
  return queue.peek(Math.min(queue.length, 500)) ?? Buffer.alloc(0);
}

/** Bytes that are no watch are quoted; every other error stays what it is. */
function foreign(cause: unknown, bytes: Buffer): unknown {
  if (!(cause instanceof WireError || cause instanceof SyntaxError)) return cause;
  const what = cause.message === TOO_LARGE ? TOO_LARGE : 'something that is no event';
  return new ForeignAnswer(`${what}: ${quote(bytes)}`, { cause });
}

/** A frame is a 4-byte big-endian length and that many bytes (k8s.io/apimachinery util/framer `NewLengthDelimitedFrameReader`). */
function cutFrame(queue: ByteQueue): Buffer | null {
  const head = queue.peek(4);
  if (!head) return null;
  const length = head.readUInt32BE(0);
  if (length > OBJECT_BYTES_MAX) throw new WireError(TOO_LARGE);
  const frame = queue.peek(4 + length);
  if (!frame) return null;
  const bytes = frame.subarray(4, 4 + length);
  queue.drop(4 + length);
  return bytes;
}

function cutLine(queue: ByteQueue, chunk: Buffer): Buffer | null {
  if (queue.length > OBJECT_BYTES_MAX) throw new SyntaxError(TOO_LARGE);
  // What came before this chunk holds no line end: look there only.
  const before = Math.max(0, queue.length - chunk.length);
  const inChunk = chunk.indexOf(NEWLINE, Math.max(0, chunk.length - queue.length));
  if (inChunk < 0) return null;
  const length = before > 0 ? before + inChunk : inChunk - (chunk.length - queue.length);
  const line = queue.peek(length + 1);
  if (!line) return null;
  const bytes = line.subarray(0, length);
  queue.drop(length + 1);
  return bytes;
}

/** meta/v1 WatchEvent (1 type, 2 RawExtension with 1 raw); the object inside wears the `k8s\0` envelope again. */
function readFrame<T>(bytes: Buffer, codec: Codec<T>): WatchFrame<T> {
  const event = unwrapObject(bytes, 0, bytes.length);
  let type = '';
  let object: WireReader | null = null;
  while (event.next()) {
    if (event.field === 1) type = event.text();
    else if (event.field === 2) {
      const extension = event.enter();
      while (extension.next()) {
        if (extension.field === 1) {
          const start = extension.bytes();
          object = unwrapObject(bytes, start, extension.pos);
        } else extension.skip();
      }
    } else event.skip();
  }
  if (!object) throw new WireError('a watch frame without object');
  const { pos, end } = object;
  if (type === 'ERROR') {
    const { code, reason, message } = decodeStatus(object);
    throw statusError(code, reason, message);
  }
  if (!isFrameType(type)) throw new WireError(`a watch frame of type ${type}`);
  const meta = readMeta(object);
  let item: T | null = null;
  if (type !== 'BOOKMARK') {
    try {
      item = codec.fromBytes(bytes, pos, end);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }
  return { type, item, ...meta };
}

function readLine<T>(bytes: Buffer, codec: Codec<T>): WatchFrame<T> {
  const { type, object } = asRecord(JSON.parse(bytes.toString('utf8')));
  const fields = asRecord(object);
  if (type === 'ERROR') throw statusError(asInt(fields.code), asText(fields.reason), asText(fields.message));
  if (!isFrameType(type)) throw new SyntaxError(`a watch frame of type ${String(type)}`);
  const meta = asRecord(fields.metadata);
  return {
    type,
    item: type === 'BOOKMARK' ? null : codec.fromJson(object),
    resourceVersion: asText(meta.resourceVersion),
    endsInitial: asText(asRecord(meta.annotations)[INITIAL_END]) === 'true',
  };
}

function isFrameType(type: unknown): type is WatchFrame<unknown>['type'] {
  return type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK';
}

/** ObjectMeta is field 1 of every object: 6 resourceVersion, 12 annotations. Annotations are compared, not decoded. */
function readMeta(object: WireReader): { resourceVersion: string; endsInitial: boolean } {
  let resourceVersion = '';
  let endsInitial = false;
  try {
    const reader = new WireReader(object.buffer, object.pos, object.end);
    while (reader.next()) {
      if (reader.field !== 1) {
        reader.skip();
        continue;
      }
      const meta = reader.enter();
      while (meta.next()) {
        if (meta.field === 6) resourceVersion = meta.text();
        else if (meta.field === 12) endsInitial = readMapValue(meta.enter(), INITIAL_END) === 'true' || endsInitial;
        else meta.skip();
      }
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
  return { resourceVersion, endsInitial };
}

function statusError(code: number, reason: string, message: string): KubeError {
  return new KubeError(code || 500, reason, message || reason || 'the server ended the watch with an error');
}
