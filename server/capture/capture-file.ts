import { loadAll } from 'js-yaml';
import { z } from 'zod';
import type { KubeObject } from '@/lib/diagnosis/evidence-source';
import { objectAt } from '@/lib/diagnosis/read-object';
import { counted, type Withhold } from '@/lib/domain/redact/withheld';
import { admitObject } from './admit';
import { broken, type CaptureTree, type Note, withFile } from './capture-tree';
import { messageOf } from './message-of';

const CaptureSchema = z.object({
  unloopCapture: z.literal(1),
  cluster: z.string().default('capture'),
  capturedAt: z.iso.datetime({ offset: true }).optional(),
  title: z.string().default(''),
  target: z
    .object({
      namespace: z.string(),
      kind: z.string(),
      name: z.string(),
      container: z.string().optional(),
    })
    .optional(),
});

/** What `capture.json` says. */
export type CaptureHead = z.infer<typeof CaptureSchema>;

const ObjectSchema = z.looseObject({ kind: z.string().optional(), items: z.array(z.looseObject({})).nullish() });
/** A file of objects holds at most this; all of a capture at most three times as much. */
const MOST_BYTES = 128 * 1024 * 1024;
const MOST_BYTES_IN_ALL = 3 * MOST_BYTES;
/** Kubernetes' own objects nest some 30 levels deep; schemas of custom resources about 100. */
const MOST_LEVELS = 300;

/** Reads a file as text. @throws UnloopError that names the file when it cannot be read or is larger than 128 MiB. */
export async function readText(file: string): Promise<string> {
  try {
    return await withFile(file, async (handle, size) => {
      if (size > MOST_BYTES) throw new Error(`larger than ${MOST_BYTES / 1024 / 1024} MiB`);
      return await handle.readFile('utf8');
    });
  } catch (error) {
    throw broken(file, messageOf(error), error);
  }
}

async function readDocuments(file: string): Promise<readonly unknown[]> {
  const text = (await readText(file)).replace(/^\uFEFF/, '');
  const isYaml = /\.ya?ml$/.test(file);
  try {
    const documents: readonly unknown[] = isYaml ? loadAll(text) : [JSON.parse(text)];
    checkShape(documents);
    return documents;
  } catch (error) {
    throw broken(file, `no ${isYaml ? 'YAML' : 'JSON'} that can be read: ${messageOf(error)}`, error);
  }
}

/** Refuses what readers that go down level by level cannot bear. @throws Error */
function checkShape(root: unknown): void {
  const seen = new Set<object>();
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MOST_LEVELS) throw new Error(`it nests more than ${MOST_LEVELS} levels deep`);
    const next: unknown[] = [];
    for (const value of level) {
      if (value === null || typeof value !== 'object') continue;
      // A tree of aliases holds few objects and unfolds to any number.
      if (seen.has(value)) throw new Error('it refers to its own parts by aliases');
      seen.add(value);
      for (const inner of Object.values(value)) if (inner !== null && typeof inner === 'object') next.push(inner);
    }
    level = next;
  }
}

/** Reads `capture.json`. @throws UnloopError that names the file and the field. */
export async function readHead(file: string): Promise<CaptureHead> {
  const [document] = await readDocuments(file);
  const parsed = CaptureSchema.safeParse(document);
  if (!parsed.success) throw broken(file, messageOf(parsed.error), parsed.error);
  return parsed.data;
}

/**
 * Reads the Kubernetes objects of a JSON or YAML file: one object, a `List`, or a typed list whose items lack their kind, as in a
 * cluster-info dump. Credentials are withheld, values of Secrets dropped here; key names stay.
 * @throws UnloopError `bad-request` that names the file and what is wrong with it
 */
export async function readObjects(file: string, differing = counted()): Promise<readonly KubeObject[]> {
  return (await readDocuments(file)).flatMap((document) => objectsIn(document, file, differing));
}

function objectsIn(document: unknown, file: string, differing: Withhold): readonly KubeObject[] {
  // An empty document stands between two separators of a YAML file.
  if (document === null || document === undefined) return [];
  const parsed = ObjectSchema.safeParse(document);
  if (!parsed.success) throw broken(file, `no Kubernetes object: ${messageOf(parsed.error)}`, parsed.error);
  const { kind = '' } = parsed.data;
  // A dump writes an empty list as null.
  const items = parsed.data.items === null ? [] : parsed.data.items;
  if (!items) {
    if (kind === '') throw broken(file, 'no Kubernetes object: it has neither kind nor items');
    return [admitObject(parsed.data, differing)];
  }
  const itemKind = kind.replace(/List$/, '');
  return items
    .filter((item) => objectAt(item, 'metadata') !== null)
    .map((item) => admitObject(item.kind || itemKind === '' ? item : { ...item, kind: itemKind }, differing));
}

/** Reads the objects of all files that `isWanted` takes, one after the other; a file that holds none is noted and left out. */
export async function readAllObjects(
  tree: CaptureTree,
  isWanted: (name: string) => boolean,
  note: Note,
): Promise<readonly KubeObject[]> {
  const objects: KubeObject[] = [];
  const differing = counted();
  let bytes = 0;
  for (const [name, file] of tree.files) {
    if (!/\.(?:json|ya?ml)$/.test(name) || !isWanted(name)) continue;
    try {
      bytes += await withFile(file, async (_handle, size) => size);
      if (bytes > MOST_BYTES_IN_ALL)
        throw new Error(`all objects are larger than ${MOST_BYTES_IN_ALL / 1024 / 1024} MiB`);
      for (const object of await readObjects(file, differing)) objects.push(object);
    } catch (error) {
      note(`${name}: left out, ${messageOf(error).replace(`${file}: `, '')}`);
    }
  }
  return objects;
}
