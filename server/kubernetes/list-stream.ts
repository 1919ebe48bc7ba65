import { ByteQueue } from './byte-queue';
import { ForeignAnswer, quote, refuseForeign } from './foreign-answer';
import { JsonListScanner } from './json-list-scanner';
import type { KubeStream } from './kube-call';
import { PROTOBUF } from './media-type';
import { OBJECT_BYTES_MAX, TOO_LARGE } from './object-size';
import { turns } from './turn';
import { BYTES, WireError, WireReader } from './wire';

/** How one kind of object is read, from protobuf bytes and from JSON, to the same value. */
export interface Codec<T> {
  /** `bytes[start..end)` is one object. Throws WireError. */
  fromBytes(bytes: Buffer, start: number, end: number): T;
  fromJson(value: unknown): T;
}

/** What stands around the items of a list. */
export interface ListEnd {
  readonly resourceVersion: string;
  /** Token for the next page, or empty. */
  readonly continueToken: string;
  /** Objects that could not be read; the rest of the list is good. */
  readonly broken: number;
}

/** Protobuf where the server has it, else JSON. */
export const ACCEPT_LIST = `${PROTOBUF},application/json`;
const MAGIC = Buffer.from('k8s\0', 'latin1');

/**
 * Reads a list body and hands over each item as soon as its bytes are there; at no time is the whole held. Chunks may end
 * anywhere. Throws ForeignAnswer where the body is not a list, ends too early or holds an object that is too large; its cause is a
 * WireError or SyntaxError.
 */
export async function readList<T>(
  stream: KubeStream,
  codec: Codec<T>,
  onItem: (item: T) => void,
  signal?: AbortSignal,
): Promise<ListEnd> {
  await refuseForeign(stream);
  const parser: { push(chunk: Buffer): void; finish(): ListEnd } =
    stream.contentType === PROTOBUF ? new ProtobufList(codec, onItem) : new JsonListScanner(codec, onItem);
  const turn = turns();
  let first: Buffer | null = null;
  try {
    for await (const chunk of stream.body) {
      if (signal?.aborted) break;
      first ??= Buffer.from(chunk.subarray(0, 500));
      parser.push(chunk);
      await turn();
    }
    signal?.throwIfAborted();
    const end = parser.finish();
    // Without it no watch can begin where the list ends.
    if (end.resourceVersion === '') throw new SyntaxError('it has no resourceVersion');
    return end;
  } catch (cause) {
    if (!(cause instanceof WireError || cause instanceof SyntaxError)) throw cause;
    if (!first) throw new ForeignAnswer('an empty body', { cause });
    throw new ForeignAnswer(`something that is no list (${cause.message}): ${quote(first)}`, { cause });
  }
}

/**
 * `k8s\0`, then runtime.Unknown (1 TypeMeta, 2 the raw list, 3 and 4 encoding), in the raw list 1 ListMeta (2 resourceVersion,
 * 3 continue) and 2 one item after the other. k8s.io/apimachinery runtime/generated.proto and meta/v1/generated.proto.
 */
class ProtobufList<T> {
  readonly #codec: Codec<T>;
  readonly #onItem: (item: T) => void;
  readonly #queue = new ByteQueue();
  #begun = false;
  /** Bytes of the raw list still to come; null before it began. */
  #rest: number | null = null;
  /** Bytes of a field that is passed over. */
  #skip = 0;
  #resourceVersion = '';
  #continueToken = '';
  #broken = 0;

  constructor(codec: Codec<T>, onItem: (item: T) => void) {
    this.#codec = codec;
    this.#onItem = onItem;
  }

  push(chunk: Buffer): void {
    this.#queue.push(chunk);
    if (!this.#begun) {
      const start = this.#queue.peek(MAGIC.length);
      if (!start) return;
      if (!start.subarray(0, MAGIC.length).equals(MAGIC)) throw new WireError('the list does not begin with k8s\\0');
      this.#queue.drop(MAGIC.length);
      this.#begun = true;
    }
    while (this.#step());
  }

  finish(): ListEnd {
    if (this.#rest === null && this.#queue.length === 0 && this.#begun) return this.#end();
    if (!this.#begun || this.#queue.length > 0 || this.#skip > 0 || (this.#rest ?? 0) > 0) {
      throw new WireError('the list ended too early');
    }
    return this.#end();
  }

  #end(): ListEnd {
    return { resourceVersion: this.#resourceVersion, continueToken: this.#continueToken, broken: this.#broken };
  }

  /** Takes one field where it has arrived. Gives false when more bytes are needed. */
  #step(): boolean {
    if (this.#skip > 0) {
      const dropped = this.#queue.dropUpTo(this.#skip);
      this.#skip -= dropped;
      if (this.#rest !== null) this.#rest -= dropped;
      return this.#skip === 0;
    }
    const head = readHead(this.#queue);
    if (!head) return false;
    const inList = this.#rest !== null && this.#rest > 0;
    if (!inList) {
      this.#queue.drop(head.size);
      if (head.field === 2 && head.isBytes && this.#rest === null) this.#rest = head.length;
      else this.#skip = head.length;
      return true;
    }
    const wanted = head.isBytes && (head.field === 1 || head.field === 2);
    if (!wanted) {
      this.#use(head.size);
      this.#skip = head.length;
      return true;
    }
    if (head.length > OBJECT_BYTES_MAX) throw new WireError(TOO_LARGE);
    const bytes = this.#queue.peek(head.size + head.length);
    if (!bytes) return false;
    const end = head.size + head.length;
    if (head.field === 1) this.#readListMeta(new WireReader(bytes, head.size, end));
    else this.#readItem(bytes, head.size, end);
    this.#use(end);
    return true;
  }

  #use(length: number): void {
    if (length > (this.#rest ?? 0)) throw new WireError('an item reaches beyond its list');
    this.#queue.drop(length);
    this.#rest = (this.#rest ?? 0) - length;
  }

  #readItem(bytes: Buffer, start: number, end: number): void {
    let item: T;
    try {
      item = this.#codec.fromBytes(bytes, start, end);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#broken++;
      return;
    }
    this.#onItem(item);
  }

  #readListMeta(meta: WireReader): void {
    while (meta.next()) {
      if (meta.field === 2) this.#resourceVersion = meta.text();
      else if (meta.field === 3) this.#continueToken = meta.text();
      else meta.skip();
    }
  }
}

/** Tag and length of the field at the front: `size` bytes of head, then `length` bytes of value. Null where cut off. */
function readHead(queue: ByteQueue): { field: number; isBytes: boolean; size: number; length: number } | null {
  // A tag and a length take at most ten bytes each.
  const front = queue.peek(Math.min(20, queue.length));
  if (!front || front.length === 0) return null;
  const reader = new WireReader(front, 0, Math.min(20, front.length));
  try {
    reader.next();
    if (reader.type === BYTES) {
      // The value need not be there: read the length as a number.
      reader.type = 0;
      const length = reader.long();
      if (length < 0) throw new WireError('negative length');
      return { field: reader.field, isBytes: true, size: reader.pos, length };
    }
    reader.skip();
    return { field: reader.field, isBytes: false, size: reader.pos, length: 0 };
  } catch (error) {
    if (error instanceof WireError && front.length < 20) return null;
    throw error;
  }
}
