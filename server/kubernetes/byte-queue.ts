/** Bytes that arrived and were not used yet. Chunks are joined only where something spans them. */
export class ByteQueue {
  #chunks: Buffer[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /**
   * A buffer that begins with the first unused byte and holds at least `length` bytes, or null where fewer have arrived.
   * It stays valid; nothing is used up.
   */
  peek(length: number): Buffer | null {
    if (this.#length < length) return null;
    const first = this.#chunks[0];
    if (first && first.length >= length) return first;
    // Only what is asked for is copied: the rest of the last chunk stays where it is.
    const joined = Buffer.allocUnsafe(length);
    let filled = 0;
    let used = 0;
    let rest: Buffer | null = null;
    for (const chunk of this.#chunks) {
      const taken = Math.min(chunk.length, length - filled);
      chunk.copy(joined, filled, 0, taken);
      filled += taken;
      used++;
      if (taken < chunk.length) rest = chunk.subarray(taken);
      if (filled === length) break;
    }
    this.#chunks.splice(0, used, ...(rest ? [joined, rest] : [joined]));
    return joined;
  }

  /** Uses up `length` bytes, which must have arrived. */
  drop(length: number): void {
    this.#length -= length;
    let rest = length;
    while (rest > 0) {
      const first = this.#chunks[0];
      if (!first) throw new RangeError('more bytes dropped than arrived');
      if (first.length > rest) {
        this.#chunks[0] = first.subarray(rest);
        return;
      }
      rest -= first.length;
      this.#chunks.shift();
    }
  }

  /** Uses up as many of `length` bytes as have arrived, and gives how many. */
  dropUpTo(length: number): number {
    const dropped = Math.min(length, this.#length);
    this.drop(dropped);
    return dropped;
  }
}
