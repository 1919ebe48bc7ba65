import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildEvidence } from '@/lib/diagnosis/build-evidence';
import { diagnose } from '@/lib/diagnosis/diagnose';
import { failingPod } from './capture-fixture';
import { readCapture } from './read-capture';

let scratch = '';
let folder = '';
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'unloop-hostile-'));
  folder = join(scratch, 'capture');
  await put('capture.json', { unloopCapture: 1, cluster: 'c', capturedAt: '2026-03-01T12:00:00Z' });
  await put('objects/pod.json', failingPod('shop', 'web-1'));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

async function put(path: string, content: unknown): Promise<string> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

describe('a capture is read within itself', () => {
  test('names that lead out of it reach no file', async () => {
    await mkdir(join(scratch, 'app'));
    await writeFile(join(scratch, 'app/previous.log'), 'outside');
    await put('objects/pod.json', failingPod('..', '..'));
    await put('logs/x/keep.log', '');
    const { sources } = await readCapture(folder);
    expect(sources[0]?.previousLog).toEqual({ missing: 'Not in the capture.' });
  });

  test('links out of it are left out and named; a link within it is followed', async () => {
    await writeFile(join(scratch, 'secret.log'), 'outside');
    await mkdir(join(scratch, 'elsewhere/web'), { recursive: true });
    await writeFile(join(scratch, 'elsewhere/web/current.log'), 'outside');
    await mkdir(join(folder, 'logs/shop/web-1/app'), { recursive: true });
    await symlink(join(scratch, 'secret.log'), join(folder, 'logs/shop/web-1/app/previous.log'));
    await symlink(join(scratch, 'elsewhere'), join(folder, 'logs/shop/web-2'));
    await put('kept/current.log', 'inside');
    await symlink('../../../../kept/current.log', join(folder, 'logs/shop/web-1/app/current.log'));
    const { sources, notes } = await readCapture(folder);
    expect(JSON.stringify(sources)).not.toContain('outside');
    expect(sources[0]?.currentLog).toMatchObject({ value: { head: 'inside' } });
    expect(notes).toContainEqual(expect.stringContaining('previous.log: left out, a link that leads out'));
    expect(notes).toContainEqual(expect.stringContaining('web-2: left out, a link that leads out'));
  });

  test('a named pipe is left out, as a log, as objects and as the capture itself', async () => {
    await mkdir(join(folder, 'logs/shop/web-1/app'), { recursive: true });
    const pipes = ['logs/shop/web-1/app/previous.log', 'objects/more.json'].map((name) => join(folder, name));
    await promisify(execFile)('mkfifo', pipes);
    const { notes } = await readCapture(folder);
    expect(notes).toHaveLength(2);
    expect(notes.join()).toContain('a named pipe, socket or device is no file');
    for (const path of [pipes[0] ?? '', '/dev/null']) await expect(readCapture(path)).rejects.toThrow('regular file');
  });
});

describe('a capture is read in bounds', () => {
  test('a log over 256 MiB is left out and named; one below gives head, tail and the lines between', async () => {
    const huge = await put('logs/shop/web-1/app/previous.log', 'start\n');
    await truncate(huge, 257 * 1024 * 1024);
    const large = await put('logs/shop/web-1/app/current.log', '');
    const handle = await open(large, 'w');
    for (let n = 0; n < 64; n += 1) await handle.write(`${'x'.repeat(1023)}\n`.repeat(1024));
    await handle.write('the end\n');
    await handle.close();
    const { sources, notes } = await readCapture(folder);
    expect(notes).toEqual(['logs/shop/web-1/app/previous.log: Left out: larger than 256 MiB.']);
    expect(sources[0]?.previousLog).toEqual({ missing: 'Left out: larger than 256 MiB.' });
    const log = sources[0]?.currentLog;
    if (!log || !('value' in log)) throw new Error('no log');
    const { head, tail, skippedLines } = log.value;
    expect(head.length + tail.length).toBeLessThanOrEqual(128 * 1024);
    expect(tail.endsWith('the end\n')).toBe(true);
    expect(head.split('\n').length - 1 + skippedLines + tail.split('\n').length - 1).toBe(64 * 1024 + 1);
  });

  test.each([
    ['lists', `{"kind":"Pod","metadata":{},"spec":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'deep.json'],
    ['objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 'deep.json'],
    ['YAML', `kind: Pod\nspec: ${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'deep.yaml'],
    [
      'aliases',
      `kind: Pod\nmetadata: {}\na: &a [x, x]\n${'bcdefghijklmnopqrstuvwxyz'
        .split('')
        .map(
          (one, at) => `${one}: &${one} [*${'abcdefghijklmnopqrstuvwxyz'[at]}, *${'abcdefghijklmnopqrstuvwxyz'[at]}]`,
        )
        .join('\n')}`,
      'alias.yaml',
    ],
  ])('objects that are deep as %s are left out with one line', async (_what, text, name) => {
    await put(`objects/${name}`, text);
    const { sources, notes } = await readCapture(folder);
    expect(sources).toHaveLength(1);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(new RegExp(`^objects/${name}: left out, .*(?:nest|aliases)`));
  });

  test('3,000 pods of one workload are judged within seconds', { timeout: 60_000 }, async () => {
    const owner = { kind: 'ReplicaSet', name: 'web-7d4', uid: 'rs', controller: true };
    const pods = Array.from({ length: 3_000 }, (_, n) => {
      const pod = failingPod('shop', `web-7d4-${n}`);
      return { ...pod, metadata: { ...pod.metadata, ownerReferences: [owner] } };
    });
    const events = pods.map(({ metadata }) => ({
      kind: 'Event',
      metadata: { namespace: 'shop', name: `e-${metadata.name}`, uid: `e-${metadata.uid}` },
      involvedObject: { kind: 'Pod', namespace: 'shop', name: metadata.name, uid: metadata.uid },
      reason: 'BackOff',
      lastTimestamp: '2026-03-01T11:59:00Z',
    }));
    await put('objects/pod.json', { kind: 'List', items: [...pods, ...events] });
    const before = process.cpuUsage();
    const { sources } = await readCapture(folder);
    for (const source of sources) diagnose(buildEvidence(source));
    const { user, system } = process.cpuUsage(before);
    expect(sources).toHaveLength(3_000);
    // Processor time: what others do on the machine does not count. With one pass over all for each it was above 30 s.
    expect((user + system) / 1e6).toBeLessThan(15);
  });
});
