import { describe, expect, it } from 'vitest';
import { DEFAULT_BACKOFF, nominalWaitMs, REDUCED_BACKOFF } from './backoff-curve';
import { backoffStory } from './backoff-story';

const seconds = (story: ReturnType<typeof backoffStory>) => story.map((wait) => wait.waitMs / 1000);

describe('backoffStory', () => {
  it('doubles from the base to the cap, after a first restart at once', () => {
    expect(seconds(backoffStory(DEFAULT_BACKOFF, 2_000, 9))).toEqual([0, 10, 20, 40, 80, 160, 300, 300, 300]);
    expect(seconds(backoffStory(REDUCED_BACKOFF, 2_000, 9))).toEqual([0, 1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it('agrees with the curve that the diagnosis draws', () => {
    for (const { restart, waitMs } of backoffStory(DEFAULT_BACKOFF, 1_000, 12)) {
      expect(waitMs).toBe(nominalWaitMs(restart));
    }
  });

  it('never waits where each run outlives the reset', () => {
    const story = backoffStory(DEFAULT_BACKOFF, 11 * 60_000, 5);
    expect(seconds(story)).toEqual([0, 0, 0, 0, 0]);
    expect(story.at(-1)).toMatchObject({ kind: 'long-run', resets: true });
  });

  it('starts over where run and wait together outlast what the kubelet remembers', () => {
    const story = backoffStory(DEFAULT_BACKOFF, 6 * 60_000, 9);
    expect(seconds(story)).toEqual([0, 10, 20, 40, 80, 160, 240, 10, 20]);
    expect(story[6]).toMatchObject({ kind: 'collected', nominalMs: 300_000, resets: true });
  });
});
