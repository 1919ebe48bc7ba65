import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildEvidence } from '@/lib/diagnosis/build-evidence';
import { diagnose } from '@/lib/diagnosis/diagnose';
import type { EvidenceSource } from '@/lib/diagnosis/evidence-source';
import { RULES } from '@/lib/diagnosis/registry';
import { captureFiles } from '@/server/evidence/capture-files';
import { type EvidenceRecord, packRecord } from '@/server/evidence/pack-record';
import { steadySource } from '@/server/evidence/steady-source';
import { readManifest, unpackRecord } from '@/server/evidence/unpack-record';
import { readCapture } from './read-capture';

const RULES_FOLDER = join(import.meta.dirname, '../../lib/diagnosis/rules');
const FIXTURES = RULES.flatMap(({ id }) =>
  readdirSync(join(RULES_FOLDER, id))
    .filter((name) => /^(?:fires|quiet)\./.test(name))
    .map((name) => join(id, name)),
);
const scratch = mkdtempSync(join(tmpdir(), 'unloop-record-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const recordOf = (source: EvidenceSource): EvidenceRecord => ({
  source: steadySource(source),
  logRuns: { previous: source.runs.at(-1)?.id ?? null, current: null, first: null },
  said: null,
});
const verdictsOf = (source: EvidenceSource) => diagnose(buildEvidence(source)).verdicts;

/** As JSON, where an absent field and an undefined one are the same. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function write(files: ReadonlyMap<string, string>): string {
  const directory = mkdtempSync(join(scratch, 'capture-'));
  for (const [path, text] of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

describe('a record of evidence', () => {
  it.each(FIXTURES)('gives %s back to the last field, from its parts and as a capture', async (fixture) => {
    for (const source of (await readCapture(join(RULES_FOLDER, fixture))).sources) {
      const record = recordOf(source);
      const { manifest, contents } = packRecord(record, 'in-record');
      const logOfRun = () => ({ missing: 'not asked for' });
      const again = unpackRecord(readManifest(JSON.stringify(manifest)), {
        text: (name) => contents.get(name),
        logOfRun,
      });
      expect(plain(again)).toEqual(plain(record));
      const { sources } = await readCapture(write(captureFiles(record, fixture)));
      expect(plain(sources)).toEqual([plain(record.source)]);
      expect(plain(verdictsOf(again.source))).toEqual(plain(verdictsOf(record.source)));
    }
  });
});

describe('parts of a record', () => {
  const [fixture = ''] = FIXTURES.filter((path) => path.startsWith('config-ref-missing/fires.'));
  const example = async (): Promise<EvidenceRecord> => {
    const [source] = (await readCapture(join(RULES_FOLDER, fixture))).sources;
    if (!source) throw new Error('the fixture holds nothing');
    return recordOf({ ...source, owner: { value: OWNER }, node: { value: nodeAt('2026-03-01T12:00:00Z') } });
  };
  const OWNER = { kind: 'Deployment', metadata: { name: 'web', resourceVersion: '1' }, spec: { replicas: 3 } };
  const nodeAt = (heartbeat: string) => ({
    kind: 'Node',
    metadata: { name: 'n-1', resourceVersion: heartbeat },
    status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: heartbeat }] },
  });

  it('have the same name while nothing changed but versions and heartbeats', async () => {
    const { source } = await example();
    const names = (changes: Partial<EvidenceSource>) => {
      const { manifest } = packRecord(recordOf({ ...source, ...changes }), 'in-record');
      return [manifest.owner, manifest.node];
    };
    const renewed = { ...OWNER, metadata: { ...OWNER.metadata, resourceVersion: '2' } };
    expect(names({ owner: { value: renewed }, node: { value: nodeAt('2026-03-01T12:05:00Z') } })).toEqual(names({}));
    const scaled = { ...OWNER, spec: { replicas: 4 } };
    expect(names({ owner: { value: scaled } })[0]).not.toEqual(names({})[0]);
  });

  it('are named where one is lost or damaged', async () => {
    const { manifest, contents } = packRecord(await example(), 'in-record');
    const without = (changed: string | undefined) => () =>
      unpackRecord(manifest, {
        text: (name) => (name === manifest.pod ? changed : contents.get(name)),
        logOfRun: () => ({ missing: '' }),
      });
    expect(without(undefined)).toThrow(/its pod is lost/);
    expect(without('{"kind":')).toThrow(/its pod cannot be read/);
    expect(() => readManifest('{"unloopRecord":99}')).toThrow(/no form that this version knows/);
  });

  it('hold the names of binaries and not the binaries', async () => {
    const { source } = await example();
    const map = {
      kind: 'ConfigMap',
      metadata: { name: 'c' },
      binaryData: { jks: 'Zm9vYmFy' },
    };
    const { contents } = packRecord(recordOf({ ...source, references: { value: [map] } }), 'in-record');
    const whole = [...contents.values()].join('\n');
    expect(whole).toContain('"jks":""');
    expect(whole).not.toMatch(/Zm9vYmFy/);
  });

  it('of a capture lie in its own folder, whatever its record says', async () => {
    const files = new Map(captureFiles(await example(), ''));
    const text = files.get('record.json') ?? '';
    for (const path of ['../../etc/passwd', '/etc/passwd', 'objects/../../secret.json']) {
      const directory = write(
        files.set('record.json', text.replace(/"pod": "[^"]+"/, `"pod": ${JSON.stringify(path)}`)),
      );
      await expect(readCapture(directory)).rejects.toThrow(/record.json: it names the part/);
    }
  });
});
