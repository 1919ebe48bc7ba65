import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './make-certificate';
import { EVENT, encode, encodeFrame, encodeList, encodeStatus, POD, type Schema } from './proto-writer';

type KubeItem = Readonly<Record<string, unknown>> & { readonly metadata: Readonly<Record<string, unknown>> };
type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => boolean;

interface Watcher {
  readonly response: ServerResponse;
  readonly resource: string;
  readonly isProtobuf: boolean;
}

const SCHEMAS: Readonly<Record<string, readonly [kind: string, schema: Schema]>> = {
  pods: ['Pod', POD],
  events: ['Event', EVENT],
};

/**
 * A small API server on loopback for tests: lists and watches of pods and events in JSON or protobuf, access reviews, and whatever a
 * test answers itself through `intercept`.
 */
export class FakeApiServer {
  readonly objects: Record<string, Map<string, KubeItem>> = { pods: new Map(), events: new Map() };
  /** Paths with query, in order of arrival. */
  readonly requests: string[] = [];
  protobuf = true;
  /** Whether watch lists are offered. */
  watchList = true;
  version = 10;
  /** Watches from a version before this one get a 410 frame. */
  oldestVersion = 0;
  /** Writes list bodies in pieces of this size, one per turn of the event loop. */
  chunkSize = 0;
  /** Says whether a review is allowed: verb, resource, namespace (empty: all). */
  mayI: (verb: string, resource: string, namespace: string) => boolean = () => true;
  /** Answers before anything else does; gives false to pass. */
  intercept: Answer = () => false;
  #server: Server | null = null;
  /** Namespaces that are asked for by name and do not exist. */
  readonly absentNamespaces = new Set<string>();
  #watchers = new Set<Watcher>();
  readonly #certificate: Certificate | null;
  #port = 0;

  /** Speaks plain HTTP without a certificate. */
  constructor(certificate: Certificate | null = null) {
    this.#certificate = certificate;
  }

