import { describe, expect, it } from 'vitest';
import { formatAbsolute, formatClock, formatClockOrDay, formatDay, formatMinute } from './clock';
import { countOf, formatCount } from './count';

const at = Date.parse('2026-11-11T04:02:09.900Z');

describe('times in words', () => {
  it('names the second, the minute, the day and the zone', () => {
    expect(formatClock(at)).toBe('04:02:09');
    expect(formatMinute(at)).toBe('04:02');
    expect(formatDay(at)).toBe('11 Nov');
    expect(formatAbsolute(at)).toBe('Wed 11 Nov 2026, 04:02:09 UTC');
  });

  it('names the day where it is not that of now, were it less than a day ago or a year', () => {
    expect(formatClockOrDay(at, at + 19 * 3_600_000)).toBe('04:02:09');
    expect(formatClockOrDay(at, at + 20 * 3_600_000)).toBe('11 Nov 04:02');
    expect(formatClockOrDay(at, Date.parse('2027-11-11T04:02:10Z'))).toBe('11 Nov 04:02');
  });
});

describe('numbers in words', () => {
  it('separates thousands and bends the noun', () => {
    expect(formatCount(999)).toBe('999');
    expect(formatCount(1284)).toBe('1,284');
    expect(formatCount(1234567)).toBe('1,234,567');
    expect(countOf(1, 'loop')).toBe('1 loop');
    expect(countOf(0, 'loop')).toBe('0 loops');
    expect(countOf(5000, 'crash', 'crashes')).toBe('5,000 crashes');
  });
});
