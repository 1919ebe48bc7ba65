import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ORDINARY } from './ordinary';
import { PLANTED } from './planted';
import { redactLines, redactLog, redactText } from './text';

describe('planted secrets', () => {
  it('are at least 200 different texts', () => {
    expect(new Set(PLANTED.map(({ text }) => text)).size).toBeGreaterThanOrEqual(200);
  });

  it.each(PLANTED)('$text', ({ text, secret, stays }) => {
    const shown = redactText(text);
    expect(shown).not.toContain(secret);
    expect(shown).toMatch(/\[withheld: looks like a [a-z ]+\]/);
    expect(shown).toContain(stays);
    expect(redactText(shown)).toBe(shown);
  });

  it('vanish in each line of a log, a private key over several lines too', () => {
    const stamped = (lines: readonly string[]) => lines.map((line) => `2026-01-01T00:00:00.000000000Z ${line}`);
    const key = [
      '-----BEGIN RSA PRIVATE KEY-----',
      'Proc-Type: 4,ENCRYPTED',
      '',
      'MIIEowIBAAKC',
      '-----END RSA PRIVATE KEY-----',
    ];
    const whole = redactLines(stamped(['start', ...key, 'stop']));
    expect(whole).toHaveLength(7);
    expect(whole.join('\n')).not.toMatch(/MIIE|Proc-Type/);
    expect(whole[6]).toContain('stop');
    expect(redactLog(stamped(key.slice(2)).join('\n'))).not.toContain('MIIE');
    expect(redactLog(stamped(key.slice(0, 4)).join('\n'))).not.toContain('MIIE');
  });
});

describe('ordinary lines', () => {
  it.each(ORDINARY)('%s', (line) => {
    expect(redactText(line)).toBe(line);
  });

  const cases = process.env.UNLOOP_CASES;
  it.skipIf(cases === undefined || !existsSync(cases))('of recorded crashes are touched in at most 2 of 100', () => {
    const lines = readdirSync(cases ?? '', { recursive: true, encoding: 'utf8' }).flatMap((file) => {
      const path = join(cases ?? '', file);
      if (file.endsWith('.log')) return readFileSync(path, 'utf8').split('\n');
      return /objects\/.*\.json$/.test(file) ? messagesIn(JSON.parse(readFileSync(path, 'utf8'))) : [];
    });
    const ordinary = lines.filter((line) => line.trim() !== '');
    const touched = ordinary.filter((line) => redactText(line) !== line);
    expect(ordinary.length).toBeGreaterThan(1000);
    expect(touched.length / ordinary.length, `${touched.length} of ${ordinary.length}`).toBeLessThanOrEqual(0.02);
  });
});

/** The messages of events and statuses in a JSON document. */
function messagesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(messagesIn);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'message' && typeof inner === 'string' ? inner.split('\n') : messagesIn(inner),
  );
}
