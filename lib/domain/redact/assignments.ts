import { kindOfName } from './names';
import { isHarmlessValue, isOpaque, isProse, isVersion } from './values';
import { type SecretKind, startsWithMark, type Withhold } from './withheld';

/** One of these stands in every name of a credential. */
const NAME_HINT = /pass|pw|secret|token|key|cred|auth|cookie|bearer|jwt|pat|dsn|salt|sas|sig|otp/i;
const NAME_LONGEST = 120;
const VALUE_LONGEST = 4096;
/** Single words that name too much in a sentence to be taken for a credential's name there. */
const TOO_COMMON = /^(?:keys?|salt|authorization|otp|sas|dsn|pat|pass|passed|cookies?)$/i;
const BEFORE_KEY = /(?:^|[^\w])(api|access|private|license|account|encryption|signing) $/i;
const ABOUT_SYNTAX = /(?:unexpected|illegal|unknown|next|last|current|eof|non-existent secret) $/i;

interface Name {
  readonly text: string;
  readonly start: number;
  readonly isQuoted: boolean;
  /** Nothing but blanks or a list's dash stands before it on its line. */
  readonly beginsLine: boolean;
  /** It is made of several words, so that it is hardly a word of a sentence. */
  readonly isCompound: boolean;
  readonly isPath: boolean;
}

interface Value {
  readonly from: number;
  readonly to: number;
  readonly isQuoted: boolean;
}

function isNameChar(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 45 ||
    code === 46 ||
    code === 36 ||
    code === 91 ||
    code === 93
  );
}

