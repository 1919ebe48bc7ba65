import { createLoader, createSerializer, parseAsString, parseAsStringLiteral } from 'nuqs/server';
import { parseAsNamespaces } from './board';

/** How far back the history looks; `all` is everything that is kept. */
export const PERIODS = ['24h', '7d', '30d', 'all'] as const;
export type Period = (typeof PERIODS)[number];

/** The view of the history: filter text, namespaces, period. Defaults never stand in the URL. */
export const historyParsers = {
  q: parseAsString.withDefault(''),
  ns: parseAsNamespaces.withDefault([]),
  period: parseAsStringLiteral(PERIODS).withDefault('7d'),
};

/** Reads the history's view from a page's `searchParams`. */
export const loadHistory = createLoader(historyParsers);

/** Writes a view of the history: `serializeHistory('/c/prod/history', { q: 'cause:oom-killed' })`. */
export const serializeHistory = createSerializer(historyParsers);

const HOUR = 3_600_000;
const LENGTHS_MS = { '24h': 24 * HOUR, '7d': 168 * HOUR, '30d': 720 * HOUR } as const;

/** How long a period is, in milliseconds, or null for all that is kept. */
export function periodMs(period: Period): number | null {
  return period === 'all' ? null : LENGTHS_MS[period];
}
