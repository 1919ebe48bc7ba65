import { describe, expect, it } from 'vitest';
import { cleanLine, isStackLine, parseLog, STYLES, segmentsOf, visibleText } from './parse-log';

const rows = (text: string, stamped = false) => {
  const log = parseLog(text, stamped);
  return Array.from({ length: log.count }, (_, index) => {
    const row = log.row(index);
    if (!row) throw new Error('no row');
    return row;
  });
};
const row = (line: string) => {
  const first = rows(line)[0];
  if (!first) throw new Error('no row');
  return first;
};

describe('parseLog', () => {
  it('numbers lines from 1 and drops the end of the last line and of Windows lines', () => {
    expect(rows('one\r\ntwo\n\nfour\n').map((line) => [line.no, line.plain])).toEqual([
      [1, 'one'],
      [2, 'two'],
      [3, ''],
      [4, 'four'],
    ]);
  });

  it('takes the stamp off a stamped line and leaves unstamped lines whole', () => {
    const [stamped, bare] = rows('2026-11-12T13:58:22.655123456Z ConfigError\n2026 was the year', true);
    expect(stamped).toMatchObject({
      at: '13:58:22.655',
      stamp: '2026-11-12T13:58:22.655123456Z',
      plain: 'ConfigError',
    });
    expect(bare).toMatchObject({ at: '', plain: '2026 was the year' });
  });

  it('leaves what looks like a stamp alone where the log carries none', () => {
    expect(row('2026-11-12T13:58:22Z ready').plain).toBe('2026-11-12T13:58:22Z ready');
  });

  it('gives no rows for an empty log', () => {
    expect(parseLog('', false).count).toBe(0);
  });

  it('gives the same row each time, and none beyond the end', () => {
    const log = parseLog('one', false);
    expect(log.row(0)).toBe(log.row(0));
    expect(log.row(1)).toBeUndefined();
  });
});

describe('hostile lines', () => {
  it('keeps markup as the text it is', () => {
    expect(row('<img src=x onerror=alert(1)>').plain).toBe('<img src=x onerror=alert(1)>');
  });

  it('shows NUL, bell and other control characters', () => {
    expect(row('a\x00b\x07c\x7fd').plain).toBe('a\\x00b\\x07c\\x7fd');
  });

  it('shows what would reorder the line or hide in it', () => {
    expect(row('safe\u202egnp.exe\u200b').plain).toBe('safe⟨U+202E⟩gnp.exe⟨U+200B⟩');
  });

  it('drops titles, links and cursor movements', () => {
    expect(row('\x1b]0;owned\x07a\x1b]8;;http://evil\x1b\\b\x1b[2J\x1b[1;1Hc').plain).toBe('abc');
  });

  it('shows an escape that starts no sequence', () => {
    expect(row('cut off \x1b').plain).toBe('cut off \\x1b');
    expect(row('cut off \x1b]0;title').plain).toBe('cut off \\x1b]0;title');
  });

  it('is quick with a long run of unfinished sequences', () => {
    const started = performance.now();
    cleanLine('\x1b]'.repeat(200_000));
    cleanLine('\x1b['.repeat(200_000));
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('makes a message with colours readable as text', () => {
    expect(visibleText('\x1b[31mred\x1b[0m\x00')).toBe('red\\x00');
  });
});

describe('segmentsOf', () => {
  it('gives colours and weights from the fixed set', () => {
    expect(segmentsOf(row('a \x1b[1;31mERROR\x1b[0m b'))).toEqual([
      { text: 'a ', classes: '' },
      { text: 'ERROR', classes: 'a-red a-bold' },
      { text: ' b', classes: '' },
    ]);
  });

  it('shows hidden, blinking and 256-colour text as plain text', () => {
    for (const code of ['8', '5', '38;5;16', '38;2;1;2;3', '48;5;200']) {
      const pieces = segmentsOf(row(`\x1b[${code}msecret\x1b[0m`));
      expect(pieces.map((piece) => piece.text).join('')).toBe('secret');
      for (const piece of pieces) expect(piece.classes).toBe('');
    }
  });

  it('joins to the plain text and asks for no class outside the set, whatever comes', () => {
    let seed = 7;
    const next = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % below;
    };
    const parts = [
      '\x1b[',
      '\x1b',
      'm',
      '31',
      ';',
      '1',
      '999',
      'text',
      '\x1b[0m',
      ' ',
      '<b>',
      '\x9b',
      '\u202e',
      'K',
      ']',
    ];
    for (let round = 0; round < 2000; round += 1) {
      const line = Array.from({ length: 1 + next(12) }, () => parts[next(parts.length)]).join('');
      const parsed = row(`x${line}`);
      const pieces = segmentsOf(parsed);
      expect(pieces.map((piece) => piece.text).join('')).toBe(parsed.plain);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
      expect(parsed.plain).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
      for (const name of pieces.flatMap((piece) => piece.classes.split(' ').filter(Boolean))) {
        expect(STYLES.has(name)).toBe(true);
      }
    }
  });
});

describe('isStackLine', () => {
  it('knows the frames of common runtimes', () => {
    expect(isStackLine('    at requireEnv (/app/dist/config.js:41:11)')).toBe(true);
    expect(isStackLine('  File "/app/main.py", line 3, in <module>')).toBe(true);
    expect(isStackLine('\t/src/main.go:12 +0x1d')).toBe(true);
    expect(isStackLine('at 12:00 the server stopped')).toBe(false);
  });
});
