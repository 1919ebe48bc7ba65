import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { KubeObject } from '@/lib/diagnosis/evidence-source';
import { UnloopError } from '@/lib/domain/unloop-error';

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
const MOST_BYTES = 256 * 1024 * 1024;

/** An error that names the file and what is wrong with it. */
export function broken(file: string, problem: string, cause?: unknown): UnloopError {
  return new UnloopError('bad-request', `${file}: ${problem}`, 'Mend the file or leave it out.', { cause });
}

function problemOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    const [first] = error.issues;
    return first ? `${first.path.join('.') || 'the whole'}: ${first.message}` : 'not of the expected form';
  }
  return error instanceof Error ? error.message : String(error);
}

/** Reads a file as text. @throws UnloopError that names the file when it cannot be read or is too large. */
export async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MOST_BYTES) throw new Error(`larger than ${MOST_BYTES} bytes`);
    return await readFile(file, 'utf8');
  } catch (error) {
    throw broken(file, problemOf(error), error);
  }
}

async function readJson(file: string): Promise<unknown> {
  const text = await readText(file);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw broken(file, `no JSON: ${problemOf(error)}`, error);
  }
}

/** Reads `capture.json`. @throws UnloopError that names the file and the field. */
export async function readHead(file: string): Promise<CaptureHead> {
  const parsed = CaptureSchema.safeParse(await readJson(file));
  if (!parsed.success) throw broken(file, problemOf(parsed.error), parsed.error);
  return parsed.data;
}

/**
 * Reads the Kubernetes objects of a file: one object, a `List`, or a typed list whose items lack their kind, as in a
 * cluster-info dump. Values of Secrets are dropped here; key names stay.
 */
export async function readObjects(file: string): Promise<readonly KubeObject[]> {
  const parsed = ObjectSchema.safeParse(await readJson(file));
  if (!parsed.success) throw broken(file, `no Kubernetes object: ${problemOf(parsed.error)}`, parsed.error);
  const { kind = '' } = parsed.data;
  // A dump writes an empty list as null.
  const items = parsed.data.items === null ? [] : parsed.data.items;
  if (!items) {
    if (kind === '') throw broken(file, 'no Kubernetes object: it has neither kind nor items');
    return [withoutSecrets(parsed.data)];
  }
  const itemKind = kind.replace(/List$/, '');
  return items.map((item) => withoutSecrets(item.kind || itemKind === '' ? item : { ...item, kind: itemKind }));
}

function withoutSecrets(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret') return object;
  const { data, stringData, ...rest } = object;
  // Already without values, as a record of evidence keeps it.
  if (data === undefined && stringData === undefined && Array.isArray(rest.keys)) return rest;
  const keys = [data, stringData].flatMap((map) => (map !== null && typeof map === 'object' ? Object.keys(map) : []));
  return { ...rest, keys };
}

/** Lists the files below a directory whose names end in `ending`, sorted, as full paths. */
export async function listFiles(directory: string, ending: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted();
  } catch (error) {
    throw broken(directory, problemOf(error), error);
  }
}
