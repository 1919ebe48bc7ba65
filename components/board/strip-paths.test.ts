import { describe, expect, it } from 'vitest';
import { EXAMPLE_NOW, exampleLoops } from '@/lib/contract/example-loops';
import type { Loop } from '@/lib/contract/loop';
import { stripPaths } from './strip-paths';

const now = EXAMPLE_NOW / 1000;
const model = exampleLoops().find((loop) => loop.workload.name === 'checkout');
if (!model) throw new Error('the example has a checkout');

function paths(change: Partial<Loop>): ReturnType<typeof stripPaths> {
  return stripPaths({ ...model, nextRestart: null, strip: [], ...change } as Loop, now);
}

describe('stripPaths', () => {
  it('draws a run, its crash and the wait until the next start', () => {
    const drawn = paths({
      strip: [
        [now - 1800, now - 1500],
        [now - 600, now - 300],
      ],
    });
    expect(drawn.runs).toBe('M54 10H63M90 10H99');
    expect(drawn.crashes).toBe('M63 3V17M99 3V17');
    expect(drawn.waits).toBe('M63 10H90M99 10H108');
    expect(drawn.words).toBe('2 crashes in the last hour');
  });

  it('gives a run of a moment one unit of width, and never draws before the hour', () => {
    expect(paths({ strip: [[now - 1800, now - 1799]] }).runs).toBe('M53 10H54');
    expect(paths({ strip: [[now - 9000, now - 3599]] }).runs).toBe('M0 10H0');
    expect(paths({ strip: [[now - 9000, now - 3601]] }).runs).toBe('');
  });

  it('draws the run that is alive up to now, green while the loop holds', () => {
    const alive = { strip: [[now - 600, null]] as Loop['strip'], runningSince: new Date(EXAMPLE_NOW).toISOString() };
    expect(paths(alive)).toMatchObject({ runs: 'M90 10H108', held: '', crashes: '' });
    expect(paths({ ...alive, state: 'holding' })).toMatchObject({ runs: '', held: 'M90 10H108' });
  });

  it('draws no wait after the last exit of what is gone', () => {
    expect(paths({ state: 'gone', strip: [[now - 600, now - 300]] }).waits).toBe('');
  });

  it('dots a container that never ran, from its first failure on', () => {
    const drawn = paths({ state: 'never-started', since: new Date(EXAMPLE_NOW - 1_800_000).toISOString() });
    expect(drawn).toMatchObject({ none: 'M54 10H108', runs: '', words: 'no run in the last hour' });
  });

  it('keeps the next window right of now and inside the strip, and drops it once it is past', () => {
    const window = (from: number): Loop['nextRestart'] => ({
      from: new Date(EXAMPLE_NOW + from * 1000).toISOString(),
      to: new Date(EXAMPLE_NOW + (from + 18) * 1000).toISOString(),
      overdue: false,
    });
    expect(paths({ nextRestart: window(100) }).next).toEqual({ x: 112, width: 3.5 });
    expect(paths({ nextRestart: window(-5) }).next).toEqual({ x: 110, width: 3.5 });
    expect(paths({ nextRestart: window(3000) }).next).toEqual({ x: 116, width: 3.5 });
    expect(paths({ nextRestart: window(-60) }).next).toBeNull();
  });
});
