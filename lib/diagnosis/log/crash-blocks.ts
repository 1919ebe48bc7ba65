/**
 * Recognises crash reports that span lines: what the runtime of a language prints when nobody caught the error. Each
 * reader looks at one line and, where it begins a report, gives the report and the line after it. Readers only move
 * forward, so a log is walked once.
 */
import type { LogLine } from '@/lib/diagnosis/evidence';
import type { CauseLine, StatementKind } from './statement';

/** A crash report. `end` is the index after its last line; `causes` are outermost first, the top exception included. */
export interface CrashBlock {
  readonly kind: StatementKind;
  readonly end: number;
  readonly causes: readonly CauseLine[];
  readonly frames: readonly string[];
  /** Which of `causes` explains: an index. */
  readonly innermost: number;
  /** False where the report may have been caught and logged. */
  readonly isFatal: boolean;
}

export type BlockReader = (lines: readonly LogLine[], index: number) => CrashBlock | null;

const MOST_FRAMES = 400;
/** Text of a line at an index, cut so that one long line cannot cost much; empty past the end. */
export function textOf(lines: readonly LogLine[], index: number): string {
  const text = lines[index]?.text ?? '';
  return text.length > 4096 ? text.slice(0, 4096) : text;
}

function noOf(lines: readonly LogLine[], index: number): number {
  return lines[index]?.no ?? 0;
}

function cause(lines: readonly LogLine[], index: number, type: string, message: string): CauseLine {
  return { no: noOf(lines, index), type, message: message.trim() };
}

const PYTHON_END = /^(?:[|+\s]{0,12})([A-Za-z_][\w.]{0,120})(?:: (.*))?$/;
const PYTHON_VAGUE = /^(KeyError|AttributeError|StopIteration|IndexError|LookupError|ValueError)$/;

export const readPython: BlockReader = (lines, index) => {
  if (!textOf(lines, index).includes('Traceback (most recent call last):')) return null;
  const causes: CauseLine[] = [];
  const frames: string[] = [];
  let at = index;
  let hasDirectCause = false;
  while (textOf(lines, at).includes('Traceback (most recent call last):')) {
    const indent = textOf(lines, at).search(/\S/);
    at += 1;
    while (at < lines.length && frames.length < MOST_FRAMES) {
      const text = textOf(lines, at);
      if (text.trim() !== '' && text.search(/\S/) <= Math.max(indent, 0) && !/^\s*[|+]?\s{2,}/.test(text)) break;
      if (text.trim() === '' && textOf(lines, at + 1).trim() === '') break;
      frames.push(text);
      at += 1;
    }
    const end = PYTHON_END.exec(textOf(lines, at));
    if (end) {
      causes.push(cause(lines, at, end[1] ?? '', end[2] ?? ''));
      at += 1;
      // A message may go on over lines that stand alone (validation errors, SQL), up to a blank line.
      let extra = 0;
      while (extra < 12 && /^\s{2,}\S/.test(textOf(lines, at + extra))) extra += 1;
      at += extra;
    } else break;
    let next = at;
    while (next < at + 3 && textOf(lines, next).trim() === '') next += 1;
    const link = textOf(lines, next);
    if (!/the direct cause of the following exception|another exception occurred/.test(link)) break;
    if (link.includes('direct cause')) hasDirectCause = true;
    next += 1;
    while (next < lines.length && textOf(lines, next).trim() === '') next += 1;
    if (!textOf(lines, next).includes('Traceback (most recent call last):')) break;
    at = next;
  }
  if (causes.length === 0) return null;
  // Python prints the innermost first. A lookup that failed on the way is not what explains the exception raised for it.
  const first = causes[0];
  const isVague = !hasDirectCause && first !== undefined && PYTHON_VAGUE.test(first.type);
  const ordered = causes.toReversed();
  return {
    kind: 'python',
    end: at,
    causes: ordered,
    frames,
    innermost: isVague ? 0 : ordered.length - 1,
    isFatal: true,
  };
};

