import { describe, expect, it } from 'vitest';
import { hoursOfDay } from './board';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 20, 14, 20);

describe('hoursOfDay', () => {
  it('gives 24 hours ending now, with empty hours in between', () => {
    const at = Math.floor(NOW / HOUR) * HOUR;
    const hours = hoursOfDay(
      [
        { at, namespace: 'shop', category: 'image', crashes: 2 },
        { at: at - 23 * HOUR, namespace: 'shop', category: 'resource', crashes: 7 },
        { at: at - 24 * HOUR, namespace: 'shop', category: 'resource', crashes: 9 },
      ],
      NOW,
      null,
    );
    expect(hours).toHaveLength(24);
    expect(hours[0]).toEqual({ at: '2026-11-19T15:00:00.000Z', counts: { resource: 7 } });
    expect(hours[23]?.counts).toEqual({ image: 2 });
    expect(hours[5]?.counts).toEqual({});
  });

  it('counts only the namespaces asked for', () => {
    const at = Math.floor(NOW / HOUR) * HOUR;
    const counts = [
      { at, namespace: 'shop', category: 'image', crashes: 2 },
      { at, namespace: 'billing', category: 'image', crashes: 5 },
    ] as const;
    expect(hoursOfDay(counts, NOW, ['shop']).at(-1)?.counts).toEqual({ image: 2 });
    expect(hoursOfDay(counts, NOW, null).at(-1)?.counts).toEqual({ image: 7 });
  });
});
