import { describe, expect, it } from 'vitest';
import { exampleLoops } from '@/lib/contract/example-loops';
import type { EndedLoop } from '@/lib/contract/history';
import { endWords, keptWords, sinceWords } from './ended-words';

const END = Date.UTC(2026, 10, 11, 12);
const [row] = exampleLoops();

function ended(change: Partial<EndedLoop>): EndedLoop {
  if (!row) throw new Error('there is no example');
  return {
    loop: { ...row, state: 'recovered' },
    outcome: 'recovered',
    firstCrashAt: null,
    lastCrashAt: null,
    crashes: 0,
    failedMs: 0,
    endedAt: new Date(END).toISOString(),
    endedBy: null,
    cameBackAt: null,
    cameBack: 0,
    ...change,
  };
}

describe('the words of an ended loop', () => {
  it('name what ended it only where that was recorded', () => {
    expect(endWords(ended({ endedBy: 'image set to api:1.4.2' }))).toBe('image set to api:1.4.2');
    expect(endWords(ended({}))).toBe('no change recorded');
    expect(endWords(ended({ loop: { ...ended({}).loop, state: 'gone' } }))).toBe('its pods were deleted');
  });

  it('tell what became of it', () => {
    expect(sinceWords(ended({}), END + 3_600_000)).toBe('held 60m');
    const again = ended({ outcome: 'came-back', cameBackAt: new Date(END + 90_000).toISOString() });
    expect(sinceWords(again, END + 3_600_000)).toBe('again after 90s');
    expect(sinceWords(ended({ outcome: 'gone' }), END)).toBe('not seen again');
  });

  it('say what is kept and since when', () => {
    const kept = {
      since: new Date(END).toISOString(),
      days: 30,
      bytes: 2 * 1024 ** 3,
      inMemory: false,
      memoryReason: null,
    };
    expect(keptWords(kept)).toBe(
      'The record begins on Wed 11 Nov 2026, 12:00:00 UTC: what ended before is not known. ' +
        'Ends are kept 30 days, up to 2Gi in all.',
    );
    expect(keptWords({ ...kept, since: null, inMemory: true })).toMatch(
      /^Nothing is recorded yet\. It lives in memory/,
    );
  });
});
