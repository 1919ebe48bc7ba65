import type { KubeObject } from '@/server/demo/kube-types';
import type { ObjectStore } from '@/server/demo/object-store';
import { ApiStatus, badRequest } from './status';

const SNAPSHOTS_MAX = 16;

export interface ListRequest {
  readonly resource: string;
  readonly selects: (object: KubeObject) => boolean;
  readonly hasSelector: boolean;
  readonly limit: number;
  readonly continueToken: string;
  /** As in the query; empty for unset. */
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
}

export interface ListPage {
  readonly items: readonly KubeObject[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

interface Snapshot {
  readonly resource: string;
  readonly version: number;
  readonly objects: readonly KubeObject[];
}

/** Refuses a version from the future (`storage.NewTooLargeResourceVersionError`). */
export function refuseFuture(version: number, current: number): void {
  if (version <= current) return;
  const message = `Too large resource version: ${version}, current: ${current}`;
  throw new ApiStatus(504, 'Timeout', `Timeout: ${message}`, {
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
}

/** Reads a resource version; throws a 400 for what is not a number. */
export function parseVersion(text: string): number {
  if (!/^\d+$/.test(text))
    throw badRequest(`resourceVersion: Invalid value: "${text}": strconv.ParseUint: invalid syntax`);
  return Number(text);
}

/**
 * Lists by pages. Pages of one list come from one snapshot; of those the newest few are kept, and a token of an older one
 * is answered with 410 `Expired` and a fresh token, as by a compacted etcd (crash-semantics 8.1).
 */
export class ObjectLister {
  readonly #store: ObjectStore;
  readonly #snapshots = new Map<number, Snapshot>();
  #nextSnapshot = 1;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** A page. Throws ApiStatus 400, 410 or 504. */
  list(request: ListRequest): ListPage {
    if (request.continueToken !== '') return this.#next(request);
    const version = request.resourceVersion === '' ? 0 : parseVersion(request.resourceVersion);
    refuseFuture(version, this.#store.version);
    if (request.resourceVersionMatch === 'Exact' && version < this.#store.version) {
      throw new ApiStatus(410, 'Expired', `The resourceVersion for the provided list is too old.`);
    }
    const objects = this.#store.list(request.resource).filter(request.selects);
    // `resourceVersion=0` is served whole from the watch cache: the limit is passed over.
    const limit = request.resourceVersion === '0' ? 0 : request.limit;
    return this.#page({ resource: request.resource, version: this.#store.version, objects }, 0, limit, request, null);
  }

  #next(request: ListRequest): ListPage {
    const match = /^(\d+)\/(\d+)$/.exec(Buffer.from(request.continueToken, 'base64url').toString());
    if (!match) throw badRequest('continue key is not valid: illegal base64 data');
    const id = Number(match[1]);
    const from = Number(match[2]);
    const snapshot = this.#snapshots.get(id);
    if (snapshot?.resource === request.resource) return this.#page(snapshot, from, request.limit, request, id);
    const objects = this.#store.list(request.resource).filter(request.selects);
    const fresh = this.#keep({ resource: request.resource, version: this.#store.version, objects });
    throw new ApiStatus(
      410,
      'Expired',
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results.',
      { continueToken: tokenOf(fresh, Math.min(from, objects.length)) },
    );
  }

  #page(snapshot: Snapshot, from: number, limit: number, request: ListRequest, id: number | null): ListPage {
    const to = limit > 0 ? Math.min(from + limit, snapshot.objects.length) : snapshot.objects.length;
    const items = snapshot.objects.slice(from, to);
    const remaining = snapshot.objects.length - to;
    if (remaining === 0) return { items, metadata: { resourceVersion: String(snapshot.version) } };
    return {
      items,
      metadata: {
        resourceVersion: String(snapshot.version),
        continue: tokenOf(id ?? this.#keep(snapshot), to),
        ...(request.hasSelector ? {} : { remainingItemCount: remaining }),
      },
    };
  }

  #keep(snapshot: Snapshot): number {
    const id = this.#nextSnapshot;
    this.#nextSnapshot += 1;
    this.#snapshots.set(id, snapshot);
    this.#snapshots.delete(id - SNAPSHOTS_MAX);
    return id;
  }
}

function tokenOf(snapshot: number, from: number): string {
  return Buffer.from(`${snapshot}/${from}`).toString('base64url');
}
