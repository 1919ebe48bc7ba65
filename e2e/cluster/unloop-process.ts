import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { z } from 'zod';
import { ClustersSchema } from '@/lib/contract/cluster';
import { waitUntil } from './wait-until';

const ROOT = resolve(import.meta.dirname, '../..');
/** A first start builds. */
const READY_MS = 240_000;

/** A running Unloop, started as a user starts it. */
export interface Unloop {
  readonly url: string;
  /** Id of its only cluster. */
  readonly cluster: string;
  /** Reads `/api/v1/clusters/<its cluster><path>` and parses the answer. Throws where it is no success. */
  read<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  /** Any GET below the root, whatever the status. */
  get(path: string): Promise<Response>;
  /** Everything it printed. */
  output(): string;
  /** SIGKILL for it and its children, and waits for the end. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface UnloopOptions {
  readonly kubeconfig: string;
  /** Directory of the history; a new one by default. */
  readonly data?: string;
}

function freePort(): Promise<number> {
  return new Promise((done, refuse) => {
    const probe = createServer();
    probe.once('error', refuse);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** A new directory for a history. */
export function newDataDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'unloop-e2e-'));
}

/** Starts the production server and resolves when it is ready: its first list is complete. Rejects with its output. */
export async function startUnloop(options: UnloopOptions): Promise<Unloop> {
  const port = await freePort();
  const data = options.data ?? newDataDirectory();
  const argv = ['scripts/start.mjs', '--kubeconfig', options.kubeconfig, '--port', String(port), '--data', data];
  const child = spawn(process.execPath, argv, { cwd: ROOT, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const url = `http://127.0.0.1:${port}`;
  const get = (path: string) => fetch(url + path, { signal: AbortSignal.timeout(15_000) });
  try {
    await waitUntil('Unloop is ready', READY_MS, async () => {
      if (child.exitCode !== null) return true;
      return (await get('/readyz')).ok;
    });
    if (child.exitCode !== null) throw new Error(`Unloop ended with ${child.exitCode}`);
    const { clusters } = ClustersSchema.parse(await (await get('/api/v1/clusters')).json());
    const cluster = clusters[0]?.id;
    if (!cluster) throw new Error('Unloop watches no cluster');
    return {
      url,
      cluster,
      async read(path, schema) {
        const response = await get(`/api/v1/clusters/${encodeURIComponent(cluster)}${path}`);
        const text = await response.text();
        if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${text.slice(0, 300)}`);
        return schema.parse(JSON.parse(text));
      },
      get,
      output: () => output,
      kill: () => end(child, 'SIGKILL'),
      stop: () => end(child, 'SIGTERM'),
    };
  } catch (error) {
    await end(child, 'SIGKILL');
    throw new Error(`Unloop did not start:\n${output}`, { cause: error });
  }
}

/** Signals the whole process group: the server is a child of the start script. */
async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  process.kill(-child.pid, signal);
  await exited;
}
