import { redactText } from '@/lib/domain/redact/text';
import type { KubeStream } from './kube-call';
import { JSON_TYPE, PROTOBUF } from './media-type';

const QUOTED_CHARS_MAX = 120;
const LOOKED_AT_BYTES_MAX = 4_000;

/** An answer with a status of success that is not what was asked for. `message` says what came, fit to stand behind "with". */
export class ForeignAnswer extends Error {
  constructor(what: string, options?: { cause?: unknown }) {
    super(what, options);
    this.name = 'ForeignAnswer';
  }
}

/** The beginning of some bytes as one short line in quotation marks, without credentials, control or direction marks. */
export function quote(bytes: Buffer): string {
  const text = redactText(bytes.toString('utf8', 0, LOOKED_AT_BYTES_MAX))
    .replace(/[\p{C}\ufffd\s]+/gu, ' ')
    .trim();
  const short = text.length > QUOTED_CHARS_MAX ? `${text.slice(0, QUOTED_CHARS_MAX)}…` : text;
  return `"${short}"`;
}

/**
 * Looks at the content type of an answer. Throws ForeignAnswer, with the beginning of the body, where it is neither JSON nor
 * protobuf: a proxy, a login page or another server answers in place of the API server. An answer without a type passes as JSON.
 */
export async function refuseForeign(stream: KubeStream): Promise<void> {
  const type = stream.contentType;
  if (type === PROTOBUF || type === '' || JSON_TYPE.test(type)) return;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream.body) {
    parts.push(chunk);
    size += chunk.length;
    if (size >= LOOKED_AT_BYTES_MAX) break;
  }
  const body = Buffer.concat(parts);
  if (type !== 'text/html') throw new ForeignAnswer(`${type}: ${quote(body)}`);
  const html = body.toString('utf8', 0, LOOKED_AT_BYTES_MAX);
  const title = /<title[^>]*>([^<]*)/i.exec(html)?.[1] ?? html.replace(/<[^>]*>?/g, ' ');
  throw new ForeignAnswer(`a page of HTML: ${quote(Buffer.from(title))}`);
}
