import type { Loop } from '@/lib/contract/loop';
import { LOOP_STATES } from '@/lib/domain/loop';
import { FAILING_STATES } from '@/lib/domain/order-loops';

/** The keys of the filter language; anything else before a colon is plain text (`redis:7`). */
export const FILTER_KEYS = ['cause', 'ns', 'node', 'image', 'exit', 'state', 'status', 'kind', 'restarts'] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];

/** One condition. `raw` is what was typed; `problem` says why it is ignored, in words, or is empty. */
export interface FilterTerm {
  readonly raw: string;
  readonly key: FilterKey | null;
  readonly negated: boolean;
  readonly value: string;
  readonly problem: string;
}

/** Splits a filter at white space; a part in double quotes stays together, quotes included. */
export function splitFilter(text: string): string[] {
  return text.match(/(?:"[^"]*"|[^\s"]|")+/g) ?? [];
}

/** Reads one token: `shop`, `!sandbox`, `ns:shop,billing`, `!state:gone`, `restarts:>5`. */
export function parseTerm(raw: string): FilterTerm {
  const negated = raw.startsWith('!') && raw.length > 1;
  const body = negated ? raw.slice(1) : raw;
  const colon = body.indexOf(':');
  const head = colon > 0 ? body.slice(0, colon).toLowerCase() : '';
  const key = FILTER_KEYS.find((known) => known === head) ?? null;
  const value = (key ? body.slice(colon + 1) : body).replaceAll('"', '');
  return { raw, key, negated, value, problem: key ? problemOf(key, value) : '' };
}

function problemOf(key: FilterKey, value: string): string {
  if (value === '') return `${key}: needs a value`;
  if (key === 'restarts' && !value.split(',').every(isRange)) {
    return `${key}:${value} is not a number (try ${key}:>5 or ${key}:3..7)`;
  }
  if (key === 'state') {
    const wrong = value.split(',').find((part) => statesOf(part).length === 0);
    if (wrong !== undefined) return `there is no state "${wrong}" (${LOOP_STATES.join(', ')})`;
  }
  return '';
}

/** Reads a whole filter. Never throws: a term that makes no sense carries its `problem` and matches everything. */
export function parseFilter(text: string): FilterTerm[] {
  return splitFilter(text).map(parseTerm);
}

/** True where the loop meets every term. */
export function matchesFilter(loop: Loop, terms: readonly FilterTerm[]): boolean {
  return terms.every((term) => term.problem !== '' || matchesTerm(loop, term) !== term.negated);
}

/** Adds the token to the filter text, or takes it out where it stands. */
export function toggleToken(text: string, token: string): string {
  const tokens = splitFilter(text);
  return (tokens.includes(token) ? tokens.filter((one) => one !== token) : [...tokens, token]).join(' ');
}

function matchesTerm(loop: Loop, { key, value }: FilterTerm): boolean {
  if (key === null) return textOf(loop).includes(value.toLowerCase());
  return value
    .toLowerCase()
    .split(',')
    .some((part) => part !== '' && matchesValue(loop, key, part));
}

function matchesValue(loop: Loop, key: FilterKey, value: string): boolean {
  switch (key) {
    case 'cause':
      return matchesCause(loop, value);
    case 'ns':
      return matchesGlob(loop.workload.namespace, value);
    case 'node':
      return loop.nodes.some((node) => node.toLowerCase().includes(value));
    case 'image':
      return loop.image.toLowerCase().includes(value);
    case 'exit':
      return matchesExit(loop, value);
    case 'state':
      return statesOf(value).includes(loop.state);
    case 'status':
      return loop.status.toLowerCase().includes(value);
    case 'kind':
      return loop.workload.kind.toLowerCase().startsWith(value);
    case 'restarts':
      return inRange(loop.restarts, value);
  }
}

function matchesCause({ verdict }: Loop, value: string): boolean {
  if (!verdict) return value === 'unknown';
  return verdict.category === value || verdict.cause.includes(value);
}

function matchesExit({ lastExit }: Loop, value: string): boolean {
  if (!lastExit) return false;
  if (isRange(value)) return inRange(lastExit.exitCode, value);
  return lastExit.signal?.toLowerCase() === value || lastExit.reason.toLowerCase() === value;
}

/** `failing` stands for every state that is failing now; a state may be shortened as far as it starts the name. */
function statesOf(value: string): readonly string[] {
  const wanted = value.toLowerCase();
  if (wanted === '') return [];
  if (wanted === 'failing') return FAILING_STATES;
  return LOOP_STATES.filter((state) => state.startsWith(wanted) || state.replace('-', ' ').startsWith(wanted));
}

/** Whole match with `*` for any run of characters, walked without a regular expression: the pattern comes from a URL. */
function matchesGlob(text: string, pattern: string): boolean {
  const parts = pattern.split('*');
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  const lower = text.toLowerCase();
  if (parts.length === 1) return lower === first;
  if (!lower.startsWith(first) || !lower.endsWith(last) || lower.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = lower.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= lower.length - last.length;
}

const RANGE = /^(?:(>=|<=|>|<|=)?(\d{1,9})|(\d{1,9})\.\.(\d{1,9}))$/;

function isRange(value: string): boolean {
  return RANGE.test(value);
}

function inRange(number: number, value: string): boolean {
  const [, sign = '=', bound, low, high] = RANGE.exec(value) ?? [];
  if (low !== undefined) return number >= Number(low) && number <= Number(high);
  const limit = Number(bound);
  switch (sign) {
    case '>':
      return number > limit;
    case '>=':
      return number >= limit;
    case '<':
      return number < limit;
    case '<=':
      return number <= limit;
    default:
      return number === limit;
  }
}

const texts = new WeakMap<Loop, string>();

/** Rows keep their identity until they change, so the text that free words are sought in is made once per row. */
function textOf(loop: Loop): string {
  const known = texts.get(loop);
  if (known !== undefined) return known;
  const text = [
    `${loop.workload.namespace}/${loop.workload.name}/${loop.container}`,
    loop.workload.kind,
    loop.state,
    loop.status,
    loop.verdict?.what,
    loop.verdict?.cause,
    loop.lastExit?.reason,
    loop.pod,
    loop.image,
    ...loop.nodes,
  ]
    .join('\n')
    .toLowerCase();
  texts.set(loop, text);
  return text;
}
