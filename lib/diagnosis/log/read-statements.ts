import type { LogEvidence, LogLine } from '@/lib/diagnosis/evidence';
import {
  type BlockReader,
  type CrashBlock,
  readDotnet,
  readJava,
  readNode,
  readPython,
  readSpring,
  textOf,
} from './crash-blocks';
import { readErlang, readGo, readNative, readPhp, readRuby, readRust } from './crash-blocks-native';
import { parseLine } from './parse-line';
import { type CauseLine, clip, type ParsedLine, type Statement } from './statement';

/** Cheap words that must stand in the line or the next ones before a reader is tried. */
const READERS: readonly { readonly hint: RegExp; readonly read: BlockReader }[] = [
  { hint: /Traceback \(most/, read: readPython },
  { hint: /^(?:panic|fatal error|runtime|unexpected fault)/, read: readGo },
  { hint: /^\s{0,4}APPLICATION FAILED TO START\s{0,4}$/, read: readSpring },
  { hint: /panicked at|^Error: /, read: readRust },
  { hint: /:in [`']/, read: readRuby },
  { hint: /(?:Fatal|Parse) error:/, read: readPhp },
  { hint: /\*\* \(|^\{"init term|^Runtime term|^Kernel pid|^BOOT FAILED/, read: readErlang },
  { hint: /^Unhandled [Ee]xception[.:]|\w(?:Exception|Error)\b.{0,3}/, read: readDotnet },
  { hint: /[a-z]\.[A-Z]\w{0,120}/, read: readJava },
  { hint: /\w(?:Error|Exception)\b|Error: /, read: readNode },
  {
    hint: /terminate called|Segmentation|\*\*\* |double free|\(\): |corrupted size|munmap|Bus error|Illegal inst|Floating|Aborted|Assertion|Sanitizer|A fatal error|Fatal Python|Bad system/,
    read: readNative,
  },
];

function readBlock(lines: readonly LogLine[], index: number): CrashBlock | null {
  const text = textOf(lines, index);
  for (const { hint, read } of READERS) {
    if (!hint.test(text)) continue;
    const block = read(lines, index);
    if (block) return block;
  }
  return null;
}

/** A stack trace in a field of a structured line goes through the same readers. */
function readCarried(parsed: ParsedLine, no: number): readonly CauseLine[] {
  if (parsed.stack === '') return [];
  const lines = parsed.stack
    .slice(0, 16_384)
    .split('\n')
    .map((text) => ({ no, at: null, text }));
  const block = readBlock(lines, 0) ?? readBlock(lines, 1);
  return block?.causes.map((one) => ({ ...one, no })) ?? [];
}

function fromBlock(lines: readonly LogLine[], index: number, block: CrashBlock): Statement {
  const decisive = block.causes[block.innermost] ?? block.causes[0];
  const head = lines[index]?.text ?? '';
  const ordered = decisive ? [decisive, ...block.causes.filter((one) => one !== decisive)] : [];
  const byNo = new Map(lines.slice(index, block.end).map((line) => [line.no, line.text]));
  const texts = ordered.map((one) => ({ no: one.no, text: clip(byNo.get(one.no) ?? one.message) }));
  // Lines between head and first frame belong to the message (validation reports, SQL, multi-line causes).
  for (let at = index; at < Math.min(block.end, index + 14); at += 1) {
    const line = lines[at];
    if (line && !texts.some((one) => one.no === line.no) && !/^\s{1,12}(?:at |from |File |\.\.\. )/.test(line.text)) {
      texts.push({ no: line.no, text: clip(line.text) });
    }
  }
  return {
    no: decisive?.no ?? lines[index]?.no ?? 0,
    endNo: lines[block.end - 1]?.no ?? 0,
    line: clip(byNo.get(decisive?.no ?? -1) ?? head),
    kind: block.kind,
    level: block.isFatal ? 'fatal' : 'error',
    message: decisive
      ? clip(
          decisive.type && decisive.message
            ? `${decisive.type}: ${decisive.message}`
            : decisive.message || decisive.type,
        )
      : clip(head),
    exceptionType: decisive?.type ?? '',
    frames: block.frames,
    causes: block.causes,
    texts,
    isCrash: true,
  };
}

function fromLine(line: LogLine): Statement {
  const parsed = parseLine(line.text);
  const carried = readCarried(parsed, line.no);
  const innermost = carried.at(-1);
  const errors = parsed.errors.map((error) => error.replace(/\s*\n\s*/g, ' '));
  const message = [parsed.message, ...errors.slice(0, 1)]
    .filter((text, index, all) => text && !all.slice(0, index).some((seen) => seen.includes(text)))
    .join(': ');
  const texts = [line.text, parsed.message, ...errors, ...carried.map((one) => `${one.type}: ${one.message}`)];
  return {
    no: line.no,
    endNo: line.no,
    line: clip(line.text),
    kind: parsed.kind,
    level: parsed.level,
    message: clip(message || line.text.trim()),
    exceptionType: innermost?.type ?? '',
    frames: [],
    causes: carried,
    texts: [...new Set(texts.filter((text) => text !== '').map(clip))].map((text) => ({ no: line.no, text })),
    isCrash: false,
  };
}

const cache = new WeakMap<LogEvidence, readonly Statement[]>();

/** The statements of a log, oldest first; blank lines are left out. The same log is read once. */
export function readStatements(log: LogEvidence): readonly Statement[] {
  const known = cache.get(log);
  if (known) return known;
  const { lines } = log;
  const statements: Statement[] = [];
  let index = 0;
  while (index < lines.length) {
    const line = lines[index];
    if (!line || line.text.trim() === '') {
      index += 1;
      continue;
    }
    const block = readBlock(lines, index);
    if (block) {
      statements.push(fromBlock(lines, index, block));
      index = Math.max(block.end, index + 1);
    } else {
      statements.push(fromLine(line));
      index += 1;
    }
  }
  cache.set(log, statements);
  return statements;
}
