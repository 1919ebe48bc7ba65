import { describe, expect, it } from 'vitest';
import { type BackoffRun, replayBackoff } from './backoff';
import { DEFAULT_BACKOFF, nominalWaitMs, REDUCED_BACKOFF, totalWaitMs } from './backoff-curve';
import { makeRuns } from './kubelet-fixture';
import { at } from './pod-fixture';
import { restartWindow } from './restart-window';

const NOON = at('12:00:00');

/** Runs of one pod from their lives and the waits between them, in seconds; all end with the given code. */
function runsOf(lives: readonly number[], waits: readonly number[], exitCode = 1): readonly BackoffRun[] {
  let now = NOON;
  return lives.map((life, i) => {
    const startedAt = now;
    const finishedAt = startedAt + life * 1000;
    now = finishedAt + (waits[i] ?? 0) * 1000;
    return {
      id: `r${i}`,
      containerId: `c${i}`,
      restartIndex: i,
      startedAt,
      finishedAt,
      exitCode,
      reason: 'Error',
      image: 'a:1',
      missedBefore: 0,
    };
  });
}

const same = (life: number, waits: readonly number[]) => Array.from({ length: waits.length + 1 }, () => life);
const nominalOf = (waits: readonly { nominalMs: number }[]) => waits.map(({ nominalMs }) => nominalMs / 1000);

const PLAIN = [0, 10, 20, 40, 80, 160, 300, 300, 300, 300];

/** Waits measured on real kubelets (crash-semantics 12): what, minor, life of the runs, waits. */
const MEASURED: readonly (readonly [string, number, number, readonly number[]])[] = [
  ['lives 0 s', 34, 0, [1, 16, 29, 52, 85, 170, 305, 310, 302]],
  ['lives 2 s', 34, 2, [0, 16, 29, 53, 88, 170, 306, 302, 307]],
  ['lives 45 s', 34, 45, [0, 11, 23, 42, 90, 172, 303, 308]],
  ['exits 0', 34, 1, [1, 14, 27, 53, 90, 162, 312, 313, 305]],
  ['OOM-killed', 34, 1, [1, 12, 29, 48, 92, 171, 304, 310, 309]],
  ['lives 0 s', 36, 0, [0, 11, 21, 51, 89, 167, 304, 320, 321]],
  ['lives 2 s', 36, 2, [0, 13, 22, 58, 81, 161, 305, 325, 301]],
  ['lives 45 s', 36, 45, [1, 13, 24, 58, 83, 164, 326, 301]],
  ['exits 0', 36, 1, [1, 14, 25, 47, 82, 165, 302, 317, 310]],
  ['OOM-killed', 36, 1, [1, 12, 28, 44, 81, 165, 315, 307, 310]],
];

describe('a start that comes later than the delay', () => {
  const delayedBy = (seconds: number) => {
    const { runs } = makeRuns({ minor: 36, params: DEFAULT_BACKOFF, lives: [30, 30, 30, 30, 30], seed: 7 });
    const later = runs.map((run) =>
      run.restartIndex === 0 || run.startedAt === null ? run : { ...run, startedAt: run.startedAt + seconds * 1000 },
    );
    return replayBackoff(later, { kubeletMinor: 36 }).waits.filter((wait) => wait.actualMs !== null);
  };

  it('is not late by what the kubelet and the runtime need to make a container', () => {
    expect(delayedBy(3).map((wait) => wait.isLate)).toEqual([false, false, false, false]);
  });

  it('is late by more than any of that', () => {
    expect(delayedBy(28).every((wait) => wait.isLate)).toBe(true);
  });
});

