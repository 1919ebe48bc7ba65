import Anser from 'anser';

/** One line of a log, ready to search. `no` counts from 1 in the text that is held. */
export interface LogRow {
  readonly no: number;
  /** `13:58:22.655`, UTC, or empty where the log carries no stamps. */
  readonly at: string;
  /** The whole stamp as the kubelet wrote it, or empty. */
  readonly stamp: string;
  /** The line with every escape sequence but colours and weights removed and every control character made visible. */
  readonly styled: string;
  /** `styled` without the remaining escape sequences: what a person reads, copies and searches. */
  readonly plain: string;
}

/** A piece of a line in one style. `classes` come from a fixed set (`STYLES`), whatever the log holds. */
export interface LogSegment {
  readonly text: string;
  readonly classes: string;
}

const STAMP = /^\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)(\.\d+)?(?:Z|[+-]\d\d:\d\d) ?/;

/** OSC, DCS, SOS, PM and APC strings with their terminator, then CSI sequences, then two-byte escapes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const ESCAPES = /\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-Z\\^_`a-~]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const COLOUR = /^\x1b\[[\d;]*m$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const COLOURS = /\x1b\[[\d;]*m/g;
/** C0 but tab and escape, DEL, C1, and what reorders or hides text: bidirectional controls, zero-width and line separators. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const CONTROLS = /[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const STRAY_ESCAPE = /\x1b(?!\[[\d;]*m)/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const SPECIAL = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

function pictureOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code <= 0x9f) return `\\x${code.toString(16).padStart(2, '0')}`;
  return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, '0')}\u27e9`;
}

/** Makes a hostile line safe to show: colours stay as escape sequences, other sequences go, control characters become visible. */
export function cleanLine(raw: string): string {
  const text = raw.includes('\x1b') ? raw.replace(ESCAPES, (found) => (COLOUR.test(found) ? found : '')) : raw;
  return text.replace(STRAY_ESCAPE, '\\x1b').replace(CONTROLS, pictureOf);
}

/** Makes any cluster text that is not a log (a message, a name) safe to show in one go: no escapes, controls visible. */
export function visibleText(raw: string): string {
  return cleanLine(raw).replace(COLOURS, '');
}

/** The lines of a log, read one by one as they are needed: opening 100,000 lines costs one split. */
export interface LogRows {
  readonly count: number;
  /** The row at an index from 0, or undefined beyond the end. The same object on every call. */
  row(index: number): LogRow | undefined;
}

function toRow(line: string, no: number, stamped: boolean): LogRow {
  let body = line.endsWith('\r') ? line.slice(0, -1) : line;
  let at = '';
  let stamp = '';
  const match = stamped ? STAMP.exec(body) : null;
  if (match) {
    stamp = match[0].trimEnd();
    at = `${match[1]}${(match[2] ?? '.').padEnd(4, '0').slice(0, 4)}`;
    body = body.slice(match[0].length);
  }
  if (!SPECIAL.test(body)) return { no, at, stamp, styled: body, plain: body };
  const styled = cleanLine(body);
  return { no, at, stamp, styled, plain: styled.includes('\x1b') ? styled.replace(COLOURS, '') : styled };
}

/** Splits a log text into rows. `stamped`: each line starts with the kubelet's RFC 3339 time and one space. */
export function parseLog(text: string, stamped: boolean): LogRows {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const rows: LogRow[] = [];
  return {
    count: lines.length,
    row: (index) => {
      const line = lines[index];
      if (line === undefined) return undefined;
      rows[index] ??= toRow(line, index + 1, stamped);
      return rows[index];
    },
  };
}

const COLOUR_NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
const DECORATIONS: Readonly<Record<string, string>> = {
  bold: 'a-bold',
  dim: 'a-dim',
  italic: 'a-italic',
  underline: 'a-underline',
  strikethrough: 'a-strike',
};

/** Every class that a log can ask for. Anything else in it (256 colours, blinking, hidden text) shows as plain text. */
export const STYLES: ReadonlySet<string> = new Set([
  ...COLOUR_NAMES.flatMap((name) => [`a-${name}`, `a-on-${name}`]),
  ...Object.values(DECORATIONS),
]);

function colourClass(anserClass: string, prefix: string): string {
  const name = anserClass.replace(/^ansi-(?:bright-)?/, '');
  const found = `${prefix}${name}`;
  return STYLES.has(found) ? found : '';
}

/** The pieces of a row's text. Joined, their texts are the row's `plain`. */
export function segmentsOf(row: Pick<LogRow, 'styled' | 'plain'>): readonly LogSegment[] {
  if (row.styled === row.plain) return [{ text: row.plain, classes: '' }];
  const segments = Anser.ansiToJson(row.styled, { json: true, use_classes: true, remove_empty: true }).map((piece) => {
    const back = colourClass(piece.bg ?? '', 'a-on-');
    const classes = [
      back === '' ? colourClass(piece.fg ?? '', 'a-') : back,
      ...piece.decorations.map((name) => DECORATIONS[name] ?? ''),
    ];
    return { text: piece.content, classes: classes.filter((name) => name !== '').join(' ') };
  });
  return segments.map((segment) => segment.text).join('') === row.plain ? segments : [{ text: row.plain, classes: '' }];
}

/** Whether a line continues a stack trace: it speaks in the second voice. */
export function isStackLine(plain: string): boolean {
  return /^(?:\s+at |\t|\s{2,}File "|\s+\.\.\. \d+ more|\s{4,}\S+\.(?:rb|py|go|rs|js|ts):\d+)/.test(plain);
}
