import { createParser } from 'nuqs/server';

/** A stretch of time, epoch milliseconds in whole seconds, `from` before `to`. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

const text = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** `2026-11-12T13:16:22Z..2026-11-12T13:30:00Z`: readable, and the same for every reader wherever they are. Others become null. */
export const parseAsTimeSpan = createParser<TimeSpan>({
  parse(query) {
    const [first = '', last = '', ...rest] = query.split('..');
    if (rest.length > 0 || !INSTANT.test(first) || !INSTANT.test(last)) return null;
    const [from, to] = [Date.parse(first), Date.parse(last)];
    return from < to ? { from, to } : null;
  },
  serialize: ({ from, to }) => `${text(from)}..${text(to)}`,
  eq: (a, b) => a.from === b.from && a.to === b.to,
});

/** A stretch in whole seconds, at least one long, whichever end was named first. */
export function timeSpan(one: number, other: number): TimeSpan {
  const from = Math.floor(Math.min(one, other) / 1000) * 1000;
  return { from, to: Math.max(from + 1000, Math.ceil(Math.max(one, other) / 1000) * 1000) };
}

/** Whether an instant, or a stretch, has a part in the span; unknown ends reach as far as the other one. */
export function overlaps(span: TimeSpan | null, from: number | null, to: number | null): boolean {
  if (span === null) return true;
  const first = from ?? to;
  const last = to ?? from;
  return first !== null && last !== null && first <= span.to && last >= span.from;
}
