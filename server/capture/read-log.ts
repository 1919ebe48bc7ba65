import type { FileHandle } from 'node:fs/promises';
import type { LogText, Part } from '@/lib/diagnosis/evidence-source';
import { admitLog } from './admit';
import { withFile } from './capture-tree';
import { messageOf } from './message-of';

/** What is kept of a log at each end, as of a live one. */
const LOG_BYTES = 64 * 1024;
/** Larger logs are left out: to count the lines between head and tail each byte is read once. */
const MOST_BYTES = 256 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 10;

/**
 * Reads head and tail of a log file, 64 KiB of each at most, in bounded memory whatever its size. A file over 256 MiB, and one that cannot be
 * read, gives the reason in its place.
 */
export async function readLog(file: string): Promise<Part<LogText>> {
  try {
    return await withFile(file, async (handle, size) => {
      if (size > MOST_BYTES) throw new Error(`larger than ${MOST_BYTES / 1024 / 1024} MiB`);
      if (size <= 2 * LOG_BYTES) return { value: toLogText(await readAt(handle, 0, size)) };
      const start = await readAt(handle, 0, LOG_BYTES);
      const end = await readAt(handle, size - LOG_BYTES, LOG_BYTES);
      const headBytes = start.lastIndexOf(NEWLINE) + 1 || LOG_BYTES;
      const tailFrom = end.indexOf(NEWLINE) + 1;
      const skippedLines = await countLines(handle, headBytes, size - LOG_BYTES + tailFrom);
      const head = decode(start.subarray(0, headBytes));
      return { value: { head, tail: decode(end.subarray(tailFrom)), skippedLines, stamped: isStamped(head) } };
    });
  } catch (error) {
    return { missing: `Left out: ${messageOf(error)}.` };
  }
}

/** Keeps head and tail of a log that is held whole, as `readLog` does. */
export function toLogText(bytes: Buffer): LogText {
  if (bytes.length <= 2 * LOG_BYTES) {
    const text = decode(bytes);
    return { head: text, tail: '', skippedLines: 0, stamped: isStamped(text) };
  }
  const headBytes = bytes.lastIndexOf(NEWLINE, LOG_BYTES) + 1 || LOG_BYTES;
  const tailFrom = bytes.indexOf(NEWLINE, bytes.length - LOG_BYTES) + 1 || bytes.length - LOG_BYTES;
  const head = decode(bytes.subarray(0, headBytes));
  const skippedLines = newlinesIn(bytes.subarray(headBytes, tailFrom));
  return { head, tail: decode(bytes.subarray(tailFrom)), skippedLines, stamped: isStamped(head) };
}

function decode(bytes: Buffer): string {
  return admitLog(bytes.toString('utf8'));
}

async function readAt(handle: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function countLines(handle: FileHandle, from: number, to: number): Promise<number> {
  let count = 0;
  for (let at = from; at < to; at += CHUNK_BYTES) {
    count += newlinesIn(await readAt(handle, at, Math.min(CHUNK_BYTES, to - at)));
  }
  return count;
}

function newlinesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

function isStamped(text: string): boolean {
  const lines = text.split('\n', 3).filter((line) => line !== '');
  return (
    lines.length > 0 && lines.every((line) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?:Z|[+-]\d\d:\d\d) /.test(line))
  );
}
