import { describe, expect, it } from 'vitest';
import { parseLog } from './parse-log';
import { findRows, markHits } from './search-log';

describe('findRows', () => {
  it('finds whatever the case, and nothing for an empty query', () => {
    const rows = parseLog('Error: A\nfine\nerror \u001b[31magain', false);
    expect(findRows(rows, 'ERROR')).toEqual([0, 2]);
    expect(findRows(rows, 'error again')).toEqual([2]);
    expect(findRows(rows, '')).toEqual([]);
  });
});

describe('markHits', () => {
  it('marks every hit and keeps the text whole', () => {
    const pieces = markHits([{ text: 'foo bar foo', classes: '' }], 'foo');
    expect(pieces.map((piece) => [piece.text, piece.hit])).toEqual([
      ['foo', true],
      [' bar ', false],
      ['foo', true],
    ]);
  });

  it('marks a hit that runs over two styles', () => {
    const pieces = markHits(
      [
        { text: 'DATA', classes: 'a-red' },
        { text: 'BASE_URL', classes: '' },
      ],
      'database',
    );
    expect(pieces.map((piece) => [piece.text, piece.classes, piece.hit])).toEqual([
      ['DATA', 'a-red', true],
      ['BASE', '', true],
      ['_URL', '', false],
    ]);
  });

  it('takes a query of regular-expression signs as text', () => {
    for (const query of ['.*', '[x', '(', '\\d', 'a|b', '^$']) {
      const pieces = markHits([{ text: `1 ${query} ab`, classes: '' }], query);
      expect(pieces.filter((piece) => piece.hit).map((piece) => piece.text)).toEqual([query]);
      expect(findRows(parseLog(`1 ab\n1 ${query}`, false), query)).toEqual([1]);
    }
  });
});
