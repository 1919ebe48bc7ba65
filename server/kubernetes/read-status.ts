import { asInt, asRecord, asText } from './json-field';
import { unwrapObject, WireError, type WireReader } from './wire';

/** What a meta/v1 Status says. `code` is 0 and texts are empty where it does not say. */
export interface StatusFields {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

const MESSAGE_BYTES_MAX = 2000;
const NOTHING: StatusFields = { code: 0, reason: '', message: '' };

/** Copies a Status out of protobuf: 3 message, 4 reason, 6 code (apimachinery meta/v1 generated.proto). Throws WireError. */
export function decodeStatus(status: WireReader): StatusFields {
  let { code, reason, message } = NOTHING;
  while (status.next()) {
    if (status.field === 3) message = status.cutText(MESSAGE_BYTES_MAX);
    else if (status.field === 4) reason = status.text();
    else if (status.field === 6) code = status.int();
    else status.skip();
  }
  return { code, reason, message };
}

/**
 * Reads the body of an answer that is no success. A request that would take protobuf is refused in protobuf too. What is no Status,
 * such as the HTML of a proxy, is the message itself, without control characters.
 */
export function readStatusBody(body: Buffer): StatusFields {
  try {
    if (body.toString('latin1', 0, 4) === 'k8s\0') return decodeStatus(unwrapObject(body, 0, body.length));
    const { code, reason, message } = asRecord(JSON.parse(body.toString('utf8')));
    return { code: asInt(code), reason: asText(reason), message: asText(message) };
  } catch (error) {
    if (!(error instanceof WireError || error instanceof SyntaxError)) throw error;
    const text = body.toString('utf8', 0, MESSAGE_BYTES_MAX).replace(/[\p{Cc}\ufffd]+/gu, ' ');
    return { ...NOTHING, message: text.trim().slice(0, 500) };
  }
}
