import { basename } from 'node:path';
import type { KubeObject, LogText, Part } from '@/lib/diagnosis/evidence-source';
import type { EpochMs } from '@/lib/domain/time';
import { type CaptureHead, readAllObjects, readHead, readObjects, readText } from './capture-file';
import { broken, type CaptureTree, type Note } from './capture-tree';
import { EventIndex } from './event-index';
import { type LogFile, type LogOwner, LogOwners } from './log-owners';
import { indexObjects, type ObjectIndex } from './object-index';
import { readLog, toLogText } from './read-log';

/** Log text that one capture holds in memory at most; what comes after is left out with the reason. */
const MOST_LOG_CHARS = 256 * 1024 * 1024;
export const NOT_CAPTURED = 'Not in the capture.';

/** A capture whose objects are read; logs are read one by one when asked for. */
export interface OpenCapture {
  readonly head: CaptureHead;
  readonly index: ObjectIndex;
  readonly events: EventIndex;
  /** When it was taken: as it says itself, else the newest time in it. */
  readonly now: EpochMs;
  /** The text of a log, or why there is none. */
  log(owner: LogOwner, which: 'current' | 'previous'): Promise<Part<LogText>>;
}

/** Reads head and objects of a capture, and finds whose its logs are. @throws UnloopError that names the file */
export async function openCapture(tree: CaptureTree, note: Note): Promise<OpenCapture> {
  const headFile = tree.files.get('capture.json');
  const isOwn = headFile !== undefined && !tree.isFile;
  const head: CaptureHead = isOwn
    ? await readHead(headFile)
    : { unloopCapture: 1, cluster: basename(tree.path), title: '' };
  const objects = tree.isFile
    ? await readSingle(tree)
    : await readAllObjects(tree, (name) => !isOwn || name.startsWith('objects/'), note);
  const index = indexObjects(objects);
  const owners = new LogOwners(tree, index.ofKind('Pod'), isOwn, note);
  let held = 0;
  return {
    head,
    index,
    events: new EventIndex(index),
    now: head.capturedAt ? Date.parse(head.capturedAt) : newestInstant(index),
    log: async (owner, which) => {
      if (held > MOST_LOG_CHARS)
        return { missing: 'Left out: the logs of this capture are too large to hold at once.' };
      const found = await readBest(owners.of(owner, which), owner, note);
      if ('value' in found) held += found.value.head.length + found.value.tail.length;
      return found;
    },
  };
}

async function readSingle(tree: CaptureTree): Promise<readonly KubeObject[]> {
  const [file] = tree.files.values();
  if (file === undefined) throw broken(tree.path, 'it cannot be read');
  return await readObjects(file);
}

/** The first log with text in it; an empty one only where all are. */
async function readBest(files: readonly LogFile[], owner: LogOwner, note: Note): Promise<Part<LogText>> {
  let best: Part<LogText> = { missing: NOT_CAPTURED };
  for (const one of files) {
    const read = one.isDump ? await readDumped(one.file, owner) : await readLog(one.file);
    if ('missing' in read && read.missing !== NOT_CAPTURED) note(`${one.name}: ${read.missing}`);
    if ('value' in read && read.value.head !== '') return read;
    if (!('value' in best)) best = read;
  }
  return best;
}

/** Reads one container's part of what `kubectl cluster-info dump` writes of a pod. */
async function readDumped(file: string, { namespace, pod, container }: LogOwner): Promise<Part<LogText>> {
  const text = await readText(file);
  const name = `logs for container ${container} of pod ${namespace}/${pod} ====`;
  const start = `==== START ${name}\n`;
  const from = text.startsWith(start) ? 0 : text.indexOf(`\n${start}`) + 1;
  if (from === 0 && !text.startsWith(start)) return { missing: NOT_CAPTURED };
  const to = text.indexOf(`==== END ${name}`, from);
  return dumpedLog(text.slice(from + start.length, to < 0 ? undefined : to));
}

/** kubectl writes why it could not read a log in the log's place (kubectl pkg/cmd/clusterinfo/clusterinfo_dump.go). */
function dumpedLog(text: string): Part<LogText> {
  const refusal = /^(?:Request|Create) log error: ([^\n]{1,500})\n?$/.exec(text)?.[1];
  return refusal === undefined
    ? { value: toLogText(Buffer.from(text)) }
    : { missing: `The dump could not read the log: ${refusal}` };
}

function newestInstant(index: ObjectIndex): EpochMs {
  const newest = index.all.reduce((latest, object) => {
    const times = JSON.stringify(object).match(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g) ?? [];
    return times.reduce((most, time) => Math.max(most, Date.parse(time)), latest);
  }, 0);
  return newest || Date.now();
}
