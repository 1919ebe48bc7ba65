import { basename } from 'node:path';
import type { KubeObject } from '@/lib/diagnosis/evidence-source';
import { type CaptureTree, foldersOf, type Note } from './capture-tree';
import { containerNames, nameOf, namespaceOf } from './object-index';

/** Which log of which container of the capture. */
export interface LogOwner {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}
type Which = 'current' | 'previous';

/** A log file, or the part of a dump's file between two marks. */
export interface LogFile {
  readonly name: string;
  readonly file: string;
  /** `kubectl cluster-info dump` writes all containers of a pod into one file, each between marks. */
  readonly isDump: boolean;
  /** Read without checking the node's certificate, where reading with it failed. */
  readonly isInsecure: boolean;
}

export const logKey = ({ namespace, pod, container }: LogOwner, which: Which): string =>
  [namespace, pod, container, which].join('\0');

/** Our own layout (design: captures). */
const OWN = /^logs\/([^/]+)\/([^/]+)\/([^/]+)\/(current|previous)\.log$/;
/** `oc adm inspect`, which must-gather runs (openshift/oc pkg/cli/admin/inspect/pod.go); others write the container's folder once. */
const MUST_GATHER =
  /(?:^|\/)namespaces\/([^/]+)\/pods\/([^/]+)\/([^/]+)\/(?:\3\/)?logs\/(current|previous)(\.insecure)?\.log$/;
/** replicatedhq/troubleshoot pkg/collect/cluster_resources.go. */
const TROUBLESHOOT = /(?:^|\/)cluster-resources\/pods\/logs\/([^/]+)\/([^/]+)\/([^/]+)\.log$/;
/** kubectl pkg/cmd/clusterinfo/clusterinfo_dump.go. */
const DUMP = /(?:^|\/)([^/]+)\/([^/]+)\/logs\.txt$/;
const NEUTRAL = new Set(['logs', 'log', 'pods', 'pod', 'containers', 'current', 'previous', 'namespaces']);

/**
 * Finds whose each log file is. A file belongs to exactly one container of one pod of one namespace, named whole by its path; one that could be
 * another's as well, or names nobody, is noted and left out.
 */
export class LogOwners {
  readonly #pods: ReadonlyMap<string, readonly KubeObject[]>;
  readonly #files = new Map<string, LogFile[]>();
  readonly #note: Note;

  constructor(tree: CaptureTree, pods: readonly KubeObject[], isOwn: boolean, note: Note) {
    this.#pods = Map.groupBy(pods, nameOf);
    this.#note = note;
    for (const [name, file] of tree.files) {
      if (/\.(?:log|txt)$/.test(name)) this.#place(name, file, isOwn);
    }
  }

  /** The files that hold a log, the best first. */
  of(owner: LogOwner, which: Which): readonly LogFile[] {
    const files = this.#files.get(logKey(owner, which)) ?? [];
    return files.toSorted((a, b) => Number(a.isInsecure) - Number(b.isInsecure));
  }

  #place(name: string, file: string, isOwn: boolean): void {
    const own = OWN.exec(name);
    const gathered = MUST_GATHER.exec(name);
    const bundled = TROUBLESHOOT.exec(name);
    if (own) this.#keep(name, file, own, toWhich(own[4]));
    else if (gathered) this.#keep(name, file, gathered, toWhich(gathered[4]), gathered[5] !== undefined);
    else if (bundled) this.#keepBundled(name, file, bundled);
    else if (!isOwn && !this.#keepDumped(name, file)) this.#placeByName(name, file);
  }

