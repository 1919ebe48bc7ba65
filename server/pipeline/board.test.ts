import { describe, expect, it } from 'vitest';
import { hoursOfDay } from './board';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 20, 14, 20);

describe('hoursOfDay', () => {
  it('gives 24 hours ending now, with empty hours in between', () => {
    const at = Math.floor(NOW / HOUR) * HOUR;
    const hours = hoursOfDay(
      [
        { at, category: 'image', crashes: 2 },
        { at: at - 23 * HOUR, category: 'resource', crashes: 7 },
        { at: at - 24 * HOUR, category: 'resource', crashes: 9 },
      ],
      NOW,
    );
    expect(hours).toHaveLength(24);
    expect(hours[0]).toEqual({ at: '2026-11-19T15:00:00.000Z', counts: { resource: 7 } });
    expect(hours[23]?.counts).toEqual({ image: 2 });
    expect(hours[5]?.counts).toEqual({});
  });
});
