/** Crash reports of Go, Rust, Ruby, PHP, C and C++, Elixir and Erlang. See crash-blocks.ts for the form of a reader. */
import type { LogLine } from '@/lib/diagnosis/evidence';
import { type BlockReader, textOf } from './crash-blocks';
import type { CauseLine } from './statement';

const MOST_FRAMES = 400;

function cause(lines: readonly LogLine[], index: number, type: string, message: string): CauseLine {
  return { no: lines[index]?.no ?? 0, type, message: message.trim() };
}

function skip(
  lines: readonly LogLine[],
  from: number,
  isPart: (text: string) => boolean,
): { end: number; frames: string[] } {
  const frames: string[] = [];
  let end = from;
  while (end < lines.length && frames.length < MOST_FRAMES && isPart(textOf(lines, end))) {
    frames.push(textOf(lines, end));
    end += 1;
  }
  return { end, frames };
}

const GO_HEAD =
  /^(panic|fatal error|runtime: (?:out of memory|goroutine stack exceeds)[^:]{0,60}|unexpected fault address)(?:: ?| )(.*)$/;
const GO_PART =
  /^(?:\t|\s*$|goroutine \d|created by |[\w./*()@~-]{1,300}(?:\.func\d{1,4}|\{[^}]{0,20}\}|\[\.\.\.\])?.{0,80}\(.{0,400}\)$|main\.|runtime[.:]|\[signal |panic: |r\d{1,2} |rip|exit status \d|\[recovered\]|\s{1,8}\S{1,200}:\d)/;

export const readGo: BlockReader = (lines, index) => {
  const head = GO_HEAD.exec(textOf(lines, index));
  if (!head) return null;
  const causes = [cause(lines, index, head[1] ?? 'panic', (head[2] ?? '').replace(/ \[recovered.{0,40}\]$/, ''))];
  let at = index + 1;
  // The message of a panic may run over lines; a stack follows after an empty line.
  while (
    at < index + 12 &&
    at < lines.length &&
    !/^(?:goroutine \d|\[signal |\s*$|\tpanic: |panic: )/.test(textOf(lines, at))
  )
    at += 1;
  if (at >= index + 12 || at >= lines.length) at = index + 1;
  const rest = skip(lines, at, (text) => GO_PART.test(text));
  for (let place = at; place < rest.end; place += 1) {
    const nested = /^\t{0,2}panic: (.*)$/.exec(textOf(lines, place));
    if (nested) causes.push(cause(lines, place, 'panic', nested[1] ?? ''));
  }
  // Each later "panic:" was raised while handling the one before: the first one is the innermost.
  return { kind: 'go', end: rest.end, causes, frames: rest.frames, innermost: 0, isFatal: true };
};

const RUST_NEW = /^(?:.{0,80} )?thread '([^']{0,120})'(?: \(\d{1,10}\))? panicked at ([^']{1,400}):$/;
const RUST_OLD =
  /^(?:.{0,80} )?thread '([^']{0,120})'(?: \(\d{1,10}\))? panicked at '?(.{1,2000}?)'?, ?([\w./\\-]{1,300}:\d{1,7}:\d{1,7})$/;

export const readRust: BlockReader = (lines, index) => {
  const head = textOf(lines, index);
  if (head.includes('panicked at')) {
    const old = RUST_OLD.exec(head);
    const fresh = old ? null : RUST_NEW.exec(head);
    if (!old && !fresh) return null;
    const rest = skip(lines, index + (fresh ? 2 : 1), (text) =>
      /^(?:note: |stack backtrace:|\s{1,8}\d{1,4}: |\s{6,}at |\s{2,})/.test(text),
    );
    const message = old ? (old[2] ?? '') : textOf(lines, index + 1);
    const place = fresh ? index + 1 : index;
    return {
      kind: 'rust',
      end: rest.end,
      causes: [cause(lines, place, 'panic', message)],
      frames: rest.frames,
      innermost: 0,
      isFatal: true,
    };
  }
  const error = /^Error: (.*)$/.exec(head);
  if (!error) return null;
  let at = index + 1;
  while (at < index + 3 && textOf(lines, at).trim() === '') at += 1;
  if (!/^Caused by:\s*$/.test(textOf(lines, at))) return null;
  const causes = [cause(lines, index, 'Error', error[1] ?? '')];
  const rest = skip(lines, at + 1, (text) => /^\s{2,12}\S/.test(text));
  rest.frames.forEach((text, offset) => {
    causes.push(cause(lines, at + 1 + offset, '', text.trim().replace(/^\d{1,3}: /, '')));
  });
  return { kind: 'rust', end: rest.end, causes, frames: [], innermost: causes.length - 1, isFatal: true };
};

const RUBY_HEAD =
  /^(?:.{0,60} )?(?:\/|[\w.-]{1,80}\/|<internal:)[\w./:>@+-]{1,300}:\d{1,7}:in [`'](.{1,200}?)': (.{1,2000}?)(?: \(([A-Z][\w:]{1,120})\))?$/;

export const readRuby: BlockReader = (lines, index) => {
  const head = RUBY_HEAD.exec(textOf(lines, index));
  if (!head) return null;
  const rest = skip(lines, index + 1, (text) => /^\s{1,8}(?:from |\d{1,4}: from )|^\s*$/.test(text));
  const causes = [cause(lines, index, head[3] ?? '', head[2] ?? '')];
  let end = rest.end;
  // Ruby prints the cause after the stack, in the same form.
  const inner = RUBY_HEAD.exec(textOf(lines, end));
  if (inner && rest.frames.length > 0) {
    causes.push(cause(lines, end, inner[3] ?? '', inner[2] ?? ''));
    end = skip(lines, end + 1, (text) => /^\s{1,8}from /.test(text)).end;
  }
  return { kind: 'ruby', end, causes, frames: rest.frames, innermost: causes.length - 1, isFatal: true };
};

const PHP_HEAD = /(?:PHP )?(?:Fatal|Parse) error:\s{1,4}(?:Uncaught )?(.*)$/;

export const readPhp: BlockReader = (lines, index) => {
  const text = textOf(lines, index);
  const head = PHP_HEAD.exec(text);
  if (!head || !/error:\s/.test(text)) return null;
  const typed = /^([A-Z][\w\\]{1,120}(?:Exception|Error)?): (.*)$/.exec(head[1] ?? '');
  const causes = [cause(lines, index, typed?.[1] ?? 'Fatal error', typed?.[2] ?? head[1] ?? '')];
  const rest = skip(lines, index + 1, (line) =>
    /^(?:PHP )?(?:Stack trace:|#\d{1,4} |\s{1,4}thrown in |\s*$)/.test(line),
  );
  let end = rest.end;
  const next = /^Next ([A-Z][\w\\]{1,120}): (.*)$/.exec(textOf(lines, end));
  if (next) {
    causes.unshift(cause(lines, end, next[1] ?? '', next[2] ?? ''));
    end = skip(lines, end + 1, (line) => /^(?:PHP )?(?:Stack trace:|#\d{1,4} |\s{1,4}thrown in )/.test(line)).end;
  }
  return { kind: 'php', end, causes, frames: rest.frames, innermost: causes.length - 1, isFatal: true };
};

const NATIVE =
  /^(?:.{0,120}?)(terminate called (?:after throwing an instance of|without an active exception)|Segmentation fault|\*\*\* stack smashing detected|double free or corruption|free\(\): |malloc\(\): |corrupted size vs\. prev_size|munmap_chunk\(\)|Bus error|Illegal instruction|Floating point exception|Aborted \(core dumped\)|.{0,200}Assertion [`'].{1,400}' failed|==\d{1,10}==ERROR: AddressSanitizer|# A fatal error has been detected by the Java Runtime|Fatal Python error: |Bad system call)(.*)$/;

export const readNative: BlockReader = (lines, index) => {
  const head = NATIVE.exec(textOf(lines, index));
  if (!head) return null;
  const causes = [cause(lines, index, '', textOf(lines, index))];
  let end = index + 1;
  const what = /^\s{0,8}what\(\):\s{1,4}(.*)$/.exec(textOf(lines, end));
  if (what) {
    const type = /instance of '([^']{1,200})'/.exec(textOf(lines, index))?.[1] ?? '';
    causes.push(cause(lines, end, type, what[1] ?? ''));
    end += 1;
  }
  const rest = skip(lines, end, (text) => /^\s{0,4}#\s|^\s{2,8}(?:#\d|@ |at )|^\[0x|^Aborted|^--- /.test(text));
  return { kind: 'native', end: rest.end, causes, frames: rest.frames, innermost: causes.length - 1, isFatal: true };
};

export const readErlang: BlockReader = (lines, index) => {
  const text = textOf(lines, index);
  const elixir = /\*\* \((?:EXIT from .{1,60}\) )?(?:(Mix|[A-Z][\w.]{1,120}))\) (.*)$/.exec(text);
  const boot = elixir
    ? null
    : /^\{"init terminating in do_boot",\s?(.*)$|^(?:Runtime terminating during boot|Kernel pid terminated) \(?(.*)$|^BOOT FAILED$/.exec(
        text,
      );
  if (!elixir && !boot) return null;
  const causes = [cause(lines, index, elixir?.[1] ?? '', elixir?.[2] ?? text)];
  const frames: string[] = [];
  let end = index + 1;
  while (end < lines.length && frames.length < MOST_FRAMES) {
    const line = textOf(lines, end);
    const nested = /^\s{2,40}\*\* \((?:(EXIT|[A-Z][\w.]{1,120}))\) (.*)$/.exec(line);
    if (nested) causes.push(cause(lines, end, nested[1] ?? '', nested[2] ?? ''));
    else if (!/^(?:\s{2,}\S|\s*$|=+\s*$)/.test(line) && !(boot && text === 'BOOT FAILED' && frames.length < 8)) break;
    frames.push(line);
    end += 1;
  }
  return { kind: 'erlang', end, causes, frames, innermost: causes.length - 1, isFatal: true };
};
