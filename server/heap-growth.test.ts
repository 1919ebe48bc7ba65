import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { GROWTH_OPTION } from './heap-growth';

it('the option by which the heap is kept small is known to the V8 of this Node: it passes over one that it does not know', () => {
  expect(execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' })).toContain(`${GROWTH_OPTION} (`);
});
