import { describe, expect, it } from 'vitest';
import { periodMark } from './period-mark';

const loop = { beganAt: 200, lastFailedAt: 400, endedAt: 600, cameBackAt: null };

describe('periodMark', () => {
  it('lays failing, holding and coming back out on the axis of the period', () => {
    expect(periodMark({ ...loop, cameBackAt: 900 }, 0, 1000)).toEqual({
      failed: { x: 27.2, width: 27.2 },
      held: 'M54.4 10H81.6',
      again: 122.4,
      isCut: false,
    });
  });

  it('keeps a failure of a second visible in a month', () => {
    expect(periodMark({ ...loop, beganAt: 1e9, lastFailedAt: 1e9 + 1000, endedAt: 1e9 + 1000 }, 0, 2e9)).toMatchObject({
      failed: { x: 68, width: 2 },
      held: '',
    });
  });

  it('stays inside the period, and says where a loop began before it', () => {
    const mark = periodMark({ ...loop, beganAt: -500, lastFailedAt: 2000, endedAt: 3000 }, 0, 1000);
    expect(mark).toEqual({ failed: { x: 0, width: 136 }, held: '', again: null, isCut: true });
    expect(periodMark({ ...loop, beganAt: 1000, lastFailedAt: 1000 }, 0, 1000).failed).toEqual({ x: 134, width: 2 });
  });
});