  #keepDumped(name: string, file: string): boolean {
    const dumped = DUMP.exec(name);
    const [, namespace = '', pod = ''] = dumped ?? [];
    const found = dumped && this.#pod(namespace, pod);
    if (!found) return false;
    for (const container of containerNames(found)) {
      this.#add({ namespace, pod, container }, 'current', { name, file, isDump: true, isInsecure: false });
    }
    return true;
  }

  /** A folder of `kubectl logs` outputs, as people name them: `web-1.log`, `web-1-previous.log`, `shop/web-1/app.log`, `web-1_app.log`. */
  #placeByName(name: string, file: string): void {
    const stem = basename(name).replace(/\.(?:log|txt)$/, '');
    const bare = stem.replace(/(?:^|[-_.])(?:previous|current)$/, '');
    const which: Which =
      /(?:^|[-_.])previous$/.test(stem) || foldersOf(name).includes('previous') ? 'previous' : 'current';
    const folders = foldersOf(name);
    const owners = [...new Set([bare, stem])].flatMap((word) => this.#spelled(folders, word));
    const [owner, other] = [...new Map(owners.map((one) => [logKey(one, which), one])).values()];
    if (owner && !other) this.#add(owner, which, { name, file, isDump: false, isInsecure: false });
    else if (owner) this.#note(`${name}: left out, it may be the log of more than one container`);
    else if (name.endsWith('.log')) this.#note(`${name}: left out, its path names no container of the capture`);
  }

  #spelled(folders: readonly string[], word: string): readonly LogOwner[] {
    const found: LogOwner[] = [];
    const named = [...folders, word, ...splits(word)];
    for (const pod of new Set(named).values()) {
      for (const object of this.#pods.get(pod) ?? []) {
        const namespace = namespaceOf(object);
        const containers = containerNames(object);
        const single = containers.length === 1 ? (containers[0] ?? null) : null;
        for (const container of containers) {
          const words = [namespace, pod, container];
          // Every folder and the whole of the file's name must be this container's: what is left over may name another's.
          const isFolded = folders.every((one) => NEUTRAL.has(one) || words.includes(one));
          const inFile = [container, `${pod}-${container}`, `${pod}_${container}`, `${pod}.${container}`];
          const withNamespace = ['-', '_', '.'].flatMap((sign) => [
            [namespace, pod, container].join(sign),
            ...(single === container ? [[namespace, pod].join(sign)] : []),
          ]);
          const isWord =
            inFile.slice(1).includes(word) ||
            withNamespace.includes(word) ||
            (word === container && folders.includes(pod)) ||
            (word === pod && (single === container || folders.includes(container))) ||
            (NEUTRAL.has(word) || word === ''
              ? folders.includes(pod) && (folders.includes(container) || single === container)
              : false);
          if (isFolded && isWord) found.push({ namespace, pod, container });
        }
      }
    }
    return found;
  }

  /** `app-previous.log` is the earlier log of `app`, or the log of a container of that very name: never a guess between the two. */
  #keepBundled(
    name: string,
    file: string,
    [, namespace = '', pod = '', stem = '']: readonly (string | undefined)[],
  ): void {
    const containers = containerNames(this.#pod(namespace, pod) ?? {});
    const base = stem.replace(/-previous$/, '');
    if (base !== stem && containers.includes(base) && containers.includes(stem))
      this.#note(`${name}: left out, it may be the log of more than one container`);
    else if (containers.includes(stem)) this.#keep(name, file, ['', namespace, pod, stem], 'current');
    else this.#keep(name, file, ['', namespace, pod, base], base === stem ? 'current' : 'previous');
  }

  #keep(name: string, file: string, words: readonly (string | undefined)[], which: Which, isInsecure = false): void {
    const [, namespace = '', pod = '', container = ''] = words;
    if (containerNames(this.#pod(namespace, pod) ?? {}).includes(container))
      this.#add({ namespace, pod, container }, which, { name, file, isDump: false, isInsecure });
    else this.#note(`${name}: left out, no container ${namespace}/${pod}/${container} stands in the capture`);
  }

  #pod(namespace: string, name: string): KubeObject | undefined {
    return this.#pods.get(name)?.find((pod) => namespaceOf(pod) === namespace);
  }

  #add(owner: LogOwner, which: Which, file: LogFile): void {
    const key = logKey(owner, which);
    const files = this.#files.get(key);
    if (files) files.push(file);
    else this.#files.set(key, [file]);
  }
}

const toWhich = (word: string | undefined): Which => (word === 'previous' ? 'previous' : 'current');

/** All parts of a word between two of its separators, so that a pod's name in it can be looked up. */
function splits(word: string): readonly string[] {
  const cuts = [...word.matchAll(/[-_.]/g)].map(({ index }) => index).slice(0, 24);
  const starts = [0, ...cuts.map((at) => at + 1)];
  const ends = [...cuts, word.length];
  return starts.flatMap((from) => ends.filter((to) => to > from).map((to) => word.slice(from, to)));
}
