// The version of the rules, taken from their sources: whatever may change a verdict changes it, so that nobody has to think of it.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

/** What verdicts are made by: the rules and the pure modules that they stand on. */
const FOLDERS = ['lib/diagnosis', 'lib/domain', 'lib/format'];

/**
 * 12 characters that stand for the sources of the rules below a root. Tests and fixtures do not count.
 * @param {string} root
 */
export function rulesetVersion(root) {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !/\.(?:test|test-d)\.ts$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const hash = createHash('sha256');
  for (const file of files.toSorted()) {
    hash.update(relative(root, file).split(sep).join('/')).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('base64url').slice(0, 12);
}

/** The version of this checkout. */
export const RULESET = rulesetVersion(resolve(import.meta.dirname, '..'));
