import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
/** Answers for every address that is none. */
const CATCH_ALL = '/api/*';

/** A route with a star for each part that varies: `[cluster]` of a folder, `<c>` of the README. */
const pattern = (path: string) => path.replace(/<[\w-]+>|\[+[\w.]+\]+/g, '*');

test('the README lists every route that Unloop answers, and none besides', () => {
  const folders = readdirSync(join(ROOT, 'app'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('/route.ts'))
    .map((path) => pattern(`/${dirname(path)}`));
  const table = readFileSync(join(ROOT, 'README.md'), 'utf8').split('## For scripts')[1]?.split('\n## ')[0] ?? '';
  const rows = table.split('\n').filter((line) => line.startsWith('| `'));
  const listed = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/\/[^\s`?,]+/g)].map(([path]) => path));
  const routes = new Set(folders.filter((path) => path !== CATCH_ALL));
  const documented = new Set(listed.map(pattern));
  expect(
    [...routes].filter((path) => !documented.has(path)),
    'routes of app/ that the README does not list',
  ).toEqual([]);
  expect(
    [...documented].filter((path) => !routes.has(path)),
    'rows of the README that no route answers',
  ).toEqual([]);
  expect(routes.size).toBeGreaterThan(10);
});
