import { asRecord, asText } from './json-field';
import type { Codec, ListEnd } from './list-stream';
import { OBJECT_BYTES_MAX, TOO_LARGE } from './object-size';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COLON = 0x3a;
/** No key of a list is longer; of a longer text only the beginning is kept. */
const KEY_BYTES_MAX = 100;

/**
 * Cuts a JSON list into its items while it streams: only brackets and quotes are looked at, each element of the top-level
 * `items` and the top-level `metadata` go to JSON.parse by themselves. Throws SyntaxError where the text is no such list.
 */
export class JsonListScanner<T> {
  readonly #codec: Codec<T>;
  readonly #onItem: (item: T) => void;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Text of the last string at depth 1: a key, if a colon follows. */
  #key: Buffer[] = [];
  #currentKey = '';
  /** Parts of the value that is being captured, or null. */
  #parts: Buffer[] | null = null;
  #partsBytes = 0;
  #metadata: Readonly<Record<string, unknown>> = {};
  #sawItems = false;
  #done = false;

  constructor(codec: Codec<T>, onItem: (item: T) => void) {
    this.#codec = codec;
    this.#onItem = onItem;
  }

  push(chunk: Buffer): void {
    // Start of what belongs to the value or key that is being captured.
    let from = 0;
    let keyFrom = this.#inString && this.#depth === 1 ? 0 : -1;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) {
          this.#inString = false;
          if (keyFrom >= 0) this.#keepKey(chunk.subarray(keyFrom, at));
          keyFrom = -1;
        }
        continue;
      }
      switch (byte) {
        case QUOTE:
          this.#inString = true;
          if (this.#depth === 1) {
            this.#key = [];
            keyFrom = at + 1;
          }
          break;
        case COLON:
          if (this.#depth === 1) this.#currentKey = Buffer.concat(this.#key).toString('utf8');
          break;
        case OPEN_BRACE:
        case OPEN_BRACKET:
          if (this.#startsValue(byte)) {
            this.#parts = [];
            this.#partsBytes = 0;
            from = at;
          }
          this.#depth++;
          if (this.#depth === 2 && byte === OPEN_BRACKET && this.#currentKey === 'items') this.#sawItems = true;
          break;
        case CLOSE_BRACE:
        case CLOSE_BRACKET:
          this.#depth--;
          if (this.#depth < 0) throw new SyntaxError('a bracket too many in the list');
          if (this.#parts && this.#depth === this.#valueDepth()) {
            this.#keep(chunk.subarray(from, at + 1));
            this.#take();
          }
          if (this.#depth === 0) this.#done = true;
          break;
        default:
      }
    }
    if (keyFrom >= 0) this.#keepKey(Buffer.from(chunk.subarray(keyFrom, keyFrom + KEY_BYTES_MAX)));
    if (this.#parts) this.#keep(chunk.subarray(from));
  }

  finish(): ListEnd {
    if (!this.#done) throw new SyntaxError('the list ended too early');
    // `"items": null` is how an empty list may look.
    const { resourceVersion, continue: token } = this.#metadata;
    if (!this.#sawItems && asText(resourceVersion) === '') throw new SyntaxError('the answer is not a list');
    return { resourceVersion: asText(resourceVersion), continueToken: asText(token), broken: 0 };
  }

  /** An element of `items` begins at depth 2, `metadata` at depth 1. */
  #startsValue(byte: number): boolean {
    if (this.#parts || byte !== OPEN_BRACE) return false;
    return (
      (this.#depth === 2 && this.#currentKey === 'items') || (this.#depth === 1 && this.#currentKey === 'metadata')
    );
  }

  #valueDepth(): number {
    return this.#currentKey === 'items' ? 2 : 1;
  }

  #keepKey(part: Buffer): void {
    if (this.#key.length < KEY_BYTES_MAX) this.#key.push(part.subarray(0, KEY_BYTES_MAX));
  }

  #keep(part: Buffer): void {
    this.#partsBytes += part.length;
    if (this.#partsBytes > OBJECT_BYTES_MAX) throw new SyntaxError(TOO_LARGE);
    this.#parts?.push(part);
  }

  #take(): void {
    const parts = this.#parts ?? [];
    const only = parts.length === 1 ? parts[0] : undefined;
    const value: unknown = JSON.parse((only ?? Buffer.concat(parts)).toString('utf8'));
    this.#parts = null;
    if (this.#currentKey === 'items') this.#onItem(this.#codec.fromJson(value));
    else this.#metadata = asRecord(value);
  }
}
