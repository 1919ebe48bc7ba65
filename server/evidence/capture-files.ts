import { textAt } from '@/lib/diagnosis/read-object';
import { type Manifest, renamed } from './manifest';
import { type EvidenceRecord, packRecord } from './pack-record';

/** The file of a capture that holds what objects and logs cannot say: runs, reasons why parts are missing, which log is which. */
export const RECORD_FILE = 'record.json';

const SEGMENT_MAX = 120;

/** A name from a cluster as one segment of a path. */
function segment(name: string): string {
  const safe = name.replace(/[^\w.-]/g, '_').slice(0, SEGMENT_MAX);
  return /^\.*$/.test(safe) ? '_' : safe;
}

/** Names files by what they hold; the same content is one file. */
class FileNames {
  readonly #paths = new Map<string, string>();
  readonly #taken = new Set<string>();

  give(name: string, stem: string, ending: string): void {
    if (this.#paths.has(name)) return;
    let path = `${stem}${ending}`;
    for (let count = 2; this.#taken.has(path); count += 1) path = `${stem}-${count}${ending}`;
    this.#taken.add(path);
    this.#paths.set(name, path);
  }

  of(name: string): string {
    const path = this.#paths.get(name);
    if (path === undefined) throw new Error(`no file for ${name}`);
    return path;
  }
}

function fileNames(manifest: Manifest, contents: ReadonlyMap<string, string>): FileNames {
  const files = new FileNames();
  const object = (name: string) => {
    const read: unknown = JSON.parse(contents.get(name) ?? 'null');
    const stem = segment(`${textAt(read, 'kind') || 'Object'}-${textAt(read, 'metadata', 'name')}`.toLowerCase());
    files.give(name, `objects/${stem}`, '.json');
  };
  object(manifest.pod);
  for (const part of [manifest.node, manifest.owner]) if ('name' in part) object(part.name);
  for (const part of [manifest.revisions, manifest.references, manifest.claims]) {
    if ('names' in part) for (const name of part.names) object(name);
  }
  const { events, siblings, services, policies } = manifest;
  for (const [stem, part] of Object.entries({ events, 'other-pods': siblings, services, policies })) {
    if ('name' in part) files.give(part.name, `objects/${stem}`, '.json');
  }
  files.give(manifest.runs, 'runs', '.json');
  const pod = textAt(JSON.parse(contents.get(manifest.pod) ?? 'null'), 'metadata', 'name');
  const folder = ['logs', ...[manifest.workload.namespace, pod, manifest.container].map(segment)].join('/');
  for (const [stem, log] of Object.entries(manifest.logs)) {
    if ('name' in log) files.give(log.name, `${folder}/${stem}`, '.log');
  }
  return files;
}

/**
 * The files of a capture (path to text) that holds all of a record: any reader of captures finds the objects and logs, and
 * `record.json` makes it the same evidence again, to the last run.
 */
export function captureFiles(record: EvidenceRecord, title: string): ReadonlyMap<string, string> {
  const { manifest, contents } = packRecord(record, 'in-record');
  const files = fileNames(manifest, contents);
  const { workload, cluster, container, at } = manifest;
  const head = {
    unloopCapture: 1,
    cluster,
    capturedAt: new Date(at).toISOString(),
    title,
    target: { ...workload, container },
  };
  return new Map([
    ['capture.json', toText(head)],
    [RECORD_FILE, toText(renamed(manifest, (name) => files.of(name)))],
    ...[...contents].map(([name, text]): [string, string] => [files.of(name), text]),
  ]);
}

function toText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
