import { describe, expect, it } from 'vitest';
import { pendingChanges, pendingWords } from './pending-changes';

const changes = (shown: string, wanted: string): ReturnType<typeof pendingChanges> =>
  pendingChanges(shown.split(''), wanted.split(''));

describe('pendingChanges', () => {
  it('finds nothing between equal lists', () => {
    expect(changes('abc', 'abc')).toEqual({ added: 0, removed: 0, moved: 0, total: 0 });
  });

  it('counts new rows and rows that leave, not the shift they cause', () => {
    expect(changes('abc', 'xabc')).toMatchObject({ added: 1, removed: 0, moved: 0 });
    expect(changes('abc', 'bc')).toMatchObject({ added: 0, removed: 1, moved: 0 });
  });

  it('counts the fewest rows that move', () => {
    expect(changes('abcdef', 'fabcde')).toMatchObject({ moved: 1 });
    expect(changes('abcdef', 'badcfe')).toMatchObject({ moved: 3 });
    expect(changes('abc', 'cba')).toMatchObject({ moved: 2 });
  });

  it('says them in words', () => {
    expect(pendingWords(changes('abcd', 'xdabc'))).toBe('1 new loop, 1 move');
    expect(pendingWords(changes('abcd', 'dc'))).toBe('2 loops leave, 1 move');
    expect(pendingWords(changes('a', 'a'))).toBe('');
  });

  it('counts a list of thousands turned around', () => {
    const ids = Array.from({ length: 5000 }, (_, index) => `loop-${index}`);
    expect(pendingChanges(ids, [...ids].reverse()).moved).toBe(4999);
  });
});
