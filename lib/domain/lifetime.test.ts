import { describe, expect, it } from 'vitest';
import { randomOf } from './kubelet-fixture';
import { killBudgetOf, lifetimeOf } from './lifetime';

const seconds = (...lives: readonly number[]) => lives.map((s) => s * 1_000);
const LIVENESS = { initialDelay: 0, period: 3, timeout: 1, failureThreshold: 2, grace: 1 };
const BUDGET = killBudgetOf(LIVENESS, 30);
const patternOf = (lives: readonly number[], budget: Parameters<typeof lifetimeOf>[1] = null) =>
  lifetimeOf(lives, budget)?.pattern ?? null;

describe('lifetimeOf', () => {
  it.each([
    ['instant', seconds(0, 0, 1, 0, 0)],
    ['instant', seconds(1, 1)],
    ['fixed', seconds(45, 45, 45, 46, 45)],
    ['fixed', seconds(300, 310, 295, 305)],
    ['fixed', seconds(45, 45, 45, 45, 200, 45, 45, 45, 45, 45, 45)],
    ['growing', seconds(10, 14, 19, 24, 31, 38)],
    ['growing', seconds(10, 20, 18, 40, 60, 90, 120)],
    ['shrinking', seconds(400, 300, 210, 120, 60, 20)],
    ['random', seconds(10, 200, 35, 90, 5, 140)],
    ['unclear', seconds(20, 90)],
    ['unclear', seconds(20, 90, 40)],
    ['unclear', seconds(45)],
  ])('%s', (pattern, lives) => {
    expect(patternOf(lives)).toBe(pattern);
  });

  it('knows runs that live as long as the probe lets them', () => {
    expect(patternOf(seconds(10, 9, 9, 8, 9, 8, 8, 10), BUDGET)).toBe('probe-budget');
    expect(patternOf(seconds(10, 9), BUDGET)).toBe('probe-budget');
    expect(patternOf(seconds(45, 45, 45), BUDGET)).toBe('fixed');
    expect(patternOf(seconds(0, 1, 0, 1), BUDGET)).toBe('instant');
  });

  it('leaves out the healthy run before the loop', () => {
    expect(lifetimeOf(seconds(86_400, 45, 45, 45), null)).toMatchObject({ pattern: 'fixed', runs: 3, maxMs: 45_000 });
    expect(lifetimeOf(seconds(900, 800, 950), null)?.runs).toBe(3);
  });

  it('gives the numbers that make it so', () => {
    expect(lifetimeOf(seconds(10, 20, 30, 40, 50), null)).toEqual({
      pattern: 'growing',
      runs: 5,
      minMs: 10_000,
      medianMs: 30_000,
      maxMs: 50_000,
      spreadMs: 32_000,
      trend: 1,
      changeMsPerRun: 10_000,
      budget: null,
    });
    expect(lifetimeOf([], null)).toBeNull();
  });

  it('looks at the newest twenty runs', () => {
    expect(
      patternOf(seconds(...Array.from({ length: 30 }, (_, i) => 200 - i * 5), ...Array<number>(20).fill(45))),
    ).toBe('fixed');
  });

  it('rarely sees a trend in chance', () => {
    const random = randomOf(5);
    const trends = Array.from({ length: 400 }, (_, n) =>
      patternOf(Array.from({ length: 5 + (n % 15) }, () => 3_000 + random() * 300_000)),
    ).filter((pattern) => pattern === 'growing' || pattern === 'shrinking');
    expect(trends.length / 400).toBeLessThan(0.03);
  });
});

describe('killBudgetOf', () => {
  it('reaches from the last failure needed to the end of the grace period', () => {
    expect(BUDGET).toEqual({ fromMs: 3_000, toMs: 10_000 });
    const slow = { initialDelay: 10, period: 10, timeout: 1, failureThreshold: 3, grace: null };
    expect(killBudgetOf(slow, 30)).toEqual({ fromMs: 30_000, toMs: 72_000 });
  });
});
