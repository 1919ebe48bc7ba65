import { at, textAt } from '@/lib/diagnosis/read-object';
import { type ParsedLine, toLevel } from './statement';

const LEVEL_KEYS = ['level', 'lvl', 'severity', 'levelname', 'log.level', 'loglevel', 'logLevel', 'Level', '@l', 's'];
const MESSAGE_KEYS = ['msg', 'message', '@message', 'Message', '@m', '@mt', 'short_message', 'event', 'log', 'text'];
const ERROR_KEYS = [
  'error',
  'err',
  'exception',
  'Exception',
  '@x',
  'exc_info',
  'error.message',
  'err.message',
  'exception.message',
  'reason',
  'cause',
  'details',
  'detail',
  'stderr',
  'desc',
];
const STACK_KEYS = [
  'stack',
  'stack_trace',
  'stacktrace',
  'stackTrace',
  'error.stack_trace',
  'err.stack',
  'exc_info',
  'exception',
  'Exception',
  '@x',
];
const DEEPEST = 4;

function found(value: unknown, keys: readonly string[]): string {
  for (const key of keys) {
    const text = textAt(value, key);
    if (text) return text;
  }
  return '';
}

/** Texts that an error field holds: a text, or an object with a message, a code and a cause of its own. */
function errorTexts(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (value === null || typeof value !== 'object' || depth > DEEPEST) return [];
  if (Array.isArray(value)) return value.slice(0, 4).flatMap((item) => errorTexts(item, depth + 1));
  const type = found(value, ['type', 'name', 'class', 'exception_class', 'codeName']);
  const message = found(value, ['message', 'msg', 'errmsg', 'exception_message', 'reason', 'error']);
  const own = message ? [type && !message.startsWith(type) ? `${type}: ${message}` : message] : [];
  const code = textAt(value, 'code');
  const nested = ['cause', 'error', 'inner', 'err', 'caused_by'].flatMap((key) => {
    const inner = at(value, key);
    return typeof inner === 'object' ? errorTexts(inner, depth + 1) : [];
  });
  return [...own, ...(code && own.length === 0 ? [code] : []), ...nested];
}

/** Takes a JSON log line apart, or gives null where it is no JSON object or carries neither message nor error. */
export function parseJsonLine(line: string): ParsedLine | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  const fields = at(value, 'fields') ?? at(value, 'attr');
  const level =
    LEVEL_KEYS.map((key) => toLevel(at(value, key))).find((one) => one !== null) ??
    toLevel(at(value, 'log', 'level')) ??
    toLevel(at(value, 'log.level'));
  const message = found(value, MESSAGE_KEYS) || found(fields, MESSAGE_KEYS);
  const errors = [value, fields].flatMap((holder) => ERROR_KEYS.flatMap((key) => errorTexts(at(holder, key), 0)));
  const attr = at(value, 'attr');
  const attrText = attr !== null && typeof attr === 'object' ? JSON.stringify(attr) : '';
  if (attrText.length > 2 && attrText.length < 2000) errors.push(attrText);
  if (!message && errors.length === 0) return null;
  const stack =
    found(value, STACK_KEYS) || found(at(value, 'err'), STACK_KEYS) || found(at(value, 'error'), STACK_KEYS);
  return {
    kind: 'json',
    level: level ?? null,
    message: message || (errors[0] ?? ''),
    errors,
    stack: stack.includes('\n') ? stack : '',
  };
}
