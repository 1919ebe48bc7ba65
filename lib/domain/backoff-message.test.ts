import { describe, expect, it } from 'vitest';
import { parseBackoffMessage, parseGoDuration } from './backoff-message';

const message = (delay: string) => `back-off ${delay} restarting failed container=app pod=web-0_prod(ff44a0f8-b6c4)`;

describe('parseBackoffMessage', () => {
  it.each([
    ['10s', 10_000],
    ['20s', 20_000],
    ['1m20s', 80_000],
    ['2m40s', 160_000],
    ['5m0s', 300_000],
    ['1h0m0s', 3_600_000],
    ['1.5s', 1_500],
    ['1s', 1_000],
  ])('reads %s', (delay, ms) => {
    expect(parseBackoffMessage(message(delay))).toBe(ms);
  });

  it.each([
    '',
    message(''),
    'Back-off pulling image "registry.example/app:1"',
    'Back-off restarting failed container app in pod web-0_prod(ff44a0f8)',
    `${message('10s')} and more`,
    `back-off 10 restarting failed container=app pod=web-0_prod(u)`,
  ])('finds no delay in "%s"', (text) => {
    expect(parseBackoffMessage(text)).toBeNull();
  });
});

describe('parseGoDuration', () => {
  it.each(['', 'abc', '5', '-5s', '5 s'])('refuses "%s"', (text) => {
    expect(parseGoDuration(text)).toBeNull();
  });
});
