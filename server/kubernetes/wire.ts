/** Bytes that are not what they say they are: a length beyond the end, an unknown wire type, a varint without end. */
export class WireError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WireError';
  }
}

/** Wire types of protobuf (https://protobuf.dev/programming-guides/encoding/). Groups do not occur in Kubernetes. */
export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const FIXED32 = 5;

const TWO_32 = 4294967296;

/**
 * Reads protobuf fields out of a part of a buffer, in place: `next()` moves to the next field and says whether there is one;
 * then exactly one of `int()`, `bool()`, `text()`, `bytes()`/`enter()` or `skip()` takes its value.
 * Every method throws WireError rather than read beyond the end.
 */
export class WireReader {
  /** Number of the field that `next()` found. */
  field = 0;
  /** Its wire type. */
  type = 0;
  readonly buffer: Buffer;
  pos: number;
  end: number;

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.buffer = buffer;
    this.pos = start;
    this.end = end;
  }

  /** Moves to the next field. Gives false at the end. */
  next(): boolean {
    if (this.pos >= this.end) return false;
    const byte = this.buffer[this.pos] ?? 0x80;
    if (byte < 0x80) {
      this.pos++;
      this.field = byte >>> 3;
      this.type = byte & 7;
    } else {
      const tag = this.#varint();
      this.field = Math.floor(tag / 8);
      this.type = tag & 7;
    }
    if (this.field === 0) throw new WireError('field number 0');
    return true;
  }

  /** Takes a varint as int32 (low 32 bits, signed): negative numbers come sign-extended to 64 bits. */
  int(): number {
    if (this.type !== VARINT) throw new WireError(`field ${this.field}: expected a number`);
    let low = 0;
    let shift = 0;
    for (;;) {
      const byte = this.#byte();
      if (shift < 32) low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return low | 0;
      shift += 7;
      if (shift > 63) throw new WireError('varint too long');
    }
  }

  /** Takes a varint as a number of up to 53 bits; int64 values below zero give a negative number. */
  long(): number {
    if (this.type !== VARINT) throw new WireError(`field ${this.field}: expected a number`);
    return this.#varint();
  }

  bool(): boolean {
    return this.int() !== 0;
  }

  /** Takes a length-delimited value: gives its start and moves behind it; `this.pos` is its end. */
  bytes(): number {
    if (this.type !== BYTES) throw new WireError(`field ${this.field}: expected bytes`);
    const byte = this.pos < this.end ? (this.buffer[this.pos] ?? 0x80) : 0x80;
    if (byte < 0x80) this.pos++;
    const length = byte < 0x80 ? byte : this.#varint();
    const start = this.pos;
    if (length < 0 || length > this.end - start) throw new WireError(`field ${this.field}: length beyond the end`);
    this.pos = start + length;
    return start;
  }

  /** Takes a string as UTF-8, as a string of its own that keeps nothing of the buffer alive. */
  text(): string {
    const start = this.bytes();
    return start === this.pos ? '' : this.buffer.toString('utf8', start, this.pos);
  }

  /** Takes a string through an interner: the one copy of what repeats. */
  shared(intern: { bytes(buffer: Buffer, start: number, end: number): string }): string {
    const start = this.bytes();
    return start === this.pos ? '' : intern.bytes(this.buffer, start, this.pos);
  }

  /** Takes a string, at most `max` bytes of it, cut at a character boundary. */
  cutText(max: number): string {
    const start = this.bytes();
    return cutUtf8(this.buffer, start, this.pos, max);
  }

  /** Takes a text of ASCII signs and gives the first `max` of them; the rest is passed over. */
  head(max: number): string {
    const start = this.bytes();
    return this.buffer.toString('latin1', start, Math.min(this.pos, start + max));
  }

  /** Takes a nested message: gives a reader for it. */
  enter(): WireReader {
    const start = this.bytes();
    return new WireReader(this.buffer, start, this.pos);
  }

  /** Passes over the value without looking into it. */
  skip(): void {
    switch (this.type) {
      case VARINT:
        this.#varint();
        return;
      case BYTES:
        this.bytes();
        return;
      case FIXED64:
        this.#advance(8);
        return;
      case FIXED32:
        this.#advance(4);
        return;
      default:
        throw new WireError(`field ${this.field}: wire type ${this.type}`);
    }
  }

  #advance(length: number): void {
    if (length > this.end - this.pos) throw new WireError(`field ${this.field}: beyond the end`);
    this.pos += length;
  }

  #byte(): number {
    const byte = this.pos < this.end ? this.buffer[this.pos] : undefined;
    if (byte === undefined) throw new WireError('varint beyond the end');
    this.pos++;
    return byte;
  }

  #varint(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    let low = first & 0x7f;
    let high = 0;
    for (let shift = 7; ; shift += 7) {
      if (shift > 63) throw new WireError('varint too long');
      const byte = this.#byte();
      const bits = byte & 0x7f;
      if (shift < 28) low += bits * 2 ** shift;
      else if (shift === 28) {
        low += (bits & 0x0f) * 2 ** 28;
        high += bits >> 4;
      } else high += bits * 2 ** (shift - 32);
      if (byte < 0x80) break;
    }
    return (high >= 0x80000000 ? high - TWO_32 : high) * TWO_32 + low;
  }
}

/** The text of `buffer[start..end)`, at most `max` bytes, never half a character; "…" marks a cut. */
export function cutUtf8(buffer: Buffer, start: number, end: number, max: number): string {
  if (start === end) return '';
  if (end - start <= max) return buffer.toString('utf8', start, end);
  let cut = start + max;
  while (cut > start && ((buffer[cut] ?? 0) & 0xc0) === 0x80) cut--;
  return `${buffer.toString('utf8', start, cut)}…`;
}

/** As `cutUtf8`, for a string: the result keeps nothing of a longer string alive. */
export function cutString(text: string, max: number): string {
  if (text.length * 3 <= max || Buffer.byteLength(text) <= max) return text;
  const bytes = Buffer.from(text);
  return cutUtf8(bytes, 0, bytes.length, max);
}

/**
 * Takes off the envelope of a single object: `k8s\0` and runtime.Unknown (2 raw), k8s.io/apimachinery runtime/generated.proto. Bytes
 * without it are taken as the object itself. Throws WireError.
 */
export function unwrapObject(bytes: Buffer, start: number, end: number): WireReader {
  const isWrapped = end - start >= 4 && bytes.readUInt32BE(start) === 0x6b387300;
  if (!isWrapped) return new WireReader(bytes, start, end);
  const unknown = new WireReader(bytes, start + 4, end);
  let raw: WireReader | null = null;
  while (unknown.next()) {
    if (unknown.field === 2) raw = unknown.enter();
    else unknown.skip();
  }
  return raw ?? new WireReader(bytes, end, end);
}
