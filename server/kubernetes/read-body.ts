import type { KubeStream } from './kube-call';
import { KubeError } from './kube-error';

/** Largest answer that is held as a whole, in bytes: the revisions of one workload are the largest that is asked for. */
export const WHOLE_BYTES_MAX = 32 * 1024 * 1024;

/** Reads a body to its end. Throws KubeError, and reads no further, where it has more than 32 MiB. */
export async function readBody({ body, status }: Pick<KubeStream, 'body' | 'status'>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > WHOLE_BYTES_MAX) throw new KubeError(status, '', 'the answer has more than 32 MiB and was not read');
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}
