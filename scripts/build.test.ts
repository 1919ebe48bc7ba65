import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureCommand } from './build.mjs';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'unloop-command-'));
  put('package-lock.json', '{}', 2020);
  put(
    'scripts/diagnose.ts',
    "import { word } from '@/lib/word';\nconst said: string = word;\nconsole.log(said);\n",
    2020,
  );
  put('lib/word.ts', "export const word = 'one';\n", 2020);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, text: string, year: number): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const time = new Date(`${year}-01-01T00:00:00Z`);
  utimesSync(file, time, time);
}

test('a command is bundled once, into one file without types or imports of its own sources', async () => {
  const file = await ensureCommand(root, 'diagnose');
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('"one"');
  expect(text).not.toMatch(/: string|@\/lib/);
  const { ino } = statSync(file);
  expect(statSync(await ensureCommand(root, 'diagnose')).ino).toBe(ino);
});

test.each([
  ['newer', 2024],
  ['older, as after a checkout', 2010],
])('a command is bundled again where a source changed and is %s', async (_what, year) => {
  await ensureCommand(root, 'diagnose');
  put('lib/word.ts', "export const word = 'two';\n", year);
  expect(readFileSync(await ensureCommand(root, 'diagnose'), 'utf8')).toContain('"two"');
});

test('a command is bundled again where dependencies changed', async () => {
  const { ino } = statSync(await ensureCommand(root, 'diagnose'));
  put('package-lock.json', '{ }', 2020);
  expect(statSync(await ensureCommand(root, 'diagnose')).ino).not.toBe(ino);
});

test('a source that is gone is named, and no old bundle stands in for it', async () => {
  await ensureCommand(root, 'diagnose');
  rmSync(join(root, 'lib/word.ts'));
  await expect(ensureCommand(root, 'diagnose')).rejects.toThrow('word');
});
