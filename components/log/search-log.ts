import type { LogRows, LogSegment } from './parse-log';

/** Matches a query as the text it is, whatever the case. Quicker over 100,000 lines than lower-casing each. */
function matcher(query: string, flags: 'i' | 'gi'): RegExp {
  return new RegExp(query.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), flags);
}

/** The indexes of the rows that contain `query`, whatever the case; none for an empty query. */
export function findRows(rows: LogRows, query: string): readonly number[] {
  if (query === '') return [];
  const wanted = matcher(query, 'i');
  const found: number[] = [];
  for (let index = 0; index < rows.count; index += 1) {
    const row = rows.row(index);
    if (row && wanted.test(row.plain)) found.push(index);
  }
  return found;
}

/** A piece of a line that is a hit of the search or is not. `start` is its offset in the line. */
export interface MarkedSegment extends LogSegment {
  readonly hit: boolean;
  readonly start: number;
}

/** Cuts styled pieces at the hits of `query`, whatever the case. A hit that spans several styles gives several pieces. */
export function markHits(segments: readonly LogSegment[], query: string): readonly MarkedSegment[] {
  const whole = segments.map((segment) => segment.text).join('');
  const hits = hitsIn(whole, query);
  const marked: MarkedSegment[] = [];
  let start = 0;
  for (const segment of segments) {
    const end = start + segment.text.length;
    let at = start;
    for (const [from, to] of hits) {
      if (to <= at || from >= end) continue;
      if (from > at) marked.push(piece(whole, at, from, segment.classes, false));
      at = Math.max(at, from);
      marked.push(piece(whole, at, Math.min(to, end), segment.classes, true));
      at = Math.min(to, end);
    }
    if (at < end) marked.push(piece(whole, at, end, segment.classes, false));
    start = end;
  }
  return marked;
}

function piece(whole: string, from: number, to: number, classes: string, hit: boolean): MarkedSegment {
  return { text: whole.slice(from, to), classes, hit, start: from };
}

function hitsIn(text: string, query: string): readonly (readonly [number, number])[] {
  if (query === '') return [];
  return [...text.matchAll(matcher(query, 'gi'))].map((hit) => [hit.index, hit.index + hit[0].length]);
}
