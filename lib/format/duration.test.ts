import { describe, expect, it } from 'vitest';
import { formatAgo, formatDuration } from './duration';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** Every branch of apimachinery `HumanDuration` with both sides of its border. */
const CASES: readonly (readonly [number, string])[] = [
  [-10 * MINUTE, '<invalid>'],
  [-2 * SECOND, '<invalid>'],
  [-1999, '0s'],
  [-1 * SECOND, '0s'],
  [-1, '0s'],
  [0, '0s'],
  [999, '0s'],
  [1 * SECOND, '1s'],
  [119 * SECOND + 999, '119s'],
  [2 * MINUTE, '2m'],
  [2 * MINUTE + 1 * SECOND, '2m1s'],
  [4 * MINUTE + 8 * SECOND, '4m8s'],
  [7 * MINUTE + 3 * SECOND, '7m3s'],
  [9 * MINUTE + 59 * SECOND, '9m59s'],
  [10 * MINUTE, '10m'],
  [10 * MINUTE + 59 * SECOND, '10m'],
  [2 * HOUR, '120m'],
  [179 * MINUTE + 59 * SECOND, '179m'],
  [3 * HOUR, '3h'],
  [3 * HOUR + 1 * MINUTE, '3h1m'],
  [7 * HOUR + 59 * MINUTE, '7h59m'],
  [8 * HOUR, '8h'],
  [8 * HOUR + 20 * MINUTE, '8h'],
  [47 * HOUR + 59 * MINUTE, '47h'],
  [2 * DAY, '2d'],
  [2 * DAY + 1 * HOUR, '2d1h'],
  [7 * DAY + 23 * HOUR, '7d23h'],
  [8 * DAY, '8d'],
  [8 * DAY + 5 * HOUR, '8d'],
  [2 * YEAR - 1 * SECOND, '729d'],
  [2 * YEAR, '2y'],
  [2 * YEAR + 1 * DAY, '2y1d'],
  [8 * YEAR - 1 * SECOND, '7y364d'],
  [8 * YEAR, '8y'],
  [8 * YEAR + 200 * DAY, '8y'],
];

describe('formatDuration', () => {
  it.each(CASES)('prints %d ms as kubectl prints it: %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('formatAgo', () => {
  it.each([
    [248 * SECOND, '4m8s ago'],
    [0, '0s ago'],
    [-10 * MINUTE, '0s ago'],
  ] as const)('prints %d ms as an age: %s', (ms, text) => {
    expect(formatAgo(ms)).toBe(text);
  });
});
