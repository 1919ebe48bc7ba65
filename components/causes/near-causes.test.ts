import { expect, it } from 'vitest';
import { nearCauses } from './near-causes';

it('finds the cause that was meant, and nothing for what is like none', () => {
  expect(nearCauses('oomkilled')[0]).toBe('oom-killed');
  expect(nearCauses('missing-env')).toContain('env-missing');
  expect(nearCauses('zzz')).toEqual([]);
  expect(nearCauses('')).toEqual([]);
});
