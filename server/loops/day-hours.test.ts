import { describe, expect, it } from 'vitest';
import { LOCAL_VIEWER, SEEN_KINDS, sightOf, type Viewer } from '@/lib/domain/viewer';
import { DayHours } from './day-hours';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 20, 14, 20);
const THIS_HOUR = Math.floor(NOW / HOUR) * HOUR;

const seen = (namespaces: readonly string[] | null, viewer: Viewer = LOCAL_VIEWER) =>
  sightOf(viewer, 'prod', namespaces);

describe('DayHours', () => {
  it('gives 24 hours ending now, with empty hours in between', () => {
    const hours = new DayHours([
      { at: THIS_HOUR, namespace: 'shop', category: 'image', crashes: 2 },
      { at: THIS_HOUR - 23 * HOUR, namespace: 'shop', category: 'resource', crashes: 7 },
      { at: THIS_HOUR - 24 * HOUR, namespace: 'shop', category: 'resource', crashes: 9 },
    ]).of(seen(null), NOW);
    expect(hours).toHaveLength(24);
    expect(hours[0]).toEqual({ at: '2026-11-19T15:00:00.000Z', counts: { resource: 7 } });
    expect(hours[23]?.counts).toEqual({ image: 2 });
    expect(hours[5]?.counts).toEqual({});
  });

  it('counts only the namespaces asked for', () => {
    const hours = new DayHours([
      { at: THIS_HOUR, namespace: 'shop', category: 'image', crashes: 2 },
      { at: THIS_HOUR, namespace: 'billing', category: 'image', crashes: 5 },
    ]);
    expect(hours.of(seen(['shop']), NOW).at(-1)?.counts).toEqual({ image: 2 });
    expect(hours.of(seen(null), NOW).at(-1)?.counts).toEqual({ image: 7 });
    expect(hours.of(seen([]), NOW).at(-1)?.counts).toEqual({});
  });

  it('counts only what the viewer may see, and of no cause where they may not know it', () => {
    const hours = new DayHours([
      { at: THIS_HOUR, namespace: 'shop', category: 'image', crashes: 2 },
      { at: THIS_HOUR, namespace: 'data', category: 'image', crashes: 3 },
      { at: THIS_HOUR, namespace: 'billing', category: 'image', crashes: 5 },
    ]);
    const kim: Viewer = {
      kind: 'person',
      name: 'kim',
      grants: [
        { cluster: 'prod', namespaces: ['shop'], kinds: SEEN_KINDS },
        { cluster: 'prod', namespaces: ['data'], kinds: ['pods'] },
      ],
    };
    expect(hours.of(seen(null), NOW).at(-1)?.counts).toEqual({ image: 10 });
    expect(hours.of(seen(null, kim), NOW).at(-1)?.counts).toEqual({ image: 2, unknown: 3 });
    expect(hours.of(seen(['billing'], kim), NOW).at(-1)?.counts).toEqual({});
  });

  it('moves on with the hour', () => {
    const hours = new DayHours([{ at: THIS_HOUR, namespace: 'shop', category: 'image', crashes: 2 }]);
    expect(hours.of(seen(null), NOW).at(-1)?.counts).toEqual({ image: 2 });
    expect(hours.of(seen(null), NOW + HOUR).at(-2)?.counts).toEqual({ image: 2 });
  });
});