describe('waits measured on real kubelets', () => {
  it.each(MEASURED)('%s, minor %d', (_what, minor, life, measured) => {
    const { waits, contradictions } = replayBackoff(runsOf(same(life, measured), measured), { kubeletMinor: minor });
    expect(nominalOf(waits)).toEqual(PLAIN.slice(0, measured.length + 1));
    expect(waits.map(({ stage }) => stage)).toEqual([0, 1, 2, 3, 4, 5, 6, 6, 6, 6].slice(0, measured.length + 1));
    expect(waits.some(({ isLate }) => isLate)).toBe(false);
    expect(contradictions).toBe(0);
    for (const wait of waits.filter(({ actualMs }) => actualMs !== null)) {
      const window = restartWindow(wait, minor);
      const startedAt = wait.endedAt + (wait.actualMs ?? 0);
      expect(startedAt).toBeGreaterThanOrEqual(window.earliestAt);
      expect(startedAt).toBeLessThanOrEqual(window.latestAt);
    }
  });

  it.each([
    [34, [0, 0, 13, 0, 52, 85, 161, 306, 0, 302, 0, 300, 0], [10, 9, 9, 8, 9, 8, 8, 10, 9, 9, 10, 9, 9, 9]],
    [36, [0, 0, 12, 0, 46, 90, 163, 303, 0, 302, 0, 303, 0], [10, 9, 9, 9, 9, 8, 9, 8, 9, 9, 10, 9, 9, 9]],
  ])('killed by its liveness probe, minor %d: the free restarts advance the curve', (minor, measured, lives) => {
    const { waits, contradictions } = replayBackoff(runsOf(lives, measured, 137), { kubeletMinor: minor });
    expect(nominalOf(waits)).toEqual([0, 0, 10, 0, 40, 80, 160, 300, 0, 300, 0, 300, 0, 300]);
    expect(waits.map(({ kind }) => kind)).toEqual([
      'free',
      'free',
      'back-off',
      'probe-kill',
      'back-off',
      'back-off',
      'back-off',
      'back-off',
      'probe-kill',
      'back-off',
      'probe-kill',
      'back-off',
      'probe-kill',
      'back-off',
    ]);
    expect(contradictions).toBe(0);
  });

  it('runs of 320 s at the cap: collected in the wait, early up to 1.34, asleep from 1.35 on', () => {
    const lives = [0, 0, 0, 0, 0, 0, 320, 320];
    const old = replayBackoff(runsOf(lives, [1, 16, 27, 42, 92, 164, 290]), { kubeletMinor: 34 }).waits;
    const young = replayBackoff(runsOf(lives, [1, 13, 22, 55, 86, 161, 301]), { kubeletMinor: 36 }).waits;
    for (const waits of [old, young]) {
      expect(waits[6]).toMatchObject({ kind: 'collected', nominalMs: 300_000, resets: true, isLate: false });
      expect((waits[6]?.dueAt ?? 0) - (waits[6]?.endedAt ?? 0)).toBe(280_000);
      expect(waits[7]).toMatchObject({ kind: 'back-off', nominalMs: 10_000, stage: 1 });
    }
  });

  it('a run of 620 s: immediate restart, fresh curve', () => {
    const measured = [1, 13, 28, 1, 14, 28, 50, 84, 173, 310];
    const { waits } = replayBackoff(runsOf([0, 0, 0, 620, 0, 0, 0, 0, 0, 0, 0], measured), { kubeletMinor: 34 });
    expect(nominalOf(waits)).toEqual([0, 10, 20, 0, 10, 20, 40, 80, 160, 300, 300]);
    expect(waits[3]).toMatchObject({ kind: 'long-run', resets: true });
  });

  it('resized in place while it waits: starts at once, fresh curve', () => {
    const measured = [1, 14, 24, 49, 85, 175, 110, 16, 28, 48];
    const { waits, contradictions } = replayBackoff(runsOf(same(0, measured), measured), { kubeletMinor: 34 });
    expect(nominalOf(waits)).toEqual([0, 10, 20, 40, 80, 160, 300, 10, 20, 40, 80]);
    expect(waits[6]).toMatchObject({ kind: 'reset', resets: true, actualMs: 110_000 });
    expect(contradictions).toBe(1);
  });

  it('starts that the runtime refused have no start time', () => {
    const measured = [1, 15, 29, 43, 82, 170, 310];
    const runs = runsOf(same(0, measured), measured, 128).map((run) => ({
      ...run,
      startedAt: null,
      reason: 'StartError',
    }));
    expect(nominalOf(replayBackoff(runs, { kubeletMinor: 34 }).waits)).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
  });
});

