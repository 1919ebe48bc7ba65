import { isParserBijective } from 'nuqs/testing';
import { describe, expect, it } from 'vitest';
import { overlaps, parseAsTimeSpan, timeSpan } from './time-span';

const from = Date.parse('2026-11-12T13:16:22Z');
const to = Date.parse('2026-11-12T13:30:00Z');

describe('parseAsTimeSpan', () => {
  it('reads what it writes', () => {
    expect(isParserBijective(parseAsTimeSpan, '2026-11-12T13:16:22Z..2026-11-12T13:30:00Z', { from, to })).toBe(true);
  });

  it.each([
    '',
    '13:16..13:30',
    '2026-11-12T13:30:00Z..2026-11-12T13:16:22Z',
    '2026-13-40T00:00:00Z..2026-11-12T13:16:22Z',
    '2026-11-12T13:16:22Z',
  ])('gives null for %s', (query) => {
    expect(parseAsTimeSpan.parse(query)).toBeNull();
  });
});

describe('timeSpan', () => {
  it('takes the ends in any order, in whole seconds', () => {
    expect(timeSpan(to - 1, from + 999)).toEqual({ from, to });
    expect(timeSpan(from, from)).toEqual({ from, to: from + 1000 });
  });
});

describe('overlaps', () => {
  it('takes what touches the span, and everything without one', () => {
    expect(overlaps(null, null, null)).toBe(true);
    expect(overlaps({ from, to }, null, null)).toBe(false);
    expect(overlaps({ from, to }, from - 5, from)).toBe(true);
    expect(overlaps({ from, to }, null, to + 1)).toBe(false);
    expect(overlaps({ from, to }, to, null)).toBe(true);
  });
});
