import { describe, expect, it } from 'vitest';
import { describeError } from './log';

describe('describeError', () => {
  it('says a cause once, though the message quotes it', () => {
    const full = new Error('database or disk is full');
    expect(describeError(new Error('writing failed: database or disk is full', { cause: full }))).toBe(
      'writing failed: database or disk is full',
    );
    expect(describeError(new Error('writing failed', { cause: full }))).toBe(
      'writing failed (database or disk is full)',
    );
    expect(describeError(new Error('a', { cause: new Error('b', { cause: new Error('c') }) }))).toBe('a (b (c))');
  });

  it('ends without a stop, so that a sentence may go on after it', () => {
    expect(describeError(new Error('It broke.', { cause: new Error('Really.') }))).toBe('It broke (Really)');
  });
});
