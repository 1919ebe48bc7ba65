import { describe, expect, it } from 'vitest';
import { at } from '@/lib/domain/pod-fixture';
import { formatRestarts } from './restarts';

describe('formatRestarts', () => {
  it('adds the age of the last termination', () => {
    expect(formatRestarts(13, at('12:00:00'), at('12:04:08'))).toBe('13 (4m8s ago)');
    expect(formatRestarts(5, at('12:00:00'), at('12:07:03'))).toBe('5 (7m3s ago)');
  });

  it('prints the bare number without restarts or without a date', () => {
    expect(formatRestarts(0, at('12:00:00'), at('12:04:08'))).toBe('0');
    expect(formatRestarts(3, null, at('12:04:08'))).toBe('3');
  });

  it('tolerates a node clock that runs ahead', () => {
    expect(formatRestarts(1, at('12:00:01'), at('12:00:00'))).toBe('1 (0s ago)');
    expect(formatRestarts(1, at('12:00:05'), at('12:00:00'))).toBe('1 (<invalid> ago)');
  });
});