describe('what the records do not tell', () => {
  it('takes an upper bound from the restart count where earlier runs were not recorded', () => {
    const runs = runsOf([2], []).map((run) => ({ ...run, restartIndex: 4 }));
    expect(replayBackoff(runs, { kubeletMinor: 34 }).waits).toMatchObject([
      { nominalMs: 80_000, stage: 4, basis: 'formula' },
    ]);
  });

  it('lets the delay that the kubelet names win, and goes on from there', () => {
    const runs = runsOf([2, 2, 2], [83, 170]).map((run, i) => ({ ...run, restartIndex: 7 + i }));
    const { waits, contradictions } = replayBackoff(runs, { kubeletMinor: 34, announced: new Map([['r0', 80_000]]) });
    expect(waits).toMatchObject([
      { nominalMs: 80_000, basis: 'announced' },
      { nominalMs: 160_000, basis: 'replayed' },
      { nominalMs: 300_000, basis: 'replayed' },
    ]);
    expect(contradictions).toBe(0);
  });

  it('calls missed restarts missed, and gives their wait no length', () => {
    const [a, b, c] = runsOf([2, 2, 2], [1, 400]);
    if (a === undefined || b === undefined || c === undefined) throw new Error('three runs were made');
    const runs = [a, b, { ...c, restartIndex: 4, missedBefore: 2 }];
    const { waits } = replayBackoff(runs, { kubeletMinor: 34 });
    expect(waits).toMatchObject([
      { kind: 'free', actualMs: 1_000 },
      { kind: 'missed', nominalMs: 10_000, actualMs: null },
      { kind: 'back-off', nominalMs: 80_000, basis: 'formula' },
    ]);
  });

  it('sees a start that the kubelet does not explain as late', () => {
    const { waits } = replayBackoff(runsOf([2, 2, 2], [1, 70]), { kubeletMinor: 36 });
    expect(waits[1]).toMatchObject({ kind: 'back-off', isLate: true, resets: false });
  });

  it('takes a changed image for the reason of an early start', () => {
    const runs = runsOf([2, 2, 2, 2], [1, 14, 3]).map((run, i) => ({ ...run, image: i < 3 ? 'a:1' : 'a:2' }));
    const { waits, contradictions } = replayBackoff(runs, { kubeletMinor: 34 });
    expect(waits.slice(2)).toMatchObject([{ kind: 'reset' }, { kind: 'back-off', nominalMs: 10_000 }]);
    expect(contradictions).toBe(0);
  });

  it('trusts events that say whether the kubelet killed it', () => {
    const killed = runsOf([10, 9, 9, 8], [0, 0, 13], 137).map((run) => ({ ...run, killedByKubelet: true }));
    expect(nominalOf(replayBackoff(killed, { kubeletMinor: 34 }).waits).slice(0, 3)).toEqual([0, 0, 10]);
    const crashed = runsOf([10, 30, 9], [0, 1], 137).map((run) => ({ ...run, killedByKubelet: false }));
    expect(replayBackoff(crashed, { kubeletMinor: 34 }).waits[1]?.kind).toBe('reset');
  });

  it('has nothing to say without runs', () => {
    expect(replayBackoff([], { kubeletMinor: null })).toMatchObject({
      waits: [],
      ahead: { delayMs: 0, stage: 0 },
      freshAt: null,
    });
  });
});

