// Makes the production build where there is none or the sources are newer, and completes the standalone folder.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const SOURCES = [
  'app',
  'components',
  'lib',
  'server',
  'public',
  'instrumentation.ts',
  'proxy.ts',
  'next.config.js',
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

if (process.argv[1] === import.meta.filename) {
  await ensureBuild(resolve(import.meta.dirname, '..'), (line) => process.stdout.write(`${line}\n`));
}
