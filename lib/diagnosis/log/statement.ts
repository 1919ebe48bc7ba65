/** How bad a log statement says it is, worst first. */
export type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug';

/** Who wrote a statement: a language's own crash report, or the form of one log line. */
export type StatementKind =
  | 'go'
  | 'rust'
  | 'python'
  | 'java'
  | 'dotnet'
  | 'node'
  | 'ruby'
  | 'php'
  | 'native'
  | 'erlang'
  | 'json'
  | 'logfmt'
  | 'klog'
  | 'zap'
  | 'leveled'
  | 'plain';

/** One exception of a chain. `no` is its line. */
export interface CauseLine {
  readonly no: number;
  readonly type: string;
  readonly message: string;
}

/**
 * One statement of a log: a line unwrapped, or a crash report over several lines. `line` is the text of its first line,
 * cut for matching; `message` is what it says without time, level and logger; `texts` is everything that a signature may
 * be looked for in, each with its line number: message, error field, nested causes. Frames are not in `texts`.
 */
export interface Statement {
  readonly no: number;
  readonly endNo: number;
  readonly line: string;
  readonly kind: StatementKind;
  readonly level: Level | null;
  readonly message: string;
  readonly exceptionType: string;
  readonly frames: readonly string[];
  /** Outermost first. Empty where nothing is nested. */
  readonly causes: readonly CauseLine[];
  readonly texts: readonly { readonly no: number; readonly text: string }[];
  /** True for a crash report: an exception or panic that nobody caught. */
  readonly isCrash: boolean;
}

/** A line unwrapped: what it says without time, level and logger, and the texts of its error fields. */
export interface ParsedLine {
  readonly kind: 'json' | 'logfmt' | 'klog' | 'zap' | 'leveled' | 'plain';
  readonly level: Level | null;
  readonly message: string;
  /** Error texts of structured fields, most telling first. */
  readonly errors: readonly string[];
  /** A stack trace carried inside the line, or empty. */
  readonly stack: string;
}

/** Longest text a signature is matched against. Signatures are bounded, so the work per line is too. */
const MATCH_LIMIT = 2048;

/** A text as it is matched: head and tail of what is too long. */
export function clip(text: string): string {
  if (text.length <= MATCH_LIMIT) return text;
  return `${text.slice(0, MATCH_LIMIT - 512)} … ${text.slice(-509)}`;
}

const LEVELS: Readonly<Record<string, Level>> = {
  fatal: 'fatal',
  ftl: 'fatal',
  panic: 'fatal',
  dpanic: 'fatal',
  emerg: 'fatal',
  emergency: 'fatal',
  alert: 'fatal',
  crit: 'fatal',
  critical: 'fatal',
  crt: 'fatal',
  f: 'fatal',
  c: 'fatal',
  severe: 'error',
  error: 'error',
  err: 'error',
  eror: 'error',
  e: 'error',
  fail: 'error',
  warning: 'warn',
  warn: 'warn',
  wrn: 'warn',
  w: 'warn',
  notice: 'info',
  note: 'info',
  info: 'info',
  inf: 'info',
  information: 'info',
  informational: 'info',
  log: 'info',
  system: 'info',
  i: 'info',
  debug: 'debug',
  dbg: 'debug',
  dbug: 'debug',
  trace: 'debug',
  trce: 'debug',
  verbose: 'debug',
  d: 'debug',
  t: 'debug',
};

/** The level that a logger's word means, or null. Numbers are those of bunyan and pino. */
export function toLevel(word: unknown): Level | null {
  if (typeof word === 'number') {
    return word >= 60 ? 'fatal' : word >= 50 ? 'error' : word >= 40 ? 'warn' : word >= 30 ? 'info' : 'debug';
  }
  return typeof word === 'string' ? (LEVELS[word.trim().toLowerCase()] ?? null) : null;
}
