import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject } from '@/lib/diagnosis/evidence-source';
import { UnloopError } from '@/lib/domain/unloop-error';
import { RECORD_FILE } from '@/server/evidence/capture-files';
import { type Manifest, namesOf } from '@/server/evidence/manifest';
import type { EvidenceRecord } from '@/server/evidence/pack-record';
import { readManifest, unpackRecord } from '@/server/evidence/unpack-record';
import { broken, readObjects, readText } from './capture-file';

/** Where a record's parts may lie in a capture: each segment begins with a letter, a digit or an underscore, so that none leads out. */
const PART_PATH = /^(?:objects|logs)(?:\/\w[\w.-]{0,199}){1,4}$|^runs\.json$/;

/**
 * Reads the record of evidence that an exported capture holds, or gives null where it holds none.
 * @throws UnloopError `bad-request` that names the file and what is wrong with it
 */
export async function readRecord(directory: string): Promise<EvidenceRecord | null> {
  const file = join(directory, RECORD_FILE);
  if (!existsSync(file)) return null;
  const text = await readText(file);
  try {
    const manifest = readManifest(text);
    const texts = await readParts(directory, manifest);
    return unpackRecord(manifest, {
      text: (name) => texts.get(name),
      logOfRun: () => ({ missing: 'Not in the capture.' }),
    });
  } catch (error) {
    if (error instanceof UnloopError && error.code === 'bad-request') throw error;
    throw broken(file, error instanceof Error ? error.message : String(error), error);
  }
}

async function readParts(directory: string, manifest: Manifest): Promise<ReadonlyMap<string, string>> {
  const { siblings, services, policies, events } = manifest;
  const lists = new Set([siblings, services, policies, events].flatMap((part) => ('name' in part ? [part.name] : [])));
  const entries = namesOf(manifest).map(async (name): Promise<[string, string]> => {
    const file = join(directory, name);
    if (!PART_PATH.test(name)) throw broken(join(directory, RECORD_FILE), `it names the part ${name.slice(0, 200)}`);
    if (!name.startsWith('objects/')) return [name, await readText(file)];
    const objects = await readObjects(file);
    return [name, JSON.stringify(lists.has(name) ? { items: objects } : onlyOne(objects, file))];
  });
  return new Map(await Promise.all(entries));
}

function onlyOne(objects: readonly KubeObject[], file: string): KubeObject {
  const [object, second] = objects;
  if (object === undefined || second !== undefined) throw broken(file, 'not one Kubernetes object');
  return object;
}
