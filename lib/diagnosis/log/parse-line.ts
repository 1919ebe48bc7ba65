import { parseJsonLine } from './parse-json';
import { type Level, type ParsedLine, toLevel } from './statement';

const KLOG = /^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d{1,9} {1,8}\d{1,10} ([\w./-]{1,120}:\d{1,6})\] ?/;
const KEY_VALUE = /(?:^|\s)([A-Za-z_][\w.-]{0,60})=("(?:[^"\\]|\\.){0,2000}"|\S{1,2000})/g;
const ERROR_KEYS = /^(err|error|reason|cause|exception|stderr|details?)$/i;
const MESSAGE_KEYS = /^(msg|message|event)$/i;
/** ISO and common times, syslog priorities, pids and thread marks at the start of a line. */
const TIME_WORD =
  /^(?:<\d{1,3}>|\[?\(?\d{4}[-/.]\d\d[-/.]\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,:]\d{1,9})?)?\s?(?:Z|UTC|GMT|[A-Z]{3,4}\b|[+-]\d\d:?\d\d)?\]?\)?|\[?\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?\]?|\[?\d{1,2}[ /-][A-Z][a-z]{2}[ /-]\d{4}[: ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?: [+-]\d{4})?\]?|[A-Z][a-z]{2} {1,2}\d{1,2},? (?:\d{4},? )?\d{1,2}:\d\d:\d\d(?:\.\d{1,6})?(?: ?[AP]M)?|\[?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d{1,6})? \d{4}\]?|\d{1,10}:[A-Z](?= )|\[\d{1,10}(?:[:#]\d{1,10})?\]|\d{10}(?:\.\d{1,9})?(?= )|\d{13}(?= ))[\s|:,-]{0,6}/;
const WORDS =
  'TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|CRIT|CRITICAL|PANIC|EMERG|ALERT|SEVERE|FTL|WRN|INF|DBG|Note|System';
const LEVEL_UPPER = new RegExp(`(?:^|[\\s\\[<(|:"])(${WORDS})(?=[\\s\\]>):|,"]|$)`);
const LEVEL_BRACKET =
  /\[\s?(trace|debug|info|notice|warn|warning|error|err|fatal|crit|critical|panic|emerg|alert|fail)\s?\]/i;
/** One letter between brackets, alone or before a time. */
const LEVEL_LETTER = /\[([FEWICD])(?:\]| \d{2,4}[-:])/;
const LEVEL_START =
  /^(?:[\w./-]{1,40}: )?\[?(trace|trce|debug|dbug|info|warn|warning|error|err|fatal|crit|critical|panic|fail|emerg|alert|Error|Warning|Fatal|Critical|Info)\]?(?::|!| -)(?=\s|$)/;
const REDIS = /^\d{1,10}:[A-Z] .{6,40}? ([.\-*#]) /;
/** The letters of coreos/pkg/capnslog, as etcd printed them before version 3.4. */
const CAPNSLOG = /^([CEWNIDT]) \| /;
const MOST_STAMPS = 4;

function stripStamps(line: string): string {
  let rest = line.trimStart();
  for (let count = 0; count < MOST_STAMPS; count += 1) {
    const stamp = TIME_WORD.exec(rest);
    if (!stamp || stamp[0] === '') break;
    rest = rest.slice(stamp[0].length);
  }
  return rest;
}

function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  return text
    .slice(1, -1)
    .replace(/\\(["\\nt])/g, (_all, code: string) => (code === 'n' ? '\n' : code === 't' ? '\t' : code));
}

function parsePairs(text: string): { message: string; level: Level | null; errors: string[]; count: number } {
  let message = '';
  let level: Level | null = null;
  const errors: string[] = [];
  let count = 0;
  for (const [, key = '', raw = ''] of text.matchAll(KEY_VALUE)) {
    count += 1;
    const value = unquote(raw);
    if (/^(level|lvl|severity)$/i.test(key)) level = toLevel(value);
    else if (MESSAGE_KEYS.test(key)) message = value;
    else if (ERROR_KEYS.test(key)) errors.push(value);
  }
  return { message, level, errors, count };
}

function parseKlog(line: string): ParsedLine | null {
  const head = KLOG.exec(line);
  if (!head) return null;
  const rest = line.slice(head[0].length);
  const quoted = /^"((?:[^"\\]|\\.){0,2000})"/.exec(rest);
  const errors = quoted ? parsePairs(rest.slice(quoted[0].length)).errors : [];
  return { kind: 'klog', level: toLevel(head[1]), message: quoted?.[1] ?? rest, errors, stack: '' };
}

function parseLogfmt(line: string): ParsedLine | null {
  if (!/(?:^|\s)(?:level|lvl|severity)=/.test(line.slice(0, 400))) return null;
  const { message, level, errors, count } = parsePairs(line);
  return count >= 2 ? { kind: 'logfmt', level, message: message || line, errors, stack: '' } : null;
}

/** zap's console form: time, level, logger, message and a JSON object, with tabs between. */
function parseZap(line: string): ParsedLine | null {
  const cells = line.split('\t');
  if (cells.length < 3) return null;
  const place = cells.findIndex(
    (cell, index) =>
      index > 0 && index < 3 && /^(?:DEBUG|INFO|WARN|ERROR|DPANIC|PANIC|FATAL|debug|info|warn|error|fatal)$/.test(cell),
  );
  if (place < 0) return null;
  const level = toLevel(cells[place]);
  const last = cells.at(-1) ?? '';
  const fields = last.startsWith('{') ? parseJsonLine(last) : null;
  const middle = cells.slice(place + 1, fields ? -1 : undefined);
  const message = middle.at(-1) ?? '';
  return { kind: 'zap', level, message: message || line, errors: fields?.errors ?? [], stack: fields?.stack ?? '' };
}

function parseLeveled(line: string): ParsedLine | null {
  const rest = stripStamps(line);
  const redis = REDIS.exec(line);
  // Redis marks warnings and fatal ends alike with "#": the words must tell.
  if (redis?.[1] === '#') {
    return { kind: 'plain', level: null, message: line.slice(redis[0].length), errors: [], stack: '' };
  }
  if (redis) {
    return {
      kind: 'leveled',
      level: 'info',
      message: line.slice(redis[0].length),
      errors: [],
      stack: '',
    };
  }
  const letter = CAPNSLOG.exec(rest);
  if (letter) {
    const message = rest.slice(letter[0].length);
    return { kind: 'leveled', level: toLevel(letter[1]) ?? 'info', message, errors: [], stack: '' };
  }
  const head = rest.slice(0, 120);
  const match = LEVEL_START.exec(head) ?? LEVEL_BRACKET.exec(head) ?? LEVEL_UPPER.exec(head) ?? LEVEL_LETTER.exec(head);
  if (!match) return null;
  const level = toLevel(match[1]);
  if (!level) return null;
  const after = rest
    .slice(match.index + match[0].length)
    .replace(/^[\s\])>:|,!-]{1,12}/, '')
    .replace(/^(?:\[[^\]]{0,80}\]\s{0,4}){1,4}/, '')
    .replace(/^(?:[\w.$/-]{1,100}\s{0,3}(?:-|:)\s{1,3})(?=\S)/, (lead) =>
      /\s(?:error|failed)/i.test(lead) ? lead : /[.$]/.test(lead) ? '' : lead,
    );
  const embedded = after.indexOf('{"');
  const fields = embedded >= 0 && after.endsWith('}') ? parseJsonLine(after.slice(embedded)) : null;
  const pairs = fields ? null : parsePairs(after);
  return {
    kind: 'leveled',
    level,
    message: after || rest,
    errors: fields?.errors ?? pairs?.errors ?? [],
    stack: fields?.stack ?? '',
  };
}

/** Takes one log line apart, whatever its form: JSON, klog, zap, logfmt, or a level somewhere at its start. */
export function parseLine(line: string): ParsedLine {
  const trimmed = line.trim();
  if (trimmed.startsWith('{') && trimmed.endsWith('}')) {
    const json = parseJsonLine(trimmed);
    if (json) return json;
  }
  const short = line.length > 8192 ? line.slice(0, 8192) : line;
  return (
    parseKlog(short) ??
    parseZap(short) ??
    parseLogfmt(short) ??
    parseLeveled(short) ?? { kind: 'plain', level: null, message: stripStamps(short), errors: [], stack: '' }
  );
}
