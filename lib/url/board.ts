import { createLoader, createParser, createSerializer, parseAsString, parseAsStringLiteral } from 'nuqs/server';

/** Columns that the board can be sorted by. Without a choice the list stands worst first. */
export const SORT_KEYS = [
  'state',
  'ns',
  'workload',
  'cause',
  'status',
  'restarts',
  'next',
  'failing',
  'since',
  'change',
] as const;
export type SortKey = (typeof SORT_KEYS)[number];
/** A column, with `-` before it for the other direction. */
export type Sort = SortKey | `-${SortKey}`;

const SORTS = SORT_KEYS.flatMap((key): Sort[] => [key, `-${key}`]);

/** Kubernetes namespaces are DNS labels: anything else in the URL is dropped. */
const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** True for a text that can be the name of a namespace. */
export function isNamespace(text: string): boolean {
  return NAMESPACE.test(text);
}

/** `ns=billing,shop`: sorted and without doubles, so that one choice has one URL. */
export const parseAsNamespaces = createParser<string[]>({
  parse: (text) => {
    const names = [...new Set(text.split(',').filter(isNamespace))].sort();
    return names.length > 0 ? names.slice(0, 50) : null;
  },
  serialize: (names) => [...new Set(names)].sort().join(','),
  eq: (a, b) => a.length === b.length && a.every((name, index) => name === b[index]),
});

/** Fingerprints are letters and digits: anything else in the URL is dropped. */
const FINGERPRINT = /^[a-z0-9]{1,20}$/;

/** `open=k3x,9ab`: the groups that are open, sorted and without doubles. */
export const parseAsGroups = createParser<string[]>({
  parse: (text) => {
    const prints = [...new Set(text.split(',').filter((print) => FINGERPRINT.test(print)))].sort();
    return prints.length > 0 ? prints.slice(0, 50) : null;
  },
  serialize: (prints) => [...new Set(prints)].sort().join(','),
  eq: (a, b) => a.length === b.length && a.every((print, index) => print === b[index]),
});

/**
 * The view of the board: filter text, namespaces, order, whether each loop has a line of its own (`group=off`), and which groups are
 * open. Defaults never stand in the URL.
 */
export const boardParsers = {
  q: parseAsString.withDefault(''),
  ns: parseAsNamespaces.withDefault([]),
  sort: parseAsStringLiteral(SORTS),
  group: parseAsStringLiteral(['off'] as const),
  open: parseAsGroups.withDefault([]),
};

/** Reads the board's view from a page's `searchParams`. */
export const loadBoard = createLoader(boardParsers);

/** Writes a board view: `serializeBoard('/c/prod', { q: 'ns:shop' })`. */
export const serializeBoard = createSerializer(boardParsers);
