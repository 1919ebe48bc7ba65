import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { z } from 'zod';
import type { LogText } from '@/lib/domain/collected';
import { UnloopError } from '@/lib/domain/unloop-error';

const DEFLATE_ABOVE_BYTES = 1024;
/** Far above what is ever kept of a log (64 KiB at head and tail); a damaged row must not fill the memory. */
const INFLATED_BYTES_MAX = 32 * 1024 * 1024;

const LogTextSchema = z.object({
  head: z.string(),
  tail: z.string(),
  skippedLines: z.number().int().nonnegative(),
  stamped: z.boolean(),
});

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** A log text as bytes: JSON in UTF-8, so that NUL and escape characters pass either engine; deflated above 1 KiB. */
export interface PackedLog {
  readonly body: Uint8Array;
  readonly deflated: number;
  /** Lines held at head and tail. */
  readonly lines: number;
}

export async function packLog(text: LogText): Promise<PackedLog> {
  const plain = Buffer.from(JSON.stringify(LogTextSchema.parse(text)), 'utf8');
  const lines = lineCount(text.head) + lineCount(text.tail);
  if (plain.length <= DEFLATE_ABOVE_BYTES) return { body: plain, deflated: 0, lines };
  return { body: await deflate(plain), deflated: 1, lines };
}

/** What `packLog` packed. Throws `store-failed` for anything else. */
export async function unpackLog(body: Uint8Array, deflated: number): Promise<LogText> {
  try {
    const plain = deflated ? await inflate(body, { maxOutputLength: INFLATED_BYTES_MAX }) : Buffer.from(body);
    return LogTextSchema.parse(JSON.parse(plain.toString('utf8')));
  } catch (cause) {
    throw new UnloopError('store-failed', 'A stored log cannot be read: its row is damaged.', '', { cause });
  }
}

function lineCount(text: string): number {
  if (text === '') return 0;
  let count = text.endsWith('\n') ? 0 : 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
