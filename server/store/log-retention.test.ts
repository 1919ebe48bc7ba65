import { describe, expect, it } from 'vitest';
import { logsToDrop } from './log-retention';

const logs = (...times: number[]) => times.map((at) => ({ runId: `r${at}`, at }));

describe('logsToDrop', () => {
  it('drops nothing while there are few', () => {
    expect(logsToDrop(logs(1, 2, 3), [], 3)).toEqual([]);
  });

  it('drops the oldest but the first, whatever order they come in', () => {
    expect(logsToDrop(logs(4, 1, 3, 2, 5), [], 2)).toEqual(['r2', 'r3']);
  });

  it('keeps the first and the last of every episode', () => {
    expect(logsToDrop(logs(1, 2, 3, 11, 12, 13, 21, 22, 23), [5, 15], 1)).toEqual(['r2', 'r12', 'r22']);
  });

  it('counts a crash at the very instant of an end to the episode that ended', () => {
    expect(logsToDrop(logs(1, 2, 5, 6, 7, 8), [5], 1)).toEqual(['r2', 'r7']);
  });
});