  get url(): string {
    return `${this.#certificate ? 'https' : 'http'}://127.0.0.1:${this.#port}`;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  /** Listens; on the same port again after `stop()`. */
  async start(): Promise<this> {
    const handle = (request: IncomingMessage, response: ServerResponse) => {
      void this.#handle(request, response);
    };
    const server = this.#certificate ? createTlsServer(this.#certificate, handle) : createServer(handle);
    this.#server = server;
    await new Promise<void>((resolve) => {
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    return this;
  }

  /** Stops as a killed process does: all sockets closed at once. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    this.#watchers.clear();
    if (!server) return;
    server.closeAllConnections();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  }

  /** Adds, changes or removes an object and tells the watchers. */
  put(resource: string, item: KubeItem): void {
    const objects = this.objects[resource] ?? new Map<string, KubeItem>();
    const uid = String(item.metadata.uid);
    const type = objects.has(uid) ? 'MODIFIED' : 'ADDED';
    this.version++;
    const stored = { ...item, metadata: { ...item.metadata, resourceVersion: String(this.version) } };
    objects.set(uid, stored);
    this.#tell(resource, type, stored);
  }

  remove(resource: string, uid: string): void {
    const item = this.objects[resource]?.get(uid);
    if (!item) return;
    this.version++;
    this.objects[resource]?.delete(uid);
    this.#tell(resource, 'DELETED', { ...item, metadata: { ...item.metadata, resourceVersion: String(this.version) } });
  }

  /** Sends a bookmark to the watchers of a resource. */
  bookmark(resource: string): void {
    this.#tell(resource, 'BOOKMARK', { metadata: { resourceVersion: String(this.version) } });
  }

  /** Cuts every open watch in the middle of a frame. */
  cutWatches(): void {
    for (const watcher of this.#watchers) {
      watcher.response.write(Buffer.from([0, 0, 0, 50, 1, 2]));
      setImmediate(() => watcher.response.destroy());
    }
    this.#watchers.clear();
  }

  /** Ends every open watch as a server does whose time is up. */
  endWatches(): void {
    for (const watcher of this.#watchers) watcher.response.end();
    this.#watchers.clear();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    this.requests.push(url.pathname + url.search);
    if (this.intercept(request, response, url)) return;
    if (url.pathname === '/version') return sendJson(response, 200, { gitVersion: 'v1.34.4' });
    if (url.pathname.endsWith('/selfsubjectaccessreviews')) return await this.#review(request, response);
    if (url.pathname === '/api/v1/namespaces') {
      const names = new Set([...(this.objects.pods?.values() ?? [])].map((item) => String(item.metadata.namespace)));
      return sendJson(response, 200, { items: [...names].map((name) => ({ metadata: { name } })) });
    }
    const named = /^\/api\/v1\/namespaces\/([^/]+)$/.exec(url.pathname)?.[1];
    if (named !== undefined && !this.absentNamespaces.has(named))
      return sendJson(response, 200, { metadata: { name: named } });
    const match = /^\/api\/v1\/(?:namespaces\/([^/]+)\/)?(pods|events)$/.exec(url.pathname);
    const resource = match?.[2];
    if (!match || !resource) return sendStatus(response, 404, 'NotFound', `no ${url.pathname}`);
    const isProtobuf = this.protobuf && (request.headers.accept ?? '').includes('protobuf');
    if (url.searchParams.has('watch')) this.#watch(url, response, resource, match[1], isProtobuf);
    else this.#list(url, response, resource, match[1], isProtobuf);
  }

  #items(resource: string, namespace: string | undefined): KubeItem[] {
    return [...(this.objects[resource]?.values() ?? [])].filter(
      (item) => !namespace || item.metadata.namespace === namespace,
    );
  }

  #list(
    url: URL,
    response: ServerResponse,
    resource: string,
    namespace: string | undefined,
    isProtobuf: boolean,
  ): void {
    const [kind, schema] = SCHEMAS[resource] ?? ['Unknown', {}];
    // Only Warnings match the first of the two event watches, and none of the samples is of reason Killing.
    const items = (url.searchParams.get('fieldSelector') ?? '').includes('reason=Killing')
      ? []
      : this.#items(resource, namespace);
    const body = isProtobuf
      ? encodeList(
          `${kind}List`,
          items.map((item) => encode(schema, item)),
          String(this.version),
        )
      : Buffer.from(JSON.stringify({ metadata: { resourceVersion: String(this.version) }, items }));
    response.writeHead(200, {
      'content-type': isProtobuf ? 'application/vnd.kubernetes.protobuf' : 'application/json',
    });
    if (this.chunkSize > 0) void trickle(response, body, this.chunkSize);
    else response.end(body);
  }

  #watch(
    url: URL,
    response: ServerResponse,
    resource: string,
    namespace: string | undefined,
    isProtobuf: boolean,
  ): void {
    const isWatchList = url.searchParams.has('sendInitialEvents');
    if (isWatchList && !this.watchList) {
      sendStatus(response, 422, 'Invalid', 'sendInitialEvents: Forbidden: the WatchList feature gate is off');
      return;
    }
    response.writeHead(200, {
      'content-type': isProtobuf ? 'application/vnd.kubernetes.protobuf;stream=watch' : 'application/json',
    });
    response.flushHeaders();
    const watcher: Watcher = { response, resource, isProtobuf };
    if (!isWatchList && Number(url.searchParams.get('resourceVersion')) < this.oldestVersion) {
      const status = { status: 'Failure', code: 410, reason: 'Expired', message: 'too old resource version' };
      response.end(frame(watcher, 'ERROR', status, 'Status', encodeStatus(status)));
      return;
    }
    this.#watchers.add(watcher);
    response.on('close', () => this.#watchers.delete(watcher));
    if (!isWatchList) return;
    for (const item of this.#items(resource, namespace)) this.#send(watcher, 'ADDED', item);
    this.#send(watcher, 'BOOKMARK', {
      metadata: { resourceVersion: String(this.version), annotations: { 'k8s.io/initial-events-end': 'true' } },
    });
  }

  #tell(resource: string, type: string, item: KubeItem): void {
    for (const watcher of this.#watchers) if (watcher.resource === resource) this.#send(watcher, type, item);
  }

  #send(watcher: Watcher, type: string, item: KubeItem): void {
    const [kind, schema] = SCHEMAS[watcher.resource] ?? ['Unknown', {}];
    // Ill-typed objects can be said in JSON alone.
    const raw = watcher.isProtobuf ? encode(schema, item) : Buffer.alloc(0);
    watcher.response.write(frame(watcher, type, item, kind, raw));
  }

  async #review(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const { spec } = JSON.parse(text) as { spec: { resourceAttributes: Record<string, string> } };
    const { verb = '', resource = '', namespace = '' } = spec.resourceAttributes;
    sendJson(response, 201, { status: { allowed: this.mayI(verb, resource, namespace) } });
  }
}

function frame(watcher: Watcher, type: string, object: unknown, kind: string, raw: Buffer): Buffer {
  return watcher.isProtobuf ? encodeFrame(type, kind, raw) : Buffer.from(`${JSON.stringify({ type, object })}\n`);
}

async function trickle(response: ServerResponse, body: Buffer, size: number): Promise<void> {
  for (let at = 0; at < body.length; at += size) {
    response.write(body.subarray(at, at + size));
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  response.end();
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

export function sendStatus(response: ServerResponse, code: number, reason: string, message: string): void {
  sendJson(response, code, { kind: 'Status', status: 'Failure', code, reason, message });
}
