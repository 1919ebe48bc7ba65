import { describe, expect, it } from 'vitest';
import { CAUSE_IDS } from '@/lib/domain/causes';
import { docsOfCause } from './cause-docs';
import { RULES } from './registry';

describe('the documentation of causes', () => {
  it('is that of the rules, each under its cause and none left out', () => {
    const shown = CAUSE_IDS.flatMap((cause) => docsOfCause(cause).map((doc) => doc.ruleId));
    expect(shown.toSorted()).toEqual(RULES.map((rule) => rule.id).toSorted());
    expect(docsOfCause('oom-killed')[0]?.steps.length).toBeGreaterThan(0);
  });
});