const JAVA_TYPE = /((?:[a-z_$][\w$]{0,60}\.){1,12}[A-Z][\w$]{0,120})(?:: (.*))?$/;
const JAVA_FRAME = /^\s{1,8}at [\w$.<>/@-]{1,300}\(/;

export const readJava: BlockReader = (lines, index) => {
  const head = textOf(lines, index);
  if (JAVA_FRAME.test(head)) return null;
  let at = index + 1;
  // The message itself may run over a few lines before the first frame.
  while (at < index + 6 && at < lines.length && !JAVA_FRAME.test(textOf(lines, at))) {
    if (!/^\s{0,8}\S/.test(textOf(lines, at)) || /^\d{4}-\d\d-\d\d/.test(textOf(lines, at))) break;
    at += 1;
  }
  if (!JAVA_FRAME.test(textOf(lines, at))) return null;
  const top = JAVA_TYPE.exec(head);
  if (!top) return null;
  const causes = [cause(lines, index, top[1] ?? '', top[2] ?? '')];
  const frames: string[] = [];
  while (at < lines.length && frames.length < MOST_FRAMES) {
    const text = textOf(lines, at);
    const nested = /^\s{0,8}(?:Caused by|Wrapped by): /.exec(text);
    if (nested) {
      const inner = JAVA_TYPE.exec(text.slice(nested[0].length));
      const rest = text.slice(nested[0].length);
      causes.push(cause(lines, at, inner?.[1] ?? '', inner ? (inner[2] ?? '') : rest));
    } else if (JAVA_FRAME.test(text)) frames.push(text);
    else if (!/^\s{0,8}(?:\.\.\. \d{1,6} (?:more|common frames omitted)|Suppressed: )/.test(text)) {
      // Lines of a long message stand between "Caused by" and its first frame.
      let ahead = at + 1;
      while (
        ahead < at + 4 &&
        !JAVA_FRAME.test(textOf(lines, ahead)) &&
        !/^\s{0,8}Caused by: /.test(textOf(lines, ahead))
      )
        ahead += 1;
      if (ahead >= at + 4 || text.trim() === '' || /^\d{4}-\d\d-\d\d/.test(text)) break;
    }
    at += 1;
  }
  return {
    kind: 'java',
    end: at,
    causes,
    frames,
    innermost: causes.length - 1,
    isFatal: /Exception in thread|Uncaught|APPLICATION FAILED/.test(head),
  };
};

const SPRING_LINES = 12;

/** What Spring Boot's failure analysis prints last: a description in words, then what to do (LoggingFailureAnalysisReporter). */
export const readSpring: BlockReader = (lines, index) => {
  let at = index + 1;
  while (at < index + SPRING_LINES && textOf(lines, at).trim() !== 'Description:') at += 1;
  if (textOf(lines, at).trim() !== 'Description:') return null;
  const causes: CauseLine[] = [];
  for (at += 1; at < lines.length && causes.length < SPRING_LINES; at += 1) {
    const text = textOf(lines, at).trim();
    if (text === 'Action:') break;
    if (text !== '') causes.push(cause(lines, at, '', text));
  }
  if (causes.length === 0) return null;
  return { kind: 'java', end: at, causes, frames: [], innermost: 0, isFatal: true };
};

const DOTNET_TYPE =
  /((?:[A-Z][\w`]{0,60}\.){1,10}[A-Z][\w`+]{0,100}(?:Exception|Error)?)(?:\s?\(0x[0-9a-fA-F]{1,8}\))?: (.*)$/;

export const readDotnet: BlockReader = (lines, index) => {
  const head = textOf(lines, index);
  const isUnhandled = /^Unhandled [Ee]xception[.:] /.test(head);
  if (
    !isUnhandled &&
    !/^\s{2,8}at [\w.`<>[\],|+]{1,300}\(.{0,400}\)(?: in .{1,300}:line \d{1,7})?$/.test(textOf(lines, index + 1))
  )
    return null;
  const top = DOTNET_TYPE.exec(head);
  if (!top) return null;
  const causes: CauseLine[] = [];
  const frames: string[] = [];
  const push = (place: number, text: string) => {
    for (const piece of text.split(/ ---> /)) {
      const inner = DOTNET_TYPE.exec(piece);
      causes.push(cause(lines, place, inner?.[1] ?? '', inner?.[2] ?? piece));
    }
  };
  push(index, head.replace(/^Unhandled [Ee]xception[.:] /, ''));
  let at = index + 1;
  while (at < lines.length && frames.length < MOST_FRAMES) {
    const text = textOf(lines, at);
    if (/^\s{0,4}---> /.test(text)) push(at, text.replace(/^\s{0,4}---> /, ''));
    else if (/^\s{2,8}(?:at |--- End of )/.test(text)) frames.push(text);
    else break;
    at += 1;
  }
  return { kind: 'dotnet', end: at, causes, frames, innermost: causes.length - 1, isFatal: isUnhandled };
};

const NODE_FRAME =
  /^\s{2,12}at (?:async )?(?:.{1,200} \()?(?:file:\/\/|node:|\/|[A-Za-z]:\\|internal\/|<anonymous>|webpack|eval )?.{0,300}:\d{1,7}:\d{1,7}\)?/;
const NODE_TYPE =
  /^(?:Uncaught )?(?:\[?)([A-Z][\w.]{0,80}(?:Error|Exception|Rejection|Failure|Warning)?)(?: \[([A-Z_\d]{2,60})\])?: (.*)$/;

export const readNode: BlockReader = (lines, index) => {
  const head = textOf(lines, index).trimStart();
  if (
    !NODE_FRAME.test(textOf(lines, index + 1)) &&
    !NODE_FRAME.test(textOf(lines, index + 2)) &&
    !/^Require stack:/.test(textOf(lines, index + 1))
  )
    return null;
  if (NODE_FRAME.test(textOf(lines, index))) return null;
  const bare = head.replace(
    /^.{0,60}?(?=(?:Uncaught )?[A-Z]\w{0,60}(?:Error|Exception)(?: \[[A-Z_\d]{2,60}\])?: )/,
    '',
  );
  const top = NODE_TYPE.exec(bare);
  if (!top) return null;
  const causes = [cause(lines, index, top[2] ? `${top[1]} [${top[2]}]` : (top[1] ?? ''), top[3] ?? '')];
  const frames: string[] = [];
  let at = index + 1;
  while (at < lines.length && frames.length < MOST_FRAMES) {
    const text = textOf(lines, at);
    const nested = /^\s{0,12}\[?(?:cause|errors|originalError)\]?: (.*)$/.exec(text);
    const nestedType = nested ? NODE_TYPE.exec((nested[1] ?? '').trim()) : null;
    if (nestedType) causes.push(cause(lines, at, nestedType[1] ?? '', nestedType[3] ?? ''));
    else if (NODE_FRAME.test(text)) frames.push(text);
    else if (!/^(?:\s{2,}\S|\s*[{}\]]+,?\s*$|Require stack:|- \/|\s*$|Node\.js v)/.test(text)) break;
    if (text.trim() === '' && !/^(?:\s{2,}|Node\.js v)/.test(textOf(lines, at + 1))) break;
    at += 1;
  }
  return { kind: 'node', end: at, causes, frames, innermost: causes.length - 1, isFatal: frames.length > 0 };
};
