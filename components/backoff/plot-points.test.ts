import { describe, expect, it } from 'vitest';
import { exampleDiagnosis } from '@/components/diagnosis/example-diagnosis';
import { exampleLane } from '@/components/timeline/example-timeline';
import { tracksOf } from '@/components/timeline/track';
import type { TimelineRun } from '@/lib/contract/timeline';
import { formatDuration } from '@/lib/format/duration';
import { countdown, isPullStale, pullCountdown } from './countdown';
import { fitWords, isWithoutBackoff, plotData } from './plot-points';
import { plotScale, stepPath } from './plot-scale';

const [loop] = exampleDiagnosis.loops;
const [timeline] = exampleDiagnosis.timelines;
if (!loop || !timeline) throw new Error('the example lost its loop');

describe('plotData', () => {
  it('puts the waits of each replica beside the curve', () => {
    const data = plotData(timeline, tracksOf(timeline, loop));
    expect(data?.nominal.map((ms) => ms / 1000)).toEqual([
      0, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300, 300, 300, 300,
    ]);
    expect(data?.points.filter(({ series }) => series === 0).map(({ actualMs }) => actualMs / 1000)).toEqual([
      1, 16, 24, 51, 87, 169, 303, 308, 305, 312, 306, 310, 303,
    ]);
    expect(data?.points.some(({ isOff }) => isOff)).toBe(false);
    expect(data?.isLive).toBe(true);
  });

  it('lets a wait off the curve explain itself', () => {
    const at = (n: number) => 1_760_000_000 + n;
    const runs: TimelineRun[] = [
      [7, at(0), at(9), 137, 7, 'probe-kill', 0, false],
      [8, at(9), at(18), 137, 0, 'back-off', 300, true],
      [9, at(400), at(409), 137, 0, null, 0, false],
    ];
    const killed = { ...timeline, lanes: [exampleLane({ runs })] };
    const data = plotData(killed, tracksOf(killed, loop));
    expect(data?.points.map(({ number, isOff, words }) => [number, isOff, words])).toEqual([
      [8, true, expect.stringMatching(/^wait 8 of x2x4k: waited 0s: a probe killed it/)],
      [9, true, expect.stringMatching(/waited 6m22s, nominal 5m: later than/)],
    ]);
    // The kill skips its wait, not its step on the curve.
    expect(data?.nominal.slice(6)).toEqual([300_000, 300_000, 300_000, 300_000]);
    expect(data?.nominal[0]).toBe(0);
  });

  it('knows a loop whose runs outlive the back-off', () => {
    const at = (n: number) => 1_760_000_000 + n * 3_600;
    const run = (i: number, kind: TimelineRun[5]): TimelineRun => [i, at(i), at(i + 1) - 1, 3, 0, kind, 0, false];
    const of = (...kinds: TimelineRun[5][]) =>
      tracksOf({ lanes: [exampleLane({ runs: kinds.map((kind, i) => run(i, kind)) })] }, loop);
    expect(isWithoutBackoff(of('free', 'long-run', 'long-run', null))).toBe(true);
    expect(isWithoutBackoff(of('free', 'long-run', 'back-off', null))).toBe(false);
    expect(isWithoutBackoff(of('free', 'free', null))).toBe(false);
  });

  it('is nothing where nothing ever ended', () => {
    const idle = { ...timeline, lanes: [exampleLane({ runs: [] })] };
    expect(plotData(idle, tracksOf(idle, loop))).toBeNull();
  });
});

describe('plotScale', () => {
  it('is logarithmic: each tenfold takes the same height', () => {
    const { y } = plotScale(1, 14, 312_000);
    expect(y(1_000) - y(10_000)).toBeCloseTo(y(10_000) - y(100_000), 6);
    expect(y(0)).toBe(y(1_000));
  });

  it('draws the curve as steps', () => {
    const scale = plotScale(1, 3, 300_000);
    expect(stepPath([0, 10_000, 20_000], 1, scale)).toMatch(/^M30 128H58V[\d.]+H86V[\d.]+H114$/);
  });
});

describe('words', () => {
  it('say which back-off the waits fit and why', () => {
    expect(fitWords(timeline, formatDuration)).toBe(
      'Waits fit 10s doubling to 5m: 26 of 26 recorded waits; the kubelet names the cap itself.',
    );
    const none = { backoff: { ...timeline.backoff, basis: 'assumed' as const, total: 0, explained: 0 } };
    expect(fitWords(none, formatDuration)).toMatch(/^Expected: 10s doubling to 5m/);
  });

  it('foretell no pull where events tell of the newest ones no more', () => {
    const pull = {
      failures: 5,
      lastAt: '2026-11-12T13:20:00.000Z',
      nominalMs: 160_000,
      from: '2026-11-12T13:22:39.000Z',
      to: '2026-11-12T13:22:57.000Z',
    };
    expect(pullCountdown(pull, Date.parse('2026-11-12T13:21:39Z')).text).toBe('next pull in 60s to 78s');
    expect(isPullStale(pull, Date.parse('2026-11-12T13:23:20Z'))).toBe(false);
    expect(isPullStale(pull, Date.parse('2026-11-12T13:40:00Z'))).toBe(true);
  });

  it('count down to a window, and say why a restart may be overdue', () => {
    const next = timeline.lanes[0]?.next;
    if (!next) throw new Error('no next restart');
    const at = (time: string) => countdown(next, Date.parse(`2026-11-12T${time}Z`));
    expect(at('14:02:31')).toEqual({ isOverdue: false, text: 'in 51s to 69s' });
    expect(at('14:03:30').text).toBe('due now, at the latest in 10s');
    expect(at('14:04:00')).toEqual({
      isOverdue: true,
      text: 'overdue by 20s: it may be that the image is being pulled, or the node is busy',
    });
    expect(at('14:05:40').text).toContain('the kubelet or its node is down');
  });
});
