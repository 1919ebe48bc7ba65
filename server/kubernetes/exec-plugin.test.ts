import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ExecPlugin } from './exec-plugin';
import { until } from './testing/until';

let pidFile: string;
beforeEach(() => {
  pidFile = path.join(mkdtempSync(path.join(tmpdir(), 'unloop-')), 'pids');
});

/** A plugin that starts a child, writes both process ids down and never answers. */
const hanging = () => ({
  command: 'sh',
  args: ['-c', `sleep 1000 & echo "$$ $!" > ${pidFile}.part; mv ${pidFile}.part ${pidFile}; wait`],
});
const pids = () => readFileSync(pidFile, 'utf8').trim().split(' ').map(Number);

/** Whether a process runs; one that ended and waits to be reaped does not. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
const started = async () => await until(() => existsSync(pidFile) && pids().every(runs));
const ended = async () => await until(() => !pids().some(runs));

describe('a plugin that hangs', () => {
  it('is ended with its children when it is stopped', async () => {
    const plugin = new ExecPlugin(hanging());
    const asked = expect(plugin.credential()).rejects.toThrow();
    await started();
    plugin.stop();
    await ended();
    await asked;
  });

  it('is ended with its children at its deadline, and that is said', async () => {
    const plugin = new ExecPlugin(hanging(), 500);
    await expect(plugin.credential()).rejects.toThrow('no answer within 0.5 s and was ended');
    await ended();
  });

  it('does not outlive the process that asked it, even where that is killed', async () => {
    const file = path.join(path.dirname(pidFile), 'asker.ts');
    const module = JSON.stringify(path.join(import.meta.dirname, 'exec-plugin.ts'));
    writeFileSync(
      file,
      `import(${module}).then(({ ExecPlugin }) => new ExecPlugin(${JSON.stringify(hanging())}).credential());`,
    );
    const asker = spawn(process.execPath, ['--experimental-strip-types', '--no-warnings', file], {
      cwd: process.cwd(),
      stdio: 'ignore',
    });
    await started();
    asker.kill('SIGKILL');
    await ended();
  });
});

it('keeps what a plugin gave until it expires', async () => {
  const count = `${pidFile}.runs`;
  const say = (until_: string) => ({
    command: 'sh',
    args: ['-c', `echo x >> ${count}; echo '{"status":{"token":"t","expirationTimestamp":"${until_}"}}'`],
  });
  const lasting = new ExecPlugin(say('2999-01-01T00:00:00Z'));
  expect((await lasting.credential()).token).toBe('t');
  await lasting.credential();
  expect(readFileSync(count, 'utf8')).toBe('x\n');
  const expired = new ExecPlugin(say('2001-01-01T00:00:00Z'));
  await expired.credential();
  await expired.credential();
  expect(readFileSync(count, 'utf8')).toBe('x\nx\nx\n');
});
