import type { ServerResponse } from 'node:http';
import type { KubeObject } from '@/server/demo/kube-types';
import type { Change, ObjectStore } from '@/server/demo/object-store';
import { parseVersion, refuseFuture } from './list';
import { type Representation, represent } from './representation';
import { apiVersionOf, type Resource } from './resources';
import { ApiStatus } from './status';

/** `bookmarkFrequency` of the watch cache. */
const BOOKMARK_MS = 60_000;
/** `--min-request-timeout`: a watch without a timeout of its own lasts once to twice as long. */
const LIFETIME_MS = 1_800_000;
/** Beyond this many unsent bytes a reader is too slow and is cut, as the watch cache does. */
const BACKLOG_BYTES_MAX = 8_000_000;

export interface WatchRequest {
  readonly resource: Resource;
  readonly selects: (object: KubeObject) => boolean;
  readonly form: Representation;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly allowBookmarks: boolean;
  readonly sendInitialEvents: boolean;
  /** 0 for none. */
  readonly timeoutSeconds: number;
}

function invalid(message: string): ApiStatus {
  return new ApiStatus(422, 'Invalid', message);
}

/** Refuses combinations that the API server refuses (`ValidateListOptions` of apimachinery). */
function validate(request: WatchRequest): void {
  const { sendInitialEvents, resourceVersionMatch, allowBookmarks } = request;
  if (sendInitialEvents && resourceVersionMatch !== 'NotOlderThan') {
    throw invalid(
      'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
  }
  if (sendInitialEvents && !allowBookmarks) {
    throw invalid('sendInitialEvents: Forbidden: sendInitialEvents requires setting allowWatchBookmarks to true');
  }
  if (!sendInitialEvents && resourceVersionMatch !== '') {
    throw invalid(
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    );
  }
}

/**
 * Serves a watch until its timeout, the client's leaving, or the answer's `end`: past changes first, then live ones, one JSON
 * object a line, bookmarks where asked for. Throws ApiStatus before the first byte where the request is refused.
 */
export function serveWatch(store: ObjectStore, request: WatchRequest, response: ServerResponse): () => void {
  validate(request);
  const { resource, selects, form } = request;
  const asked = request.resourceVersion === '' ? 0 : parseVersion(request.resourceVersion);
  refuseFuture(asked, store.version);

  response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
  response.flushHeaders();
  const send = (type: string, object: unknown): void => {
    response.write(`${JSON.stringify({ type, object })}\n`);
    if (response.writableLength > BACKLOG_BYTES_MAX) response.destroy();
  };
  const bookmark = (annotations?: Readonly<Record<string, string>>): void => {
    const metadata = {
      resourceVersion: String(store.version),
      creationTimestamp: null,
      ...(annotations ? { annotations } : {}),
    };
    const [kind, apiVersion] =
      form === 'metadata' ? ['PartialObjectMetadata', 'meta.k8s.io/v1'] : [resource.kind, apiVersionOf(resource)];
    send('BOOKMARK', { kind, apiVersion, metadata });
  };
  const deliver = ({ previous, next, object }: Change): void => {
    const was = previous !== undefined && selects(previous);
    const is = next !== undefined && selects(next);
    if (was || is) send(is ? (was ? 'MODIFIED' : 'ADDED') : 'DELETED', represent(object, form));
  };

  if (request.sendInitialEvents || asked === 0) {
    for (const object of store.list(resource.plural).filter(selects)) send('ADDED', represent(object, form));
    if (request.sendInitialEvents) bookmark({ 'k8s.io/initial-events-end': 'true' });
  } else {
    const missed = store.changesAfter(resource.plural, asked);
    if (missed === null) {
      const message = `too old resource version: ${asked} (${store.oldestVersion(resource.plural)})`;
      send('ERROR', new ApiStatus(410, 'Expired', message).body());
      response.end();
      return () => {};
    }
    for (const change of missed) deliver(change);
  }

  const unsubscribe = store.subscribe(resource.plural, deliver);
  const bookmarks = request.allowBookmarks ? setInterval(bookmark, BOOKMARK_MS).unref() : null;
  const end = (): void => {
    if (request.allowBookmarks && !response.destroyed) bookmark();
    response.end();
  };
  const lifetimeMs = request.timeoutSeconds > 0 ? request.timeoutSeconds * 1000 : LIFETIME_MS * (1 + Math.random());
  const lifetime = setTimeout(end, lifetimeMs).unref();
  response.on('close', () => {
    unsubscribe();
    if (bookmarks) clearInterval(bookmarks);
    clearTimeout(lifetime);
  });
  return end;
}
