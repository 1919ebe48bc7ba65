import type { KubeObject } from './kube-types';

/** One write: `previous` is undefined for a creation, `next` for a deletion. `object` carries the write's own version. */
export interface Change {
  readonly version: number;
  readonly previous: KubeObject | undefined;
  readonly next: KubeObject | undefined;
  readonly object: KubeObject;
}

interface Collection {
  readonly objects: Map<string, KubeObject>;
  readonly changes: Change[];
  readonly listeners: Set<(change: Change) => void>;
  /** Version of the newest change that is no longer kept. */
  forgotten: number;
}

function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/**
 * What etcd and the watch cache are to an API server: objects by resource, one version counter over all of them, and for
 * each resource a bounded list of the newest changes. Stored objects are never changed, only replaced.
 */
export class ObjectStore {
  readonly #collections = new Map<string, Collection>();
  readonly #keptChanges: number;
  #version: number;
  #compacted: number;

  /** `keptChanges`: how many changes of a resource a late watch can still catch up on. */
  constructor(options: { firstVersion: number; keptChanges: number }) {
    this.#version = options.firstVersion;
    this.#compacted = options.firstVersion;
    this.#keptChanges = options.keptChanges;
  }

  get version(): number {
    return this.#version;
  }

  /** Objects of a resource in etcd's order (namespace, then name). */
  list(resource: string): readonly KubeObject[] {
    const entries = [...(this.#collections.get(resource)?.objects ?? [])];
    return entries.sort(([left], [right]) => (left < right ? -1 : 1)).map(([, object]) => object);
  }

  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#collections.get(resource)?.objects.get(keyOf(namespace, name));
  }

  /** Creates or replaces an object and gives it as stored, with its new version. */
  put<T extends KubeObject>(resource: string, object: T): T {
    const collection = this.#collection(resource);
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const previous = collection.objects.get(key);
    const stored = this.#stamped(object);
    collection.objects.set(key, stored);
    this.#publish(collection, { version: this.#version, previous, next: stored, object: stored });
    return stored;
  }

  /** Deletes an object; nothing happens where it does not exist. */
  remove(resource: string, namespace: string | undefined, name: string): void {
    const collection = this.#collection(resource);
    const previous = collection.objects.get(keyOf(namespace, name));
    if (!previous) return;
    collection.objects.delete(keyOf(namespace, name));
    const object = this.#stamped(previous);
    this.#publish(collection, { version: this.#version, previous, next: undefined, object });
  }

  /** Changes of a resource after `version`, oldest first, or null when some of them are no longer kept. */
  changesAfter(resource: string, version: number): readonly Change[] | null {
    const collection = this.#collection(resource);
    if (version < collection.forgotten) return null;
    return collection.changes.filter((change) => change.version > version);
  }

  /** The oldest version from which a resource can be watched. */
  oldestVersion(resource: string): number {
    return this.#collection(resource).forgotten;
  }

  /** Calls `listener` for every later change of a resource; the answer ends that. */
  subscribe(resource: string, listener: (change: Change) => void): () => void {
    const { listeners } = this.#collection(resource);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  /** Forgets all kept changes, as compaction does, and lifts the version to at least `version`. */
  compact(version: number): void {
    this.#version = Math.max(this.#version, version);
    this.#compacted = this.#version;
    for (const collection of this.#collections.values()) {
      collection.changes.length = 0;
      collection.forgotten = this.#version;
    }
  }

  #collection(resource: string): Collection {
    let collection = this.#collections.get(resource);
    if (!collection) {
      collection = { objects: new Map(), changes: [], listeners: new Set(), forgotten: this.#compacted };
      this.#collections.set(resource, collection);
    }
    return collection;
  }

  #stamped<T extends KubeObject>(object: T): T {
    this.#version += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
  }

  #publish(collection: Collection, change: Change): void {
    collection.changes.push(change);
    // Trimmed in bulk, so that a write does not shift the whole list each time.
    if (collection.changes.length > this.#keptChanges * 1.25) {
      const dropped = collection.changes.splice(0, collection.changes.length - this.#keptChanges);
      collection.forgotten = dropped.at(-1)?.version ?? collection.forgotten;
    }
    for (const listener of [...collection.listeners]) listener(change);
  }
}
