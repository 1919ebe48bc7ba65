import { describe, expect, it } from 'vitest';
import { packLog, unpackLog } from './log-body';

const text = (head: string, tail = '') => ({ head, tail, skippedLines: 0, stamped: false });

describe('packLog', () => {
  it('makes a long log small', async () => {
    const packed = await packLog(text('2026-03-01T12:00:00Z connecting to db:5432\n'.repeat(1500)));
    expect(packed.body.length).toBeLessThan(2_000);
    expect(packed.lines).toBe(1500);
  });

  it.each([
    ['', '', 0],
    ['one', '', 1],
    ['one\n', '', 1],
    ['one\ntwo', 'three\n', 3],
    ['\n\n', '', 2],
  ])('counts the lines of %j and %j', async (head, tail, lines) => {
    expect((await packLog(text(head, tail))).lines).toBe(lines);
  });

  it('refuses damaged bytes with an error that says so', async () => {
    const { body, deflated } = await packLog(text('x'.repeat(5_000)));
    await expect(unpackLog(body.subarray(3), deflated)).rejects.toMatchObject({ code: 'store-failed' });
    await expect(unpackLog(Buffer.from('{"head":1}'), 0)).rejects.toMatchObject({ code: 'store-failed' });
  });
});
