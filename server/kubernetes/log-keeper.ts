import type { LogText } from '@/lib/domain/collected';
import { redactLines } from '@/lib/domain/redact/text';
import { cutUtf8 } from './wire';

/** What is kept of a log at each end. */
export const LOG_BYTES = 64 * 1024;
export const LOG_LINES = 200;
/** Longer lines are cut; the kubelet itself writes lines in pieces of 16 KiB. */
const LINE_BYTES = 16 * 1024;
const NEWLINE = 10;

/**
 * Keeps head and tail of a log stream (64 KiB and 200 lines each) whatever its size: one line is never held beyond 16 KiB. NUL bytes are left out,
 * invalid UTF-8 becomes U+FFFD, credentials are withheld from what is given.
 */
export class LogKeeper {
  #head: string[] = [];
  #headBytes = 0;
  #headIsFull = false;
  #tail: { text: string; bytes: number }[] = [];
  #tailBytes = 0;
  #skipped = 0;
  /** The line that is arriving: its first bytes, and how many came in all. */
  #parts: Buffer[] = [];
  #partsBytes = 0;
  #lineBytes = 0;

  push(chunk: Buffer): void {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE, from); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      this.#extend(chunk, from, at);
      this.#endLine();
      from = at + 1;
    }
    this.#extend(chunk, from, chunk.length);
  }

  finish(): LogText {
    if (this.#lineBytes > 0) this.#endLine();
    const head = redactLines(this.#head);
    const tail = redactLines(this.#tail.map((line) => line.text));
    return { head: head.join('\n'), tail: tail.join('\n'), skippedLines: this.#skipped, stamped: true };
  }

  #extend(chunk: Buffer, from: number, to: number): void {
    this.#lineBytes += to - from;
    const room = LINE_BYTES - this.#partsBytes;
    if (room <= 0 || to === from) return;
    const part = Buffer.from(chunk.subarray(from, Math.min(to, from + room)));
    this.#parts.push(part);
    this.#partsBytes += part.length;
  }

  #endLine(): void {
    const bytes = Buffer.concat(this.#parts, this.#partsBytes);
    const left = this.#lineBytes - this.#partsBytes;
    this.#parts = [];
    this.#partsBytes = 0;
    this.#lineBytes = 0;
    const kept = left > 0 ? `${cutLine(bytes)} (${left} bytes of this line left out)` : bytes.toString('utf8');
    this.#add(kept.replaceAll('\0', ''));
  }

  #add(text: string): void {
    const bytes = Buffer.byteLength(text) + 1;
    if (!this.#headIsFull) {
      if (this.#head.length < LOG_LINES && this.#headBytes + bytes <= LOG_BYTES) {
        this.#head.push(text);
        this.#headBytes += bytes;
        return;
      }
      this.#headIsFull = true;
    }
    this.#tail.push({ text, bytes });
    this.#tailBytes += bytes;
    while (this.#tail.length > LOG_LINES || this.#tailBytes > LOG_BYTES) {
      const dropped = this.#tail.shift();
      if (!dropped) break;
      this.#tailBytes -= dropped.bytes;
      this.#skipped++;
    }
  }
}

/** Cuts before the last, possibly incomplete character. */
function cutLine(bytes: Buffer): string {
  return cutUtf8(bytes, 0, bytes.length, Math.max(0, bytes.length - 1));
}
