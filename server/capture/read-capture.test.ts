import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildEvidence } from '@/lib/diagnosis/build-evidence';
import { diagnose } from '@/lib/diagnosis/diagnose';
import { readCapture } from './read-capture';

const POD = {
  kind: 'Pod',
  metadata: { namespace: 'shop', name: 'web-1', uid: 'u1', creationTimestamp: '2026-03-01T11:00:00Z' },
  spec: {
    containers: [
      { name: 'web', image: 'web:1' },
      { name: 'proxy', image: 'proxy:1' },
    ],
  },
  status: {
    phase: 'Running',
    containerStatuses: [
      {
        name: 'web',
        restartCount: 5,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 1, reason: 'Error', finishedAt: '2026-03-01T11:58:22Z' } },
      },
      { name: 'proxy', restartCount: 0, ready: true, state: { running: { startedAt: '2026-03-01T11:00:05Z' } } },
    ],
  },
};
const LOG = 'environment variable MAIL_HOST is not set\n';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unloop-capture-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(path: string, content: unknown): Promise<string> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

async function causes(path: string): Promise<string[]> {
  const { sources } = await readCapture(path);
  return sources.map((source) => `${source.container}: ${diagnose(buildEvidence(source)).verdicts[0]?.cause}`);
}

describe('readCapture', () => {
  test('without a target judges every container that fails, and no other', async () => {
    await put('capture.json', { unloopCapture: 1, cluster: 'c', capturedAt: '2026-03-01T12:00:00Z', title: 't' });
    await put('objects/pod.json', POD);
    await put('logs/shop/web-1/web/previous.log', LOG);
    expect(await causes(folder)).toEqual(['web: env-missing']);
  });

  test('opens the output directory of kubectl cluster-info dump', async () => {
    await put('nodes.json', { kind: 'NodeList', items: [] });
    const { kind: _kind, ...bare } = POD;
    await put('shop/pods.json', { kind: 'PodList', apiVersion: 'v1', items: [bare] });
    await put('shop/events.json', { kind: 'EventList', items: [] });
    await put('shop/daemonsets.json', { kind: 'DaemonSetList', apiVersion: 'apps/v1', metadata: {}, items: null });
    await put(
      'shop/web-1/logs.txt',
      `==== START logs for container web of pod shop/web-1 ====\n${LOG}==== END logs for container web of pod shop/web-1 ====\n==== START logs for container proxy of pod shop/web-1 ====\nfine\n==== END logs for container proxy of pod shop/web-1 ====\n`,
    );
    expect(await causes(folder)).toEqual(['web: env-missing']);
  });

  test('takes the reason why a dump has no log for no line of the log', async () => {
    await put('shop/pods.json', { kind: 'PodList', items: [POD] });
    await put(
      'shop/web-1/logs.txt',
      '==== START logs for container web of pod shop/web-1 ====\nRequest log error: the server rejected our request for an unknown reason (get pods web-1)\n==== END logs for container web of pod shop/web-1 ====\n',
    );
    const { sources } = await readCapture(folder);
    expect(sources[0]?.currentLog).toEqual({ missing: expect.stringContaining('could not read the log') });
  });

  test('opens what kubectl get -o json printed, as a file and as a folder', async () => {
    const file = await put('pods.json', { kind: 'List', items: [POD] });
    expect(await causes(file)).toEqual(['web: unknown']);
    expect(await causes(folder)).toEqual(['web: unknown']);
  });

  test('drops the values of Secrets while it reads', async () => {
    await put('all.json', {
      kind: 'List',
      items: [POD, { kind: 'Secret', metadata: { namespace: 'shop', name: 's' }, data: { k: 'c2VjcmV0' } }],
    });
    expect(JSON.stringify(await readCapture(folder))).not.toContain('c2VjcmV0');
  });

  test.each([
    ['no such place', 'absent', 'no such file'],
    ['a file that is no JSON', 'objects/pod.json', 'no JSON'],
    ['a head without its mark', 'capture.json', 'unloopCapture'],
    ['no pod', 'objects', 'no pod'],
  ])('names file and problem: %s', async (name, file, problem) => {
    await put(
      'capture.json',
      name === 'a head without its mark' ? { cluster: 'c' } : { unloopCapture: 1, cluster: 'c' },
    );
    await put(
      'objects/pod.json',
      name === 'a file that is no JSON' ? '{"kind": "Pod",' : name === 'no pod' ? { kind: 'Node', metadata: {} } : POD,
    );
    const path = file === 'absent' ? join(folder, 'absent') : folder;
    await expect(readCapture(path)).rejects.toThrow(problem);
    await expect(readCapture(path)).rejects.toThrow(file === 'objects' ? folder : file);
  });
});

describe('npm run diagnose', { timeout: 60_000 }, () => {
  const run = async (...args: readonly string[]) => {
    const words = ['scripts/run.mjs', 'diagnose', ...args];
    try {
      const { stdout } = await promisify(execFile)(process.execPath, words, {
        cwd: join(import.meta.dirname, '../..'),
      });
      return { code: 0, stdout, stderr: '' };
    } catch (error) {
      const failed = error as { code?: number; stdout?: string; stderr?: string };
      return { code: failed.code ?? -1, stdout: failed.stdout ?? '', stderr: failed.stderr ?? '' };
    }
  };

  test('prints verdicts as JSON, best first, and as text with the command to run', async () => {
    await put('capture.json', { unloopCapture: 1, cluster: 'c', capturedAt: '2026-03-01T12:00:00Z' });
    await put('objects/pod.json', POD);
    await put('logs/shop/web-1/web/previous.log', LOG);
    const json = JSON.parse((await run(folder, '--json')).stdout);
    expect(json).toMatchObject({
      capture: folder,
      verdicts: [
        {
          target: { kind: 'Pod', namespace: 'shop', name: 'web-1', container: 'web' },
          ruleId: 'env-missing',
          cause: 'env-missing',
          confidence: 'certain',
          what: 'MAIL_HOST is not set',
        },
        { cause: 'unknown' },
      ],
    });
    const { stdout } = await run(folder, '--explain');
    expect(stdout).toContain('kubectl -n shop set env pod/web-1 -c web MAIL_HOST=VALUE');
    expect(stdout).toMatch(/fired +env-missing \(certain\)/);
  });

  test('exits 2 on broken input and says which file', async () => {
    await put('capture.json', '{');
    const { code, stderr } = await run(folder);
    expect(code).toBe(2);
    expect(stderr).toContain('capture.json');
    expect(stderr).not.toContain('    at ');
  });

  test('tells which capture of a folder cannot be read, judges the rest, and says what it left out', async () => {
    await put('a/capture.json', '{');
    await put('b/capture.json', { unloopCapture: 1, cluster: 'c', capturedAt: '2026-03-01T12:00:00Z' });
    await put('b/objects/pod.json', POD);
    await put('b/objects/other.json', '[]');
    const { code, stdout, stderr } = await run(folder, '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      capture: join(folder, 'b'),
      verdicts: [{ cause: 'unknown' }],
      notes: [expect.stringContaining('objects/other.json: left out')],
    });
    expect(stderr).toContain('a/capture.json');
    expect(stderr).toContain('1 of 2 captures cannot be read');
  });
});
