// Builds once where needed and starts the server. Plain JavaScript: nothing from node_modules is needed before the check of the Node version.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { ensureBuild } from './build.mjs';
import { parseFlags, USAGE } from './flags.mjs';
import { SERVER_ARGUMENTS, serverEnvironment } from './server-process.mjs';

const MIN_NODE = [22, 19];

/** Ends the process with one clear line on stderr. */
function fail(message, code = 1) {
  process.stderr.write(`unloop: ${message}\n`);
  process.exit(code);
}

/** Resolves when the port can be bound on the host; rejects with the system's code. */
function portIsFree(port, host) {
  return new Promise((done, refuse) => {
    const probe = createServer();
    probe.once('error', refuse);
    probe.listen(port, host, () => probe.close(done));
  });
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < MIN_NODE[0] || (major === MIN_NODE[0] && minor < MIN_NODE[1])) {
  fail(
    `Node ${process.versions.node} is too old, ${MIN_NODE.join('.')} or newer is needed. Run "npm ci", which brings Node 24 on Linux, and start with "npm start".`,
  );
}

let flags;
try {
  flags = parseFlags(process.argv.slice(2), process.env);
} catch (error) {
  fail(`${error.message}\n\n${USAGE}`, 2);
}
if (flags.help) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(0);
}

try {
  await portIsFree(Number(flags.env.PORT), flags.env.HOSTNAME);
} catch (error) {
  const { code } = error;
  fail(
    code === 'EADDRINUSE'
      ? `port ${flags.env.PORT} on ${flags.env.HOSTNAME} is in use. Free it, or choose another with --port.`
      : `cannot listen on ${flags.env.HOSTNAME}:${flags.env.PORT} (${code}). Choose another with --port or --host.`,
  );
}

const root = resolve(import.meta.dirname, '..');
try {
  await ensureBuild(root, (line) => process.stdout.write(`${line}\n`));
} catch (error) {
  fail(error.message);
}

const server = spawn(process.execPath, [...SERVER_ARGUMENTS, resolve(root, '.next/standalone/server.js')], {
  env: {
    ...serverEnvironment(root, process.env),
    ...flags.env,
    // The framework's own handler would end the process while the last crashes are being written.
    NEXT_MANUAL_SIG_HANDLE: '1',
    UNLOOP_CWD: process.cwd(),
  },
  // The channel tells the server when this process is gone: killed, it can pass no signal on.
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
});
// The framework's own banner says nothing that the server's start lines do not say.
createInterface({ input: server.stdout }).on('line', (line) => {
  if (!/^\s*(▲|✓|- (Local|Network|Environments))/.test(line) && line.trim() !== '') process.stdout.write(`${line}\n`);
});
// npm waits for its script, which `exec` makes its child without a shell between them; where npm is gone it was killed, and nobody
// would know of this process.
if (process.env.npm_lifecycle_event !== undefined) {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && server.kill('SIGTERM'), 1000).unref();
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
server.on('exit', (code, signal) => process.exit(signal ? 128 + 15 : (code ?? 1)));
server.on('error', (error) => fail(`the server did not start: ${error.message}`));
