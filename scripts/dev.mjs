// The development server: same flags as "npm start", hot reload for pages. Changes to the watcher need a restart.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { parseFlags } from './flags.mjs';

const { env } = parseFlags(process.argv.slice(2), process.env);
const root = resolve(import.meta.dirname, '..');
const next = spawn(
  process.execPath,
  [resolve(root, 'node_modules/next/dist/bin/next'), 'dev', '-p', env.PORT, '-H', env.HOSTNAME],
  {
    cwd: root,
    env: { ...process.env, ...env, NEXT_TELEMETRY_DISABLED: '1', UNLOOP_CWD: process.cwd() },
    stdio: 'inherit',
  },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => next.kill(signal));
next.on('exit', (code) => process.exit(code ?? 1));
