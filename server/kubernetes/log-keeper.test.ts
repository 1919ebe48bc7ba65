import { describe, expect, it } from 'vitest';
import { LOG_BYTES, LOG_LINES, LogKeeper } from './log-keeper';

function keep(text: string | Buffer, chunkSize = 1000) {
  const keeper = new LogKeeper();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkSize) keeper.push(bytes.subarray(at, at + chunkSize));
  return keeper.finish();
}
const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);

describe('what is kept of a log', () => {
  it.each([1, 3, 1000])('is everything where it is short, in chunks of %i', (size) => {
    expect(keep('one\ntwo\n\nlast without end', size)).toEqual({
      head: 'one\ntwo\n\nlast without end',
      tail: '',
      skippedLines: 0,
      stamped: true,
    });
  });

  it('is nothing where nothing was written', () => {
    expect(keep('')).toMatchObject({ head: '', tail: '', skippedLines: 0 });
  });

  it('is the first 200 and the last 200 lines, with the number of those between', () => {
    const kept = keep(`${lines(1, 1000).join('\n')}\n`);
    expect(kept.head.split('\n')).toEqual(lines(1, LOG_LINES));
    expect(kept.tail.split('\n')).toEqual(lines(1000 - LOG_LINES + 1, 1000));
    expect(kept.skippedLines).toBe(600);
  });

  it('leaves nothing out where head and tail touch', () => {
    const kept = keep(lines(1, 400).join('\n'));
    expect(kept.skippedLines).toBe(0);
    expect(`${kept.head}\n${kept.tail}`.split('\n')).toEqual(lines(1, 400));
  });

  it('is at most 64 KiB at each end', () => {
    const kept = keep(`${'x'.repeat(1000)}\n`.repeat(5000));
    expect(kept.head.length).toBeLessThanOrEqual(LOG_BYTES);
    expect(kept.tail.length).toBeLessThanOrEqual(LOG_BYTES);
    expect(kept.head.split('\n').length + kept.tail.split('\n').length + kept.skippedLines).toBe(5000);
  });

  it('is the beginning of a line of 5 MB, and the lines around it', () => {
    const kept = keep(`before\n${'é'.repeat(2_500_000)}\nafter\n`, 65_536);
    const [before, long = '', after] = kept.head.split('\n');
    expect([before, after]).toEqual(['before', 'after']);
    expect(long.length).toBeLessThan(20_000);
    expect(long).toMatch(/… \(\d+ bytes of this line left out\)$/);
    expect(long).not.toContain('\ufffd');
  });

  it('does not grow with the line that is arriving', () => {
    const keeper = new LogKeeper();
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const before = process.memoryUsage().external;
    for (let n = 0; n < 200; n++) keeper.push(chunk);
    expect(process.memoryUsage().external - before).toBeLessThan(20_000_000);
    expect(keeper.finish().head.length).toBeLessThan(20_000);
  });

  it('has no NUL bytes, and shows invalid UTF-8 as replacement characters', () => {
    const kept = keep(Buffer.from([0x61, 0, 0x62, 0xff, 0xfe, 10, 0xc3, 0x28, 10]));
    expect(kept.head).toBe('ab\ufffd\ufffd\n\ufffd(');
  });

  it('keeps characters whole that two chunks share', () => {
    expect(keep('Grüße ✗ 😀\n', 1).head).toBe('Grüße ✗ 😀');
  });
});
