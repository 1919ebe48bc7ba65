import { describe, expect, it } from 'vitest';
import { changesBeforeEnd, changesBeforeStart, type LoopChange } from './loop-changes';

const MINUTE = 60_000;
const SINCE = Date.parse('2026-11-12T13:16:22Z');
const change = (minutes: number, over: Partial<LoopChange> = {}): LoopChange => ({
  kind: 'rollout',
  at: SINCE + minutes * MINUTE,
  text: `at ${minutes}`,
  ...over,
});
const texts = (changes: readonly LoopChange[]) => changes.map(({ text }) => text);

describe('changesBeforeStart', () => {
  it('names the newest change before the first crash with what goes together with it', () => {
    const rollout = change(-3);
    const config = change(-5, { kind: 'config' });
    expect(texts(changesBeforeStart([change(4), rollout, config, change(-90)], SINCE))).toEqual(['at -5', 'at -3']);
  });

  it('blames nothing that is long past, came later, or is a mere deletion of a pod', () => {
    expect(changesBeforeStart([change(-400), change(1), change(-1, { kind: 'pod-gone' })], SINCE)).toEqual([]);
  });

  it('takes a change of the second of the crash', () => {
    expect(texts(changesBeforeStart([change(0)], SINCE))).toEqual(['at 0']);
  });
});

describe('changesBeforeEnd', () => {
  it('names the newest change between the first crash and the run that held', () => {
    const held = SINCE + 30 * MINUTE;
    expect(texts(changesBeforeEnd([change(-3), change(5), change(29), change(31)], SINCE, held))).toEqual(['at 29']);
  });

  it('names none where nothing was changed in between', () => {
    expect(changesBeforeEnd([change(-3)], SINCE, SINCE + 30 * MINUTE)).toEqual([]);
  });
});
