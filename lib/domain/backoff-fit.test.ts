import { describe, expect, it } from 'vitest';
import { DEFAULT_BACKOFF, REDUCED_BACKOFF } from './backoff-curve';
import { type BackoffHistory, fitBackoff } from './backoff-fit';
import { makeRuns } from './kubelet-fixture';

/** Histories of three containers on one node. */
function node(
  minor: number,
  baseMs: number,
  capMs: number,
  restarts: number,
  isNamed: boolean,
): readonly BackoffHistory[] {
  return [1, 2, 3].map((seed) => {
    const lives = Array.from({ length: restarts + 1 }, (_, i) => (seed * 11 + i) % 40);
    const { runs, delays } = makeRuns({ minor, params: { baseMs, capMs }, lives, seed: seed + capMs });
    return isNamed ? { runs, announced: delays } : { runs };
  });
}

const CAPS_S = [5, 10, 20, 30, 45, 60, 90, 120, 240];

describe.each([34, 36])('kubelet minor %d', (minor) => {
  it.each(CAPS_S)("learns a cap of %d s from the waits alone, within the kubelet's own slack", (cap) => {
    const fit = fitBackoff(node(minor, Math.min(10, cap) * 1000, cap * 1000, 12, false), minor);
    expect(fit.basis).toBe('observed');
    expect(fit.explained / fit.total).toBeGreaterThan(0.9);
    expect(Math.abs(fit.params.capMs / 1000 - cap)).toBeLessThanOrEqual(minor >= 35 ? Math.max(2, cap / 2) : 15);
  });

  it.each(CAPS_S)('learns a cap of %d s exactly where the kubelet named it', (cap) => {
    const fit = fitBackoff(node(minor, Math.min(10, cap) * 1000, cap * 1000, 12, true), minor);
    expect(fit).toMatchObject({ basis: 'announced', params: { capMs: cap * 1000, baseMs: Math.min(10, cap) * 1000 } });
  });

  it('knows the reduced back-off', () => {
    expect(fitBackoff(node(minor, 1_000, 60_000, 14, true), minor).params).toEqual(REDUCED_BACKOFF);
  });

  it('knows the default', () => {
    expect(fitBackoff(node(minor, 10_000, 300_000, 10, false), minor)).toMatchObject({
      params: DEFAULT_BACKOFF,
      basis: 'observed',
    });
  });

  it('assumes the default while nothing speaks against it', () => {
    expect(fitBackoff(node(minor, 10_000, 300_000, 3, false), minor)).toMatchObject({
      params: DEFAULT_BACKOFF,
      basis: 'assumed',
    });
  });
});

it('assumes the default without any history', () => {
  expect(fitBackoff([], null)).toEqual({ params: DEFAULT_BACKOFF, basis: 'assumed', explained: 0, total: 0 });
});

it('is not led astray by one early start', () => {
  const [first, ...rest] = node(34, 10_000, 300_000, 9, false);
  if (first === undefined) throw new Error('three histories were made');
  const resized = {
    runs: first.runs.map((run, i) => (i < 8 ? run : { ...run, startedAt: (run.startedAt ?? 0) - 200_000 })),
  };
  expect(fitBackoff([resized, ...rest], 34).params).toEqual(DEFAULT_BACKOFF);
});
