import { describe, expect, it } from 'vitest';
import { EXAMPLE_NOW, exampleDiagnosis } from '@/components/diagnosis/example-diagnosis';
import type { TimelineRun } from '@/lib/contract/timeline';
import { exampleLane } from './example-timeline';
import { type Track, tracksOf, wholeOf } from './track';
import { arrivalOf, denseBlocks, livePaths, missedSpan, type PathInput, trackPaths } from './track-paths';
import { ariaOf, sayOf, wordsOf } from './track-words';
import { drawnAround } from './view';

const [loop] = exampleDiagnosis.loops;
const [timeline] = exampleDiagnosis.timelines;
if (!loop || !timeline) throw new Error('the example lost its loop');
const tracks = tracksOf(timeline, loop);
const FROM = Date.parse('2026-11-12T13:11:00Z');
const marks = (path: string) => path.split('M').length - 1;
const input = (track: Track | undefined, change: Partial<PathInput> = {}): PathInput => {
  if (!track) throw new Error('the example lost a replica');
  return { track, origin: FROM, grain: 2_000, left: FROM, ...change };
};
const seconds = (at: string) => Date.parse(at) / 1000;
const track = (runs: TimelineRun[], lane: Parameters<typeof exampleLane>[0] = {}): Track => {
  const [only] = tracksOf({ lanes: [exampleLane({ ...lane, runs })] }, loop);
  if (!only) throw new Error('no track');
  return only;
};

describe('tracksOf', () => {
  it('gives the worst replica first and the healthy one last', () => {
    expect(tracks.map(({ short }) => short)).toEqual(['x2x4k', 'm8tqz', 'k4w9p']);
  });
});

describe('wholeOf', () => {
  it('opens just before the change that came before the first crash and ends after the next window', () => {
    const whole = wholeOf(timeline, tracks, Date.parse(loop.since), EXAMPLE_NOW);
    expect(new Date(whole.from).toISOString()).toMatch(/^2026-11-12T13:12/);
    expect(whole.to).toBeGreaterThan(Date.parse('2026-11-12T14:03:40Z'));
    expect(whole.to).toBeLessThan(Date.parse('2026-11-12T14:08:00Z'));
  });

  it('is not squeezed by a change or a healthy run long before', () => {
    const early = { ...timeline, changes: timeline.changes.map((one) => ({ ...one, at: '2026-11-12T08:00:00.000Z' })) };
    const whole = wholeOf(early, tracks, Date.parse(loop.since), EXAMPLE_NOW);
    expect(whole.from).toBeGreaterThan(Date.parse('2026-11-12T13:00:00Z'));
  });
});