describe('a run that is alive', () => {
  it('tells what would follow, and from when the curve is fresh', () => {
    const ended = runsOf([2, 2, 2], [1, 14]);
    const startedAt = NOON + 60_000;
    const alive = {
      ...runsOf([0], [])[0],
      id: 'r3',
      restartIndex: 3,
      startedAt,
      finishedAt: null,
      exitCode: null,
    } as BackoffRun;
    expect(replayBackoff([...ended, alive], { kubeletMinor: 34 })).toMatchObject({
      ahead: { delayMs: 40_000, stage: 3 },
      freshAt: startedAt + 600_000,
      cutShortAt: startedAt + 560_000,
    });
  });
});

describe('made-up kubelets', () => {
  const caps = [300, 20, 60, 45].map((cap) => ({ baseMs: 10_000, capMs: cap * 1000 }));
  it.each([34, 36].flatMap((minor) => [...caps, REDUCED_BACKOFF].map((params) => ({ minor, ...params }))))(
    'minor $minor, base $baseMs ms, cap $capMs ms: every delay foretold, 95 % of the starts in their windows',
    ({ minor, baseMs, capMs }) => {
      let [hits, total] = [0, 0];
      for (let seed = 1; seed <= 40; seed++) {
        const lives = Array.from(
          { length: 14 },
          (_, i) => [0, 3, 45, 120, 350, 700][(seed * 7 + i * 5) % (seed % 3 === 0 ? 6 : 4)] ?? 0,
        );
        const { runs, delays } = makeRuns({ minor, params: { baseMs, capMs }, lives, seed });
        const { waits } = replayBackoff(runs, { kubeletMinor: minor, params: { baseMs, capMs } });
        for (const wait of waits.slice(0, -1)) {
          const named = delays.get(wait.afterRunId);
          if (named !== undefined) expect(`${wait.afterRunId} ${wait.nominalMs}`).toBe(`${wait.afterRunId} ${named}`);
          const window = restartWindow(wait, minor);
          const startedAt = wait.endedAt + (wait.actualMs ?? 0);
          total += 1;
          if (startedAt >= window.earliestAt && startedAt <= window.latestAt) hits += 1;
        }
      }
      expect(total).toBe(520);
      expect(hits / total).toBeGreaterThanOrEqual(0.95);
    },
  );

  it.each([34, 36])('minor %d: probe kills of any length, told by events', (minor) => {
    for (let seed = 1; seed <= 40; seed++) {
      const lives = Array.from({ length: 14 }, (_, i) => 5 + ((seed * 13 + i * 3) % 50));
      const { runs, delays } = makeRuns({
        minor,
        params: { baseMs: 10_000, capMs: 300_000 },
        lives,
        isKilled: true,
        seed,
      });
      const known = runs.map((run) => ({ ...run, killedByKubelet: true }));
      for (const wait of replayBackoff(known, { kubeletMinor: minor }).waits) {
        const named = delays.get(wait.afterRunId);
        if (named !== undefined)
          expect(`${seed} ${wait.afterRunId} ${wait.nominalMs}`).toBe(`${seed} ${wait.afterRunId} ${named}`);
      }
    }
  });
});

describe('the curve', () => {
  it('gives the wait before each restart, and their sum', () => {
    const restarts = [1, 2, 3, 4, 5, 6, 7, 8];
    expect(restarts.map((n) => nominalWaitMs(n) / 1000)).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
    expect(restarts.map((n) => totalWaitMs(n) / 1000)).toEqual([0, 10, 30, 70, 150, 310, 610, 910]);
    expect(totalWaitMs(0)).toBe(0);
    expect(totalWaitMs(100_000)).toBe((310 + (100_000 - 6) * 300) * 1000);
    expect(restarts.map((n) => nominalWaitMs(n, REDUCED_BACKOFF) / 1000)).toEqual([0, 1, 2, 4, 8, 16, 32, 60]);
  });
});
