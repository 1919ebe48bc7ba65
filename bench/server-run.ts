import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ClustersSchema } from '@/lib/contract/cluster';
import { type LoopsPage, LoopsPageSchema } from '@/lib/contract/loop';
import { SERVER_ARGUMENTS, serverEnvironment } from '@/scripts/server-process.mjs';
import { ROOT } from './child';

const SERVER = resolve(ROOT, '.next/standalone/server.js');
const BOARD_DEADLINE_MS = 300_000;
const ProbeSchema = z.object({
  pid: z.number(),
  rss: z.number(),
  rssPeak: z.number(),
  blockMs: z.number(),
  cpuMs: z.number(),
});
export type Probe = z.infer<typeof ProbeSchema>;

/** The production server under measurement. */
export interface ServerRun {
  readonly url: string;
  readonly cluster: string;
  /** The first complete board. */
  readonly board: LoopsPage;
  /** From the start of the process to that board over HTTP, milliseconds. */
  readonly boardMs: number;
  /** Bytes of that board, compressed as a browser gets it. */
  readonly boardBytes: number;
  /** Longest block before the first answer of any kind, while the process loaded its modules and nobody could wait for it, milliseconds. */
  readonly loadBlockMs: number;
  /** Memory and longest block of the event loop since the last `reset`, at most half a second old. */
  probe(): Probe;
  /** Begins a new count and gives the one that ended. */
  reset(): Promise<Probe>;
  stop(): Promise<void>;
}

/**
 * Starts the built server on an empty history and waits for the first board that holds every pod (`pods` of them). Rejects where there
 * is no build, or with the server's output where it does not come up.
 */
export async function startServer(pods: number): Promise<ServerRun> {
  if (!existsSync(SERVER)) throw new Error('There is no production build: run "npm run build" first');
  const directory = mkdtempSync(join(tmpdir(), 'unloop-bench-'));
  const probeFile = join(directory, 'probe.json');
  const port = await freePort();
  const began = performance.now();
  const child = spawn(process.execPath, [...SERVER_ARGUMENTS, '--import', resolve(ROOT, 'bench/probe.mjs'), SERVER], {
    env: {
      ...serverEnvironment(ROOT, process.env),
      HOSTNAME: '127.0.0.1',
      PORT: String(port),
      UNLOOP_DATA: directory,
      UNLOOP_BENCH_PROBE: probeFile,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output = (output + String(chunk)).slice(-4000);
    });
  }
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await end(child);
    rmSync(directory, { recursive: true, force: true });
  };
  const read = (file: string) => ProbeSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const reset = async () => {
    child.kill('SIGUSR2');
    await sleep(100);
    return read(`${probeFile}.ended`);
  };
  try {
    await waitForAnswer(`${url}/healthz`, child, began);
    const loading = await reset();
    await waitForAnswer(`${url}/readyz`, child, began, true);
    const { clusters } = ClustersSchema.parse(await (await fetch(`${url}/api/v1/clusters`)).json());
    const cluster = clusters[0]?.id ?? '';
    const path = `${url}/api/v1/clusters/${encodeURIComponent(cluster)}/loops`;
    for (;;) {
      const board = LoopsPageSchema.parse(await (await fetch(path)).json());
      const boardMs = performance.now() - began;
      if (board.totals.pods >= pods) {
        const boardBytes = await compressedSize(path);
        return {
          url,
          cluster,
          board,
          boardMs,
          boardBytes,
          loadBlockMs: loading.blockMs,
          probe: () => read(probeFile),
          reset,
          stop,
        };
      }
      if (boardMs > BOARD_DEADLINE_MS) throw new Error(`the board holds ${board.totals.pods} of ${pods} pods`);
      await sleep(50);
    }
  } catch (cause) {
    await stop();
    throw new Error(`the server showed no complete board: ${String(cause)}\n${output}`, { cause });
  }
}

/**
 * Waits until the server answers at all, or with `well` until it answers well. Asks the small question often, not the board: asking for
 * the board would be part of what is measured.
 */
async function waitForAnswer(url: string, child: ChildProcess, began: number, well = false): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    if (performance.now() - began > BOARD_DEADLINE_MS) throw new Error(`${url} never answered${well ? ' well' : ''}`);
    try {
      const answer = await fetch(url);
      await answer.text();
      if (answer.ok || !well) return;
    } catch (error) {
      // Nothing listens yet.
      if (!(error instanceof TypeError)) throw error;
    }
    await sleep(25);
  }
}

async function compressedSize(url: string): Promise<number> {
  const { request } = await import('node:http');
  return await new Promise((done, refuse) => {
    const call = request(url, { headers: { 'accept-encoding': 'gzip' } }, (response) => {
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
      });
      response.on('end', () => done(size));
    });
    call.on('error', refuse);
    call.end();
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 8_000);
  await gone;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  return await new Promise((done, refuse) => {
    const probe = createServer();
    probe.once('error', refuse);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
