import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RULESET_VERSION } from '@/server/evidence/ruleset';
import { RULESET, rulesetVersion } from './ruleset.mjs';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'unloop-ruleset-'));
  cpSync(join(import.meta.dirname, '../lib'), join(root, 'lib'), {
    recursive: true,
    filter: (path) => !/rules\/[^/]+\/(?:fires|quiet)/.test(path),
  });
});
afterEach(() => rmSync(root, { recursive: true }));

it('is what the server judges by', () => expect(RULESET_VERSION).toBe(RULESET));

it('is the same for the same sources, wherever they lie', () => expect(rulesetVersion(root)).toBe(RULESET));

it('changes with a rule, with what rules share, and with a rule that comes', () => {
  const seen = new Set([RULESET]);
  for (const path of [
    'diagnosis/rules/oom-killed/rule.ts',
    'diagnosis/rank.ts',
    'domain/quantity.ts',
    'format/bytes.ts',
  ]) {
    writeFileSync(join(root, 'lib', path), '\n', { flag: 'a' });
    seen.add(rulesetVersion(root));
  }
  writeFileSync(join(root, 'lib/diagnosis/rules/new-one.ts'), '');
  seen.add(rulesetVersion(root));
  expect(seen.size).toBe(6);
});

it('does not change with a test', () => {
  writeFileSync(join(root, 'lib/diagnosis/rules/some.test.ts'), '');
  expect(rulesetVersion(root)).toBe(RULESET);
});