/** The name before a separator, walking back over blanks and a quote with its backslashes; null where none stands there. */
function nameBefore(text: string, separator: number): Name | null {
  let end = separator;
  if (text[end - 1] === ':') end -= 1;
  for (let blanks = 0; blanks < 3 && (text[end - 1] === ' ' || text[end - 1] === '\t'); blanks++) end -= 1;
  let isQuoted = false;
  if (text[end - 1] === '"' || text[end - 1] === "'" || text[end - 1] === '`') {
    isQuoted = true;
    end -= 1;
    for (let slashes = 0; slashes < 7 && text[end - 1] === '\\'; slashes++) end -= 1;
  }
  let start = end;
  while (start > 0 && end - start <= NAME_LONGEST && isNameChar(text.charCodeAt(start - 1))) start -= 1;
  if (start === end || end - start > NAME_LONGEST) return null;
  const name = text.slice(start, end);
  if (!NAME_HINT.test(name)) return null;
  const before = text.slice(Math.max(0, start - 24), start);
  const beforeKey = /^keys?$/i.test(name) ? BEFORE_KEY.exec(before)?.[1] : undefined;
  if (ABOUT_SYNTAX.test(before)) return null;
  return {
    text: beforeKey === undefined ? name : `${beforeKey}_${name}`,
    start,
    isQuoted,
    beginsLine: /(?:^|\n)[ \t]*(?:- |export |ENV |set )?$/.test(text.slice(Math.max(0, start - 40), start)),
    isCompound: /[a-z0-9][A-Z]|[\w$][_.\-[]\w|^[_$]\w/.test(name) || name.length > 12,
    isPath: text[start - 1] === '/' || text[start - 1] === '\\',
  };
}

/** Where the value after a separator stands, without its quotes; null where the line ends. */
function valueAfter(text: string, from: number, name: Name, isEnv: boolean): Value | null {
  let at = from;
  for (let blanks = 0; blanks < 8 && (text[at] === ' ' || text[at] === '\t'); blanks++) at += 1;
  let quoteFrom = at;
  while (quoteFrom < at + 7 && text[quoteFrom] === '\\') quoteFrom += 1;
  const quote = text[quoteFrom];
  if (quote === '"' || quote === "'" || quote === '`') {
    const opener = text.slice(at, quoteFrom + 1);
    const start = quoteFrom + 1;
    return { from: start, to: closingQuote(text, start, opener), isQuoted: true };
  }
  const isWhole = isEnv || (name.beginsLine && /^[A-Z][A-Z0-9_]*$/.test(name.text));
  const stop = isWhole ? /[\s"'`]/g : /[\s;,&"'`}<]|\\[nrt"'\\]/g;
  stop.lastIndex = at;
  const found = stop.exec(text.slice(0, Math.min(text.length, at + VALUE_LONGEST)));
  const to = found ? found.index : Math.min(text.length, at + VALUE_LONGEST);
  return to === at ? null : { from: at, to, isQuoted: false };
}

function closingQuote(text: string, from: number, opener: string): number {
  const limit = Math.min(text.length, from + VALUE_LONGEST);
  for (let at = text.indexOf(opener, from); at !== -1 && at < limit; at = text.indexOf(opener, at + opener.length)) {
    // A quote behind a backslash belongs to the value, unless the opening one had the backslash too.
    if (opener.length > 1 || text[at - 1] !== '\\') return at;
  }
  const line = text.indexOf('\n', from);
  return line === -1 ? limit : Math.min(line, limit);
}

/** Decides by name, separator and value whether the value is a secret or a word of a sentence. */
function isSecret(text: string, separator: number, name: Name, value: Value, kind: SecretKind): boolean {
  const word = text.slice(value.from, value.to);
  if (isHarmlessValue(word) || /^[a-z][a-z0-9+.-]{1,20}:\/\//i.test(word)) return false;
  const isColon = text[separator] === ':';
  if (TOO_COMMON.test(name.text) && !(name.isQuoted && value.isQuoted && !/^keys?$/i.test(name.text))) return false;
  if (/^(?:auth|signature|sig)$/i.test(name.text)) return word.length >= 12 && /^[\w+/=%.-]+$/.test(word);
  if (/tokens$/i.test(name.text) && /^\d{1,7}$/.test(word)) return false;
  const isName = /^[a-z0-9][a-z0-9.-]*(?:\/[a-z0-9][a-z0-9.-]*)?$/;
  const isObject = /^secrets?$/i.test(name.text);
  if (isObject && isName.test(word) && (word.includes('/') || isColon) && !/^[a-z0-9]{20,}$/.test(word)) return false;
  if (!isColon) return !(text[separator + 1] === ' ' && isProse(word));
  if (name.isPath) return false;
  const isLoose = text[value.from - 1] === ' ' && !value.isQuoted;
  if (!value.isQuoted && isVersion(word) && kind !== 'a password') return false;
  if (value.isQuoted) return name.isQuoted || name.isCompound || kind !== 'a credential' || isOpaque(word);
  if (isProse(word) && (!name.isQuoted || text[separator - 1] === ' ')) return false;
  if (!isLoose) return name.isCompound || kind === 'a password' || isOpaque(word);
  if (/^[A-Za-z][a-z']*$/.test(word) && /^,? [A-Za-z]/.test(text.slice(value.to, value.to + 3))) return false;
  return name.isCompound || name.isQuoted || kind === 'a password' || isOpaque(word);
}

function kindOf(name: string): SecretKind | null {
  const kind = kindOfName(name.replace(/^[-.$[\]]+/, ''));
  if (kind !== null) return kind;
  return /(?:^|[-_])sig(?:nature)?$/i.test(name) ? 'a key' : null;
}

/**
 * Replaces the values of `name=value`, `name: value`, `"name":"value"` (also with escaped quotes) and `name => value` where the name is
 * a credential's. What a sentence says about a credential stays: `password: must not be empty`.
 */
export function withholdAssignments(text: string, withhold: Withhold, isEnv = false): string {
  if (!NAME_HINT.test(text)) return text;
  const kept: string[] = [];
  let done = 0;
  const separators = /[=:]/g;
  for (let found = separators.exec(text); found !== null; found = separators.exec(text)) {
    const at = found.index;
    if (at < done) continue;
    const next = text[at + 1];
    if ((text[at] === ':' && next === '=') || next === '/' || '!<>='.includes(text[at - 1] || ' ')) continue;
    if (text[at] === '=' && next === '=') continue;
    const name = nameBefore(text, at);
    const kind = name && kindOf(name.text);
    if (!name || kind === null) continue;
    const value = valueAfter(text, next === '>' ? at + 2 : at + 1, name, isEnv);
    if (!value || startsWithMark(text.slice(value.from, value.from + 30))) continue;
    if (!isSecret(text, at, name, value, kind)) continue;
    kept.push(text.slice(done, value.from), withhold(kind, text.slice(value.from, value.to)));
    done = value.to;
    separators.lastIndex = done;
  }
  return done === 0 ? text : kept.join('') + text.slice(done);
}
