import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from './open-store';

describe('a data directory', () => {
  let dir = '';
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'unloop-held-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('is held by one process; the next is told by whom, and gets it after a kill -9', { timeout: 30_000 }, async () => {
    const holder = spawn(
      process.execPath,
      [
        '--import',
        './scripts/alias.mjs',
        'server/store/kill-writer.ts',
        JSON.stringify({ options: { databaseUrl: null, dataDir: dir }, round: 0 }),
      ],
      { cwd: join(import.meta.dirname, '..', '..'), stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(holder.stdout, 'data');
    holder.stdout.resume();
    await expect(openStore({ databaseUrl: null, dataDir: dir })).rejects.toMatchObject({
      code: 'store-failed',
      message: expect.stringMatching(
        new RegExp(`${dir} is in use by another Unloop: process ${holder.pid} on ${hostname()}, since 20`),
      ),
      hint: expect.stringContaining('--data'),
    });
    holder.kill('SIGKILL');
    await once(holder, 'close');
    const store = await openStore({ databaseUrl: null, dataDir: dir });
    await store.ping();
    await store.close();
  });

  it('is given back when the history is closed', async () => {
    const first = await openStore({ databaseUrl: null, dataDir: dir });
    await expect(openStore({ databaseUrl: null, dataDir: dir })).rejects.toMatchObject({
      message: expect.stringContaining(`process ${process.pid} `),
    });
    await first.close();
    await (await openStore({ databaseUrl: null, dataDir: dir })).close();
  });
});
