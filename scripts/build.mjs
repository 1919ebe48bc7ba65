// Makes the production build and the commands where there are none or their sources changed, and completes the standalone folder.
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const SOURCES = [
  'app',
  'components',
  'lib',
  'server',
  'public',
  'instrumentation.ts',
  'proxy.ts',
  'next.config.js',
  'scripts/ruleset.mjs',
  'package-lock.json',
  'tsconfig.json',
  'postcss.config.mjs',
];

/** Newest modification time below a path, milliseconds; 0 where it does not exist. Tests do not count. */
function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return /\.test\.tsx?$/.test(path) ? 0 : stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/**
 * Builds when needed. `say` gets one line at the start of a build. Rejects with the build's own output when it fails.
 * @param {string} root
 * @param {(line: string) => void} say
 */
export async function ensureBuild(root, say) {
  const done = join(root, '.next/standalone/.complete');
  const built = existsSync(done) ? statSync(done).mtimeMs : 0;
  if (built > Math.max(...SOURCES.map((name) => newest(join(root, name))))) return;
  say('Building Unloop once, about 15 seconds …');
  rmSync(done, { force: true });
  const output = [];
  const code = await new Promise((end, refuse) => {
    const build = spawn(process.execPath, [join(root, 'node_modules/next/dist/bin/next'), 'build'], {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    build.stdout.on('data', (chunk) => output.push(chunk));
    build.stderr.on('data', (chunk) => output.push(chunk));
    build.on('error', refuse);
    build.on('exit', end);
  });
  if (code !== 0) throw new Error(`the build failed:\n${Buffer.concat(output).toString()}`);
  cpSync(join(root, '.next/static'), join(root, '.next/standalone/.next/static'), { recursive: true });
  if (existsSync(join(root, 'public')))
    cpSync(join(root, 'public'), join(root, '.next/standalone/public'), { recursive: true });
  writeFileSync(done, `${new Date().toISOString()}\n`);
}

/** The commands that are bundled, so that none loads hundreds of sources one by one: scripts/<name>.ts. */
export const COMMANDS = ['diagnose', 'corpus'];
const COMMANDS_FOLDER = '.unloop/commands';

/** Names the state of a file: another size or time is another file, newer or older, as after a checkout. */
function stateOf(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.size} ${stat.mtimeMs}` : 'absent';
}

/** Tells whether every file that went into a bundle is still as it was. */
function isCurrent(root, list, file) {
  if (!existsSync(list) || !existsSync(file)) return false;
  const inputs = JSON.parse(readFileSync(list, 'utf8'));
  return Object.entries(inputs).every(([path, state]) => stateOf(join(root, path)) === state);
}

/**
 * Bundles a command where it was not yet, or where a file that went into it changed. Gives the path of the bundle. Rejects with the
 * bundler's words when it fails.
 * @param {string} root
 * @param {string} name one of `COMMANDS`
 * @returns {Promise<string>}
 */
export async function ensureCommand(root, name) {
  const file = join(root, COMMANDS_FOLDER, `${name}.mjs`);
  const list = join(root, COMMANDS_FOLDER, `${name}.inputs.json`);
  if (isCurrent(root, list, file)) return file;
  const { rolldown } = await import('rolldown');
  const startedAt = Date.now();
  const bundle = await rolldown({
    cwd: root,
    input: join(root, `scripts/${name}.ts`),
    platform: 'node',
    // Left alone, what is not found becomes an import that fails when the command runs.
    onLog: (_level, log) => {
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
    },
    resolve: { alias: { '@': root, 'server-only': join(root, 'scripts/server-only.mjs') } },
  });
  let code;
  let read;
  try {
    const { output } = await bundle.generate({ format: 'esm', codeSplitting: false });
    [{ code }] = output;
    // All files that were read: of a module that became constants elsewhere, the output itself names nothing.
    read = await bundle.watchFiles;
  } finally {
    await bundle.close();
  }
  const own = [import.meta.filename, join(root, 'package-lock.json'), join(root, 'tsconfig.json')];
  const inputs = [...new Set([...read.filter((path) => existsSync(path)), ...own])].map((path) => {
    // What changed while it was read may stand in the bundle as it was before: then the next run bundles again.
    const changed = (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= startedAt;
    return [relative(root, path), changed ? 'changed' : stateOf(path)];
  });
  replaceFile(file, code);
  replaceFile(list, JSON.stringify(Object.fromEntries(inputs)));
  return file;
}

/** Writes a file whole or not at all: another process may be reading it, or writing it too. */
function replaceFile(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const part = `${path}.${process.pid}`;
  writeFileSync(part, text);
  renameSync(part, path);
}

if (process.argv[1] === import.meta.filename) {
  const root = resolve(import.meta.dirname, '..');
  await ensureBuild(root, (line) => process.stdout.write(`${line}\n`));
  for (const name of COMMANDS) await ensureCommand(root, name);
}
