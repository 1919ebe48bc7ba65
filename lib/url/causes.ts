import { parseAsString, parseAsStringLiteral } from 'nuqs/server';

/** Back-off settings of a kubelet that the lesson shows: base and cap in seconds. */
export const BACKOFF_CHOICES = ['10-300', '1-60', '1-300', '10-60'] as const;
export type BackoffChoice = (typeof BACKOFF_CHOICES)[number];

/** How long each run of the lesson's container lives, in seconds. */
export const LIVED_CHOICES = ['2', '30', '240', '360', '660'] as const;

/** The view of the quick reference: its search, and what the lesson on the back-off shows. Defaults never stand in the URL. */
export const causesParsers = {
  q: parseAsString.withDefault(''),
  backoff: parseAsStringLiteral(BACKOFF_CHOICES).withDefault('10-300'),
  lived: parseAsStringLiteral(LIVED_CHOICES).withDefault('2'),
};

/** The path of a cause's page under the base path. */
export function causePath(id: string): string {
  return `/causes/${encodeURIComponent(id)}`;
}