describe('trackPaths', () => {
  it('draws every run and crash once, and each wait up to its nominal end and over', () => {
    const path = trackPaths(input(tracks[0]));
    expect(marks(path.runs)).toBe(14);
    expect(marks(path.crashes)).toBe(14);
    expect(marks(path.waits)).toBe(13);
    expect(marks(path.slack)).toBe(13);
    expect(path.missed).toBe('');
  });

  it('draws the pod that was replaced in the lane of its successor, with the pull between', () => {
    const path = trackPaths(input(tracks[0]));
    expect(path.earlier).toBe('M0 14H183');
    expect(path.stops).toBe('M183 8V20');
    expect(path.pull).toBe('M164 14H320');
    expect(arrivalOf(tracks[1] as Track)?.to).toBe(Date.parse('2026-11-12T13:17:11Z'));
  });

  it('draws restarts that nobody saw as missed, and no wait in their stead', () => {
    const first: TimelineRun = [
      0,
      seconds('2026-11-12T13:20:00Z'),
      seconds('2026-11-12T13:20:02Z'),
      1,
      0,
      'missed',
      0,
      false,
    ];
    const later: TimelineRun = [
      4,
      seconds('2026-11-12T13:50:00Z'),
      seconds('2026-11-12T13:50:02Z'),
      1,
      3,
      null,
      0,
      false,
    ];
    const gap = track([first, later]);
    expect(missedSpan(gap, gap.runs[0], gap.runs[1] as Track['runs'][number])).toMatchObject({ count: 3 });
    const path = trackPaths(input(gap));
    expect(marks(path.missed)).toBe(1);
    expect(path.waits).toBe('');
  });

  it('draws those before the first recorded run from the first start that an event tells of', () => {
    const late: TimelineRun = [
      13,
      seconds('2026-11-12T13:58:21Z'),
      seconds('2026-11-12T13:58:23Z'),
      1,
      13,
      null,
      0,
      false,
    ];
    const path = trackPaths(input(track([late], { firstStartAt: '2026-11-12T13:16:20.000Z' })));
    expect(path.missed).toBe('M320 14H2841');
  });

  it('draws no more than what lies around the view', () => {
    const within = { from: Date.parse('2026-11-12T13:40:00Z'), to: Date.parse('2026-11-12T13:50:00Z') };
    const path = trackPaths(input(tracks[0], { within }));
    expect(marks(path.crashes)).toBeGreaterThan(1);
    expect(marks(path.crashes)).toBeLessThan(5);
    expect(drawnAround(within).from).toBeLessThanOrEqual(within.from - 600_000);
    expect(drawnAround(within).to).toBeGreaterThanOrEqual(within.to + 600_000);
  });

  it('makes one block of crashes that would run into each other, two weeks at one each five minutes', () => {
    const runs = Array.from({ length: 4_032 }, (_, i): TimelineRun => {
      const start = seconds('2026-11-01T00:00:00Z') + i * 305;
      return [i, start, start + 3, 1, 0, 'back-off', 300, false];
    });
    const long = track(runs, { createdAt: '2026-11-01T00:00:00.000Z' });
    expect(denseBlocks(long.runs, 1_024_000)).toEqual([
      { from: expect.any(Number), to: expect.any(Number), crashes: 4_032 },
    ]);
    const path = trackPaths(input(long, { origin: Date.parse('2026-11-01T00:00:00Z'), left: 0, grain: 1_024_000 }));
    expect(path.dense).not.toBe('');
    expect(path.crashes + path.runs).toBe('');
    expect(denseBlocks(long.runs, 64_000)).toEqual([]);
  });
});

describe('livePaths', () => {
  it('draws the wait that goes on, what is over it, and the window, only where a restart comes', () => {
    const live = livePaths(input(tracks[0]), EXAMPLE_NOW);
    expect(live.wait).toBe('M2843 14H3091');
    expect(live.slack).toBe('');
    expect(live.ahead).toBe('M3091 14H3142');
    expect(live.next).toBe('M3142 7H3160V21H3142z');
    expect(livePaths(input(tracks[0]), Date.parse('2026-11-12T14:03:30Z')).slack).toBe('M3143 14H3150');
    expect(livePaths(input(tracks[1]), EXAMPLE_NOW)).toMatchObject({ next: '', wait: '' });
  });

  it('draws one long run of a replica that never crashed', () => {
    expect(livePaths(input(tracks[2]), EXAMPLE_NOW).run).toBe('M0 14H3091');
    expect(sayOf(tracks[2] as Track, false, EXAMPLE_NOW)).toBe('one run since 9 Nov 16:21, no crash');
  });
});

describe('words', () => {
  const view = { from: FROM, to: Date.parse('2026-11-12T14:05:00Z') };

  it('do not overlap, and those of the chosen crash come first', () => {
    const [first] = tracks;
    if (!first) throw new Error('no track');
    const words = wordsOf({ track: first, view, blocks: [], now: EXAMPLE_NOW, isSelected: ({ index }) => index === 2 });
    expect(words.filter(({ kind }) => kind === 'exit').length).toBeGreaterThan(7);
    expect(words.find(({ kind }) => kind === 'old')?.text).toBe('rev 13');
    expect(words.some(({ kind, title }) => kind === 'took' && title.includes('nominal 5m'))).toBe(true);
    const chosen = words.find(({ title }) => title === 'exit 1 at 13:16:43');
    expect(chosen).toBeDefined();
    const spans = words
      .map(({ left, text }) => [left - text.length / 2, left + text.length / 2] as const)
      .sort((a, b) => a[0] - b[0]);
    for (const [i, [, end]] of spans.entries()) expect(spans[i + 1]?.[0] ?? 1_000).toBeGreaterThan(end - 0.5);
  });

  it('say the lane in one sentence', () => {
    expect(ariaOf(tracks[0] as Track, '13 restarts', EXAMPLE_NOW)).toBe(
      'Replica x2x4k (checkout-6d5f9c7b84-x2x4k): 13 restarts; revision 14; 14 recorded crashes, exit 1; first 13:16:22, last 13:58:23; waits from 1s to 5m12s; next restart between 14:03:22 and 14:03:40',
    );
  });
});
