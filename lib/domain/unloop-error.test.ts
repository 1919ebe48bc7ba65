import { describe, expect, it, vi } from 'vitest';
import { UnloopError } from './unloop-error';

describe('UnloopError', () => {
  it('is known where another bundle has loaded the class a second time', async () => {
    vi.resetModules();
    const other = await import('./unloop-error');
    expect(other.UnloopError).not.toBe(UnloopError);
    const thrown: unknown = new other.UnloopError('store-failed', 'the disk is full');
    expect(thrown instanceof UnloopError && thrown.code).toBe('store-failed');
  });

  it.each([new Error('x'), null, 'x', { code: 'store-failed' }])('is not %j', (thrown: unknown) => {
    expect(thrown instanceof UnloopError).toBe(false);
  });
});
