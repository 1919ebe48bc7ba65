import { describe, expect, it } from 'vitest';
import { exampleDiagnosis } from '@/components/diagnosis/example-diagnosis';
import { crashesByLane, nearestCrash, stepFrom } from './crash-steps';
import { tracksOf } from './track';
import { grainOf, inside, moved, percentIn, revealing, zoomed } from './view';

const whole = { from: 0, to: 3_600_000 };

describe('zooming', () => {
  it('keeps the instant under the pointer where it is', () => {
    const view = zoomed(whole, whole, 0.5, 900_000);
    expect(view.to - view.from).toBe(1_800_000);
    expect(percentIn(view, 900_000)).toBe(percentIn(whole, 900_000));
  });

  it('goes no further out than the whole and no further in than ten seconds', () => {
    expect(zoomed({ from: 60_000, to: 120_000 }, whole, 1_000, 90_000)).toEqual(whole);
    const near = zoomed(whole, whole, 0.000_001, 10_000);
    expect(near.to - near.from).toBe(10_000);
  });

  it('moves inside the whole only', () => {
    expect(moved({ from: 0, to: 60_000 }, whole, -0.5)).toEqual({ from: 0, to: 60_000 });
    expect(moved({ from: 0, to: 60_000 }, whole, 0.5)).toEqual({ from: 30_000, to: 90_000 });
    expect(inside({ from: 3_590_000, to: 3_650_000 }, whole)).toEqual({ from: 3_540_000, to: 3_600_000 });
  });

  it('brings a crash into view with some room beside it', () => {
    const view = revealing({ from: 0, to: 60_000 }, whole, 600_000);
    expect(percentIn(view, 600_000)).toBeCloseTo(92, 3);
    expect(revealing({ from: 0, to: 60_000 }, whole, 30_000)).toEqual({ from: 0, to: 60_000 });
  });

  it('changes its grain by doubling only', () => {
    expect(grainOf({ from: 0, to: 1_000_000 })).toBe(1_000);
    expect(grainOf({ from: 0, to: 1_000_001 })).toBe(2_000);
    expect(grainOf({ from: 0, to: 1_900_000 })).toBe(2_000);
  });
});

describe('stepping from crash to crash', () => {
  const [loop] = exampleDiagnosis.loops;
  const [timeline] = exampleDiagnosis.timelines;
  if (!loop || !timeline) throw new Error('the example lost its loop');
  const lanes = crashesByLane(tracksOf(timeline, loop), exampleDiagnosis.runs);
  const id = (lane: number, at: number) => lanes[lane]?.at(at)?.run.id ?? '';

  it('follows one replica, and changes to the nearest crash of the next one', () => {
    expect(stepFrom(lanes, id(0, 5), 'earlier')?.run.id).toBe(id(0, 4));
    expect(stepFrom(lanes, id(0, -1), 'later')).toBeNull();
    expect(stepFrom(lanes, id(0, 5), 'first')?.run.id).toBe(id(0, 0));
    expect(stepFrom(lanes, id(0, 13), 'down')?.run.id).toBe(id(1, 13));
    expect(stepFrom(lanes, id(1, 0), 'down')).toBeNull();
    expect(stepFrom(lanes, id(1, 0), 'up')?.run.id.startsWith('uid-x2x4k')).toBe(true);
  });

  it('begins with the newest crash of the worst replica', () => {
    expect(stepFrom(lanes, null, 'earlier')?.run.id).toBe(id(0, -1));
  });

  it('finds the crash that a press means', () => {
    const crash = lanes[0]?.[3];
    if (!crash) throw new Error('no crash');
    expect(nearestCrash(lanes[0] ?? [], crash.end + 900, 1_000)).toBe(crash);
    expect(nearestCrash(lanes[0] ?? [], crash.end - 9_000_000, 1_000)).toBeNull();
  });
});
