import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';
import { UnloopError } from '@/lib/domain/unloop-error';

const PLAIN = 0;
const BROTLI = 1;
/** Below this the frame of the compression costs more than it saves. */
const PACK_ABOVE_BYTES = 128;
/** A ConfigMap holds at most 1 MiB, a list of Services far less than this; a damaged row must not fill the memory. */
const UNPACKED_BYTES_MAX = 64 * 1024 * 1024;

const OPTIONS = {
  params: { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_QUALITY]: 7 },
};
const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);

/** A text as bytes: UTF-8, compressed where that is smaller. `packing` says how. */
export interface PackedText {
  readonly body: Uint8Array;
  readonly packing: number;
}

export async function packText(text: string): Promise<PackedText> {
  const plain = Buffer.from(text, 'utf8');
  if (plain.length <= PACK_ABOVE_BYTES) return { body: plain, packing: PLAIN };
  const packed = await compress(plain, OPTIONS);
  return packed.length < plain.length ? { body: packed, packing: BROTLI } : { body: plain, packing: PLAIN };
}

/** What `packText` packed. Throws `store-failed` for anything else. */
export async function unpackText({ body, packing }: PackedText): Promise<string> {
  try {
    if (packing !== PLAIN && packing !== BROTLI) throw new RangeError(`packing ${packing}`);
    const plain = packing === PLAIN ? body : await decompress(body, { maxOutputLength: UNPACKED_BYTES_MAX });
    return Buffer.from(plain).toString('utf8');
  } catch (cause) {
    throw new UnloopError('store-failed', 'A stored part of evidence cannot be read: its row is damaged.', '', {
      cause,
    });
  }
}
