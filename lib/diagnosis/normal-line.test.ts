import { describe, expect, it } from 'vitest';
import { normalLine } from './normal-line';

describe('normalLine', () => {
  it.each([
    [
      '2026-11-25T20:31:39.546Z ERROR request 88214 failed after 1.2s',
      '2026-11-25T20:32:01.001Z ERROR request 91 failed after 300ms',
    ],
    [
      'panic: runtime error: nil pointer [recovered] 0xc0000a4000',
      'panic: runtime error: nil pointer [recovered] 0xc00018e010',
    ],
    ['dial tcp 10.96.14.72:5672: connect: connection refused', 'dial tcp 10.0.3.9:5672: connect: connection refused'],
    ['job 3f2b8c1e-0d5a-4a1e-9b7c-1f2e3d4c5b6a lost', 'job 00000000-0d5a-4a1e-9b7c-1f2e3d4c5b6a lost'],
    ['lease held by web-6d4cf56db6-x2k4p', 'lease held by web-7f9c8b6f5d-lq2zt'],
    ['[main] 14:02:31,120 Dirty   database', '[main] 09:10:11,001 Dirty database'],
    ['used 511Mi of 512Mi', 'used 498Mi of 512Mi'],
  ])('is one for %j and its repetition', (first, second) => {
    expect(normalLine(first)).toBe(normalLine(second));
  });

  it.each([
    ['server answered with status 401', 'server answered with status 503'],
    ['connect to db:5432 refused', 'connect to db:6432 refused'],
    ["KeyError: 'tenant_id'", "KeyError: 'user_id'"],
    ['exec /app/server: exec format error', 'exec /app/worker: exec format error'],
    ['Dirty database version 47. Fix and force version.', 'Dirty database version 48. Fix and force version.'],
    ['errno 13', 'errno 28'],
    ['cannot read utf8 column', 'cannot read utf16 column'],
  ])('tells %j and %j apart', (first, second) => {
    expect(normalLine(first)).not.toBe(normalLine(second));
  });

  it('takes the names of these pods out wherever they stand', () => {
    expect(normalLine('member kafka-0 of kafka-0.kafka is gone', ['kafka-0'])).toBe(
      'member <pod> of <pod>.kafka is gone',
    );
  });

  it('stays quick on hostile lines', () => {
    const begin = performance.now();
    for (const piece of ['1', '0x', '-bcdfgh', 'a.', '[::', '12:', ' ', '9'.repeat(19)]) {
      normalLine(piece.repeat(200_000));
    }
    expect(performance.now() - begin).toBeLessThan(500);
  });
});
