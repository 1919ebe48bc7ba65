import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@playwright/test';

const ROOT = resolve(import.meta.dirname, '../..');

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  return typeof address === 'object' && address ? address.port : 0;
}

const SCRIPT = [process.execPath, 'scripts/start.mjs'] as const;
const NPM = ['npm', 'start', '--'] as const;

/** Starts a demo as a user does and gives the process of the start script, or of npm, once the server answers. */
async function startDemo([command, ...argv]: readonly [string, ...string[]] = SCRIPT): Promise<{
  script: ChildProcess;
  isUp: () => Promise<boolean>;
}> {
  const port = await freePort();
  const data = mkdtempSync(join(tmpdir(), 'unloop-process-'));
  const script = spawn(command, [...argv, '--demo', '--port', String(port), '--data', data], {
    cwd: ROOT,
    stdio: 'ignore',
  });
  const isUp = () =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
  await expect.poll(isUp, { timeout: 30_000 }).toBe(true);
  return { script, isUp };
}

test.describe('the process', () => {
  test('leaves no server behind when the start script is killed', async () => {
    const { script, isUp } = await startDemo();
    script.kill('SIGKILL');
    await expect.poll(isUp, { timeout: 15_000 }).toBe(false);
  });

  test('leaves no server behind when npm is killed', async () => {
    const { script, isUp } = await startDemo(NPM);
    script.kill('SIGKILL');
    await expect.poll(isUp, { timeout: 15_000 }).toBe(false);
  });

  test('ends well when it is told to twice, as a terminal does', async () => {
    const { script, isUp } = await startDemo();
    const exited = once(script, 'exit');
    script.kill('SIGINT');
    script.kill('SIGINT');
    expect(await exited).toEqual([0, null]);
    expect(await isUp()).toBe(false);
  });
});
