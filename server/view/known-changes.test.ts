import { describe, expect, it } from 'vitest';
import type { RecordedChange } from '@/lib/domain/loop-changes';
import { endingChange, knownChanges, startingChange } from './known-changes';

const SINCE = Date.parse('2026-11-12T13:16:22Z');

describe('what a row and the history say', () => {
  const change = (kind: string, at: string, short: string, text: string): RecordedChange => ({
    kind,
    at: Date.parse(at),
    text,
    detail: JSON.stringify({ short }),
  });
  const changes = [
    change('rollout', '2026-11-12T13:13:44Z', 'rev 14', 'rev 14: image checkout:2.31.0'),
    change('config', '2026-11-12T13:13:42Z', 'settings', 'ConfigMap settings lost a'),
    change('rollout', '2026-11-12T13:50:00Z', 'rev 15', 'rev 15: image checkout:2.30.4'),
  ];

  it('names what came before the first crash, as one, with its distance', () => {
    expect(startingChange(knownChanges(changes), SINCE)).toEqual({
      kind: 'rollout',
      at: '2026-11-12T13:13:44.000Z',
      text: 'settings and rev 14, 2m38s before',
    });
    expect(startingChange([], SINCE)).toBeNull();
  });

  it('names what came before it held, and nothing where nothing is known', () => {
    expect(endingChange(knownChanges(changes), SINCE, Date.parse('2026-11-12T13:50:09Z'))).toBe(
      'rev 15: image checkout:2.30.4',
    );
    expect(endingChange(knownChanges(changes), SINCE, Date.parse('2026-11-12T13:40:00Z'))).toBeNull();
  });

  it('passes over rows of kinds that this version does not know', () => {
    expect(knownChanges([{ kind: 'weather', at: 1, text: 'rain', detail: null }])).toEqual([]);
  });
});
