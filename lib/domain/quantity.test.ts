import { expect, test } from 'vitest';
import { parseQuantity } from './quantity';

test.each([
  ['512Mi', 512 * 1024 ** 2],
  ['1.5Gi', 1.5 * 1024 ** 3],
  ['200m', 0.2],
  ['2', 2],
  ['1k', 1000],
  ['1Ki', 1024],
  ['1e3', 1000],
  ['100M', 100e6],
])('%s is %d', (text, value) => {
  expect(parseQuantity(text)).toBeCloseTo(value, 6);
});

test.each(['', 'abc', '5Qi', '1 Gi', null, undefined])('%s is no quantity', (text) => {
  expect(parseQuantity(text)).toBeNull();
});
