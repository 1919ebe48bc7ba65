import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '..');
const FLAGS = ['--conditions=react-server', '--expose-gc', '--import', resolve(ROOT, 'scripts/alias.mjs')];

/** Runs a measurement in a process of its own and gives the JSON line that it prints. Rejects with its stderr when it fails. */
export async function measure(file: string): Promise<Readonly<Record<string, number | null>>> {
  const child = spawn(process.execPath, [...FLAGS, resolve(import.meta.dirname, file)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    err += String(chunk);
  });
  const code = await new Promise<number | null>((done, refuse) => {
    child.on('error', refuse);
    child.on('close', done);
  });
  if (code !== 0) throw new Error(`${file} ended with ${code}: ${err.slice(-2000)}`);
  return JSON.parse(out) as Record<string, number | null>;
}

/** Runs `work` beside an idle process and gives both its result and the longest block, in milliseconds, that the idle one saw. */
export async function besideIdle<T>(work: () => Promise<T>): Promise<{ result: T; idleBlockMs: number }> {
  const idle = spawn(process.execPath, [resolve(import.meta.dirname, 'idle-child.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let out = '';
  idle.stdout.on('data', (chunk) => {
    out += String(chunk);
  });
  const closed = new Promise((done, refuse) => {
    idle.on('error', refuse);
    idle.on('close', done);
  });
  try {
    const result = await work();
    idle.stdin.end();
    await closed;
    return { result, idleBlockMs: Number(out) };
  } catch (error) {
    idle.kill();
    throw error;
  }
}

/** The middle one; of an even number the lower of the two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** The value below which `share` (0 to 1) of all lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
