import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildEvidence } from '@/lib/diagnosis/build-evidence';
import { diagnose } from '@/lib/diagnosis/diagnose';
import { RULES } from '@/lib/diagnosis/registry';
import { readCapture } from './read-capture';

const FOLDER = join(import.meta.dirname, '../../lib/diagnosis/rules');

/** Judges the container that a fixture is about. */
async function judge(path: string) {
  const { sources } = await readCapture(path);
  const [source] = sources;
  return source ? diagnose(buildEvidence(source)) : { verdicts: [], outcomes: [] };
}

describe.each(RULES)('$id', (rule) => {
  const fixtures = readdirSync(join(FOLDER, rule.id)).filter((name) => /^(?:fires|quiet)\./.test(name));
  test.each(fixtures)('%s', async (name) => {
    const { verdicts, outcomes } = await judge(join(FOLDER, rule.id, name));
    expect(outcomes.filter((one) => one.outcome === 'broken')).toEqual([]);
    if (name.startsWith('quiet.')) {
      expect(verdicts.map((one) => one.ruleId)).not.toContain(rule.id);
      return;
    }
    const own = outcomes.find((one) => one.ruleId === rule.id);
    const missing = own?.outcome === 'not-evaluated' ? `, for want of ${own.missing.join(' and ')}` : '';
    const said = own === undefined ? 'not asked: the container is well' : `${own.outcome}${missing}`;
    expect(verdicts[0]?.ruleId, `the verdict that wins; ${rule.id} is ${said}`).toBe(rule.id);
    expect(verdicts[0]?.facts[0].value).not.toBe('');
    expect(verdicts[0]?.sentence).toMatch(/^\S.*\.$/);
    expect(verdicts[0]?.what.length).toBeLessThanOrEqual(80);
    expect(verdicts[0]?.steps.length).toBeGreaterThan(0);
  });
});
