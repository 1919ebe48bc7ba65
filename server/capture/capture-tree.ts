import { constants } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { UnloopError } from '@/lib/domain/unloop-error';
import { messageOf } from './message-of';

/** More entries than this are not walked: 25 times a large must-gather. */
const MOST_ENTRIES = 200_000;
const READABLE = /\.(?:json|ya?ml|log|txt)$/;

/** The files of a capture: path inside the capture, with `/` between names, to the real path of a file that lies in it. */
export interface CaptureTree {
  /** What the user named, for messages. */
  readonly path: string;
  /** True where the capture is one file and not a folder. */
  readonly isFile: boolean;
  readonly files: ReadonlyMap<string, string>;
}

/** Takes one sentence about something that was left out. */
export type Note = (text: string) => void;

/** An error that names the file and what is wrong with it. */
export function broken(file: string, problem: string, cause?: unknown): UnloopError {
  return new UnloopError('bad-request', `${file}: ${problem}`, 'Mend the file or leave it out.', { cause });
}

/**
 * Lists the readable files of a capture without opening one. Nothing outside is reached: names are never joined to paths, folders that are
 * links are not entered, a link to a file counts only where the file lies in the capture. Named pipes, sockets and devices are noted.
 * @throws UnloopError `bad-request` where the path is neither a folder nor a regular file
 */
export async function openTree(path: string, note: Note): Promise<CaptureTree> {
  let root: string;
  let isFile: boolean;
  try {
    root = await realpath(path);
    const found = await stat(root);
    if (!found.isFile() && !found.isDirectory()) throw new Error('neither a folder nor a regular file');
    isFile = found.isFile();
  } catch (error) {
    throw broken(path, isAbsent(error) ? 'no such file or directory' : messageOf(error), error);
  }
  if (isFile) return { path, isFile, files: new Map([[basename(root), root]]) };
  return { path, isFile, files: await walk(root, note) };
}

async function walk(root: string, note: Note): Promise<ReadonlyMap<string, string>> {
  const found: [string, string][] = [];
  const folders = [''];
  let seen = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    let entries: Awaited<ReturnType<typeof listFolder>>;
    try {
      entries = await listFolder(join(root, folder));
    } catch (error) {
      note(`${folder || '.'}: left out, ${messageOf(error)}`);
      continue;
    }
    for (const entry of entries) {
      seen += 1;
      if (seen > MOST_ENTRIES) {
        note(`more than ${MOST_ENTRIES} files: the rest is left out`);
        return new Map(found.toSorted(byPath));
      }
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!entry.name.startsWith('.')) folders.push(name);
      } else if (entry.isFile()) {
        if (READABLE.test(entry.name)) found.push([name, join(root, name)]);
      } else if (entry.isSymbolicLink()) {
        const target = await linkedFile(root, name, note);
        if (target && READABLE.test(entry.name)) found.push([name, target]);
      } else note(`${name}: left out, a named pipe, socket or device is no file`);
    }
  }
  return new Map(found.toSorted(byPath));
}

const byPath = ([a]: [string, string], [b]: [string, string]): number => (a < b ? -1 : 1);

function listFolder(path: string) {
  return readdir(path, { withFileTypes: true });
}

async function linkedFile(root: string, name: string, note: Note): Promise<string | null> {
  try {
    const target = await realpath(join(root, name));
    if (!target.startsWith(root + sep)) note(`${name}: left out, a link that leads out of the capture`);
    else if ((await stat(target)).isFile()) return target;
    else note(`${name}: left out, a link to something that is no file`);
  } catch (error) {
    note(`${name}: left out, a link that cannot be followed: ${messageOf(error)}`);
  }
  return null;
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/**
 * Opens a file of a capture for `read` and closes it after. Never waits for a writer: what is no regular file, or became a link since the
 * capture was listed, is refused.
 * @throws Error with the system's message, or that of `read`
 */
export async function withFile<T>(file: string, read: (handle: FileHandle, size: number) => Promise<T>): Promise<T> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new Error('no regular file');
    return await read(handle, found.size);
  } finally {
    await handle.close();
  }
}

/** Folder names of a path inside the capture, outermost first. */
export function foldersOf(name: string): readonly string[] {
  const folder = dirname(name);
  return folder === '.' ? [] : folder.split('/');
}
