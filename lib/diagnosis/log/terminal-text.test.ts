import { describe, expect, it } from 'vitest';
import { terminalJson, terminalText } from './terminal-text';

const HOSTILE = 'a\u001b]0;title\u0007b\u001b[2Jc\u009b31md\u202ee\u0000f\rg\n\th';

describe('text for a terminal', () => {
  it('holds nothing that a terminal obeys but line breaks and tabs', () => {
    expect(terminalText(HOSTILE)).toBe('abc31mdefg\n\th');
  });

  it('as JSON reads the same as before', () => {
    const json = terminalJson(JSON.stringify({ text: HOSTILE }));
    expect(json).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(json)).toEqual({ text: HOSTILE });
  });
});
