import type { KubeObject } from '@/lib/diagnosis/evidence-source';
import { UnloopError } from '@/lib/domain/unloop-error';
import { RECORD_FILE } from '@/server/evidence/capture-files';
import { type Manifest, namesOf } from '@/server/evidence/manifest';
import type { EvidenceRecord } from '@/server/evidence/pack-record';
import { readManifest, unpackRecord } from '@/server/evidence/unpack-record';
import { admitLog } from './admit';
import { readObjects, readText } from './capture-file';
import { broken, type CaptureTree } from './capture-tree';

/** Where a record's parts may lie in a capture: each segment begins with a letter, a digit or an underscore, so that none leads out. */
const PART_PATH = /^(?:objects|logs)(?:\/\w[\w.-]{0,199}){1,4}$|^runs\.json$/;

/**
 * Reads the record of evidence that an exported capture holds, or gives null where it holds none.
 * @throws UnloopError `bad-request` that names the file and what is wrong with it
 */
export async function readRecord(tree: CaptureTree): Promise<EvidenceRecord | null> {
  const file = tree.isFile ? undefined : tree.files.get(RECORD_FILE);
  if (file === undefined) return null;
  const text = await readText(file);
  try {
    const manifest = readManifest(text);
    const texts = await readParts(tree, manifest);
    return unpackRecord(manifest, {
      text: (name) => texts.get(name),
      logOfRun: () => ({ missing: 'Not in the capture.' }),
    });
  } catch (error) {
    if (error instanceof UnloopError && error.code === 'bad-request') throw error;
    throw broken(file, error instanceof Error ? error.message : String(error), error);
  }
}

async function readParts(tree: CaptureTree, manifest: Manifest): Promise<ReadonlyMap<string, string>> {
  const { siblings, services, policies, events } = manifest;
  const lists = new Set([siblings, services, policies, events].flatMap((part) => ('name' in part ? [part.name] : [])));
  const entries = namesOf(manifest).map(async (name): Promise<[string, string]> => {
    const file = tree.files.get(name);
    const record = `${tree.path}/${RECORD_FILE}`;
    if (!PART_PATH.test(name)) throw broken(record, `it names the part ${name.slice(0, 200)}`);
    if (file === undefined) throw broken(record, `its part ${name} is not in the capture`);
    if (!name.startsWith('objects/')) return [name, admitLog(await readText(file))];
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
