import { withholdUserinfo } from './addresses';
import { withholdAssignments } from './assignments';
import { withholdFlags } from './command-line';
import { withholdForms } from './forms';
import { withholdHeaders } from './headers';
import { kindOfName } from './names';
import { PEM, withholdPem, withholdShapes } from './shapes';
import { isHarmlessValue } from './values';
import { mark, type Withhold } from './withheld';

/**
 * Free text without the credentials in it, each marked in place with what it looked like: `password=[withheld: looks like a
 * password]`. Addresses keep scheme, user, host and path. Text that was redacted before comes back as it is. Time grows with the
 * length of the text alone, whatever it holds.
 */
export function redactText(text: string, withhold: Withhold = mark): string {
  if (text.length < 4) return text;
  let shown = withholdPem(text, withhold);
  shown = withholdHeaders(shown, withhold);
  shown = withholdUserinfo(shown, withhold);
  shown = withholdShapes(shown, withhold);
  shown = withholdForms(shown, withhold);
  shown = withholdFlags(shown, withhold);
  return withholdAssignments(shown, withhold);
}

/** The value of a variable as it may be shown. An empty value stays empty: that it is empty may be the cause. */
export function redactValue(name: string, value: string, withhold: Withhold = mark): string {
  const kind = kindOfName(name);
  if (kind === null || isHarmlessValue(value)) return redactText(value, withhold);
  const isAddress = /^\s{0,8}[a-z][a-z0-9+.-]{0,30}:\/\//i.test(value);
  return isAddress ? redactText(value, withhold) : withhold(kind, value);
}

const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) )?/;
/** Lines of a private key; where no end is in sight only what looks like one is taken. */
const KEY_LINE = /^[\w+/=\s:,.-]{0,100}$/;
const KEY_LINES_MAX = 200;

/**
 * The lines of a log without the credentials in them, as many lines as before. A private key that goes over several lines is
 * withheld in each of them, also where its beginning or its end is not among the lines. The kubelet's timestamp stays.
 */
export function redactLines(lines: readonly string[]): string[] {
  const inKey = lines.some((line) => line.includes('PRIVATE KEY')) ? keyLines(lines) : null;
  return lines.map((line, index) => {
    if (inKey?.has(index)) return hideLine(line);
    const stamp = STAMP.exec(line)?.[0] ?? '';
    return stamp + redactText(line.slice(stamp.length));
  });
}

/** A text of several lines as `redactLines` gives its lines. */
export function redactLog(text: string): string {
  return redactLines(text.split('\n')).join('\n');
}

function hideLine(line: string): string {
  const stamp = STAMP.exec(line)?.[0] ?? '';
  const rest = line.slice(stamp.length);
  return rest.trim() === '' ? line : stamp + mark('a private key', rest);
}

/** Indices of the lines that stand between the beginning and the end of a key. */
function keyLines(lines: readonly string[]): ReadonlySet<number> {
  const found = new Set<number>();
  /** Of a key without an end, those lines that look like one. */
  const takeKeyLines = (from: number) => {
    for (let at = from + 1; from >= 0 && at < lines.length && isKeyLine(lines[at] ?? ''); at++) found.add(at);
  };
  let begin = -1;
  for (const [index, line] of lines.entries()) {
    if (PEM.begin.test(line)) {
      takeKeyLines(begin);
      begin = PEM.end.test(line) ? -1 : index;
      continue;
    }
    if (PEM.end.test(line)) {
      const from = begin >= 0 ? begin + 1 : 0;
      for (let at = index; at >= from && (begin >= 0 || isKeyLine(lines[at] ?? '')); at--) found.add(at);
      begin = -1;
    } else if (begin >= 0 && index - begin > KEY_LINES_MAX) {
      takeKeyLines(begin);
      begin = -1;
    }
  }
  takeKeyLines(begin);
  return found;
}

function isKeyLine(line: string): boolean {
  return PEM.end.test(line) || KEY_LINE.test(line.replace(STAMP, ''));
}
