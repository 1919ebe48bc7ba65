import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CAUSE_IDS } from '@/lib/domain/causes';
import { RULES } from './registry';

const FOLDER = join(import.meta.dirname, 'rules');
const folders = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .toSorted();

test('every rule folder is registered once, in the order of ids', () => {
  expect(RULES.map((rule) => rule.id)).toEqual(folders);
});

test('every cause has a rule', () => {
  const covered = new Set(RULES.map((rule) => rule.cause));
  expect(CAUSE_IDS.filter((cause) => !covered.has(cause))).toEqual([]);
});

test.each(RULES)('$id documents itself and keeps firing and quiet fixtures', (rule) => {
  const folder = join(FOLDER, rule.id);
  const source = readFileSync(join(folder, 'rule.ts'), 'utf8');
  expect(source, 'a docblock right above the rule, whose id is that of its folder').toMatch(
    new RegExp(`\\*/\\nexport const \\w+ = defineRule\\(\\{\\n {2}id: '${rule.id}'`),
  );
  const entries = readdirSync(folder);
  expect(entries.filter((name) => name.startsWith('fires.')).length).toBeGreaterThan(0);
  expect(entries.filter((name) => name.startsWith('quiet.')).length).toBeGreaterThan(0);
  const { describe, logs, prevention, steps } = rule.doc;
  for (const [part, text] of Object.entries({ describe, logs, prevention, ...steps })) {
    expect(text, `doc.${Number.isNaN(Number(part)) ? part : `steps[${part}]`} is in whole sentences`).toMatch(
      /^[A-Z`"(].*[.)]$/s,
    );
  }
  expect(rule.doc.steps.length).toBeGreaterThan(0);
  expect(rule.docs).toMatch(/^https:\/\//);
  const ids = new Set(RULES.map((one) => one.id));
  expect((rule.supersedes ?? []).filter((id) => !ids.has(id) || id === rule.id)).toEqual([]);
});
