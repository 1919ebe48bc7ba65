import { describe, expect, test } from 'vitest';
import type { StepBody } from '@/lib/contract/step';
import { currentStep, doneWords } from './step-progress';

const NOW = Date.parse('2026-11-12T14:02:00Z');
const look: StepBody = { kind: 'decide', id: 'weigh', title: 'Weigh it', text: '' };
const mend: StepBody = {
  ...look,
  id: 'mend',
  condition: { kind: 'run-outlives', ms: 600_000 },
  doneWhen: 'a run lasts longer than 10m',
  done: { state: 'open' },
};
const mended: StepBody = {
  ...mend,
  done: { state: 'done', at: '2026-11-12T13:20:05.000Z', by: 'rev 4: image web:2' },
};

describe('currentStep', () => {
  test('is the first that is not done', () => {
    expect(currentStep([look, mend])).toBe(0);
    expect(currentStep([mended, mend])).toBe(1);
    expect(currentStep([mend, mended])).toBe(0);
  });

  test('is none where all that can be seen done is done', () => {
    expect(currentStep([look, mended, look])).toBe(-1);
  });

  test('is the first where nothing tells of being done', () => {
    expect(currentStep([look, look])).toBe(0);
    expect(currentStep([])).toBe(-1);
  });
});

describe('doneWords', () => {
  test('tells when and after which change', () => {
    expect(doneWords(mended, NOW)).toBe('Done at 13:20:05: a run lasts longer than 10m, after rev 4: image web:2.');
  });

  test('tells no time and no change that are not known', () => {
    expect(doneWords({ ...mended, done: { state: 'done', at: null, by: null } }, NOW)).toBe(
      'Done: a run lasts longer than 10m.',
    );
  });

  test('says when it will be, as long as it is not or nobody knows', () => {
    expect(doneWords(mend, NOW)).toBe('Done when a run lasts longer than 10m.');
    expect(doneWords({ ...mend, done: { state: 'unknown' } }, NOW)).toBe('Done when a run lasts longer than 10m.');
    expect(doneWords(look, NOW)).toBeNull();
  });
});
