// Runs a command: bundles it where needed, then loads the one file. "npm run diagnose" and "npm run corpus".
import module from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { COMMANDS, ensureCommand } from './build.mjs';

const root = resolve(import.meta.dirname, '..');
const name = process.argv[2] ?? '';
if (COMMANDS.includes(name)) {
  try {
    const file = await ensureCommand(root, name);
    // Node 20 has none.
    module.enableCompileCache?.(join(root, '.unloop/compiled'));
    process.argv.splice(1, 2, file);
    await import(pathToFileURL(file).href);
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 2;
  }
} else {
  process.stderr.write(`run: one of ${COMMANDS.join(', ')} is needed, not "${name}"\n`);
  process.exitCode = 2;
}
