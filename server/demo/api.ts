import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { discover, VERSION } from './api/discovery';
import { ObjectLister } from './api/list';
import { serveLog } from './api/pod-log';
import { represent, representationOf, representList } from './api/representation';
import { findResource, qualifiedName, type Resource } from './api/resources';
import { answerReview, isAllowed } from './api/reviews';
import { parseSelection } from './api/selectors';
import { ApiStatus, badRequest, unknownPath } from './api/status';
import { serveWatch } from './api/watch';
import type { Cluster } from './cluster';
import { isPod } from './kube-types';

const BODY_BYTES_MAX = 65_536;
const VIEWER = 'demo-viewer';
const VERBS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** A path of the API taken apart: `/api/v1/namespaces/<ns>/<plural>/<name>/<sub>` and its shorter forms. */
interface Target {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

function parseTarget(path: string): Target {
  const match = /^\/(?:api|apis\/([^/]+))\/([^/]+)\/(.+?)\/?$/.exec(path);
  if (!match) throw unknownPath();
  const [, group = '', version = '', rest = ''] = match;
  let parts: readonly string[];
  try {
    parts = rest.split('/').map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) throw badRequest(`malformed path ${path}`);
    throw error;
  }
  // `namespaces/<ns>` alone is the object; with more behind it, it is the scope.
  const isScoped = parts[0] === 'namespaces' && parts.length > 2;
  const [plural = '', name, subresource, ...more] = isScoped ? parts.slice(2) : parts;
  const resource = findResource(group, version, plural);
  if (!resource || more.length > 0 || (isScoped && !resource.isNamespaced)) throw unknownPath();
  if (name !== undefined && resource.isNamespaced && !isScoped) throw unknownPath();
  return { resource, namespace: isScoped ? parts[1] : undefined, name, subresource };
}

function forbid(verb: string, target: Target): ApiStatus {
  const { resource, namespace, name, subresource } = target;
  const full = subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`;
  const subject = `${qualifiedName(resource)}${name === undefined ? '' : ` "${name}"`} is forbidden`;
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const message = `${subject}: User "${VIEWER}" cannot ${verb} resource "${full}" in API group "${resource.group}" ${scope}`;
  return new ApiStatus(403, 'Forbidden', message, {
    details: { ...(name === undefined ? {} : { name }), group: resource.group, kind: resource.plural },
  });
}

function count(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '';
  if (text === '') return 0;
  if (!/^\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  return Number(text);
}

function isTrue(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  return text === '' || text === 'true' || text === '1';
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  if (request.headers['content-type']?.includes('protobuf')) {
    const text = 'the body of the request was in an unknown format - accepted media types include: application/json';
    throw new ApiStatus(415, 'UnsupportedMediaType', text);
  }
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > BODY_BYTES_MAX) throw new ApiStatus(413, 'RequestEntityTooLarge', 'the request is too large');
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw badRequest(`the body of the request is not JSON: ${error.message}`);
    throw error;
  }
}

/** The HTTP side of the demo cluster: a read-only Kubernetes API on loopback. */
export class ApiServer {
  readonly #cluster: Cluster;
  readonly #lister: ObjectLister;
  readonly #server: Server;
  readonly #watches = new Set<() => void>();
  readonly #catchUp: () => void;

  /** `catchUp` is called before each answer, so that it shows the cluster as it is now. */
  constructor(cluster: Cluster, catchUp: () => void) {
    this.#cluster = cluster;
    this.#lister = new ObjectLister(cluster.store);
    this.#catchUp = catchUp;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => this.#fail(error, response));
    });
  }

  /** Listens on loopback; `port` 0 takes a free one. Gives the address as a URL. */
  async listen(port: number): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(port, '127.0.0.1', resolve);
    await promise;
    this.#server.off('error', reject);
    const address = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${address.port}`;
  }

  /** Ends all watches and closes. */
  async close(): Promise<void> {
    for (const end of this.#watches) end();
    this.#server.closeAllConnections();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }

  #json(response: ServerResponse, code: number, body: unknown): void {
    response.writeHead(code, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
    response.end(JSON.stringify(body));
  }

  #fail(error: unknown, response: ServerResponse): void {
    const isRefusal = error instanceof ApiStatus;
    const text = error instanceof Error ? error.message : String(error);
    const status = isRefusal ? error : new ApiStatus(500, 'InternalError', `Internal error occurred: ${text}`);
    if (response.headersSent) response.destroy();
    else this.#json(response, status.code, status.body());
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#catchUp();
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const path = url.pathname;
    const method = request.method ?? 'GET';
    const review = /^\/apis\/authorization\.k8s\.io\/v1\/([^/]+)$/.exec(path);
    if (method === 'POST' && review?.[1] !== undefined) {
      this.#json(response, 201, answerReview(review[1], await readJson(request)));
      return;
    }
    if (method === 'GET' && ['/healthz', '/livez', '/readyz'].includes(path)) {
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('ok');
      return;
    }
    const fixed = path === '/version' ? VERSION : discover(path, request.headers.host ?? '');
    if (method === 'GET' && fixed) {
      this.#json(response, 200, fixed);
      return;
    }
    const target = parseTarget(path);
    const verb = this.#verb(method, target, url.searchParams);
    if (!isAllowed(verb, target.resource.plural)) throw forbid(verb, target);
    if (target.name !== undefined) this.#serveOne(target, url.searchParams, request, response);
    else this.#serveMany(target, url.searchParams, request, response);
  }

  #verb(method: string, target: Target, query: URLSearchParams): string {
    if (method !== 'GET') {
      const verb = VERBS[method];
      if (!verb)
        throw new ApiStatus(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
      return verb;
    }
    if (target.name !== undefined) return 'get';
    return isTrue(query, 'watch') ? 'watch' : 'list';
  }

  #serveOne(target: Target, query: URLSearchParams, request: IncomingMessage, response: ServerResponse): void {
    const { resource, namespace, name = '', subresource } = target;
    const object = this.#cluster.store.get(resource.plural, namespace, name);
    if (!object) {
      throw new ApiStatus(404, 'NotFound', `${qualifiedName(resource)} "${name}" not found`, {
        details: { name, ...(resource.group === '' ? {} : { group: resource.group }), kind: resource.plural },
      });
    }
    if (subresource === 'log' && isPod(object)) serveLog(this.#cluster, object, query, response);
    else if (subresource === undefined || subresource === 'status') {
      this.#json(response, 200, represent(object, representationOf(request.headers.accept)));
    } else throw unknownPath();
  }

  #serveMany(target: Target, query: URLSearchParams, request: IncomingMessage, response: ServerResponse): void {
    const { resource, namespace } = target;
    const fieldSelector = query.get('fieldSelector') ?? '';
    const labelSelector = query.get('labelSelector') ?? '';
    const selects = parseSelection(resource.plural, namespace, fieldSelector, labelSelector);
    const form = representationOf(request.headers.accept);
    const version = {
      resourceVersion: query.get('resourceVersion') ?? '',
      resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    };
    if (isTrue(query, 'watch')) {
      const end = serveWatch(
        this.#cluster.store,
        {
          resource,
          selects,
          form,
          ...version,
          allowBookmarks: isTrue(query, 'allowWatchBookmarks'),
          sendInitialEvents: isTrue(query, 'sendInitialEvents'),
          timeoutSeconds: count(query, 'timeoutSeconds'),
        },
        response,
      );
      this.#watches.add(end);
      response.on('close', () => this.#watches.delete(end));
      return;
    }
    const page = this.#lister.list({
      resource: resource.plural,
      selects,
      hasSelector: fieldSelector !== '' || labelSelector !== '',
      limit: count(query, 'limit'),
      continueToken: query.get('continue') ?? '',
      ...version,
    });
    this.#json(response, 200, representList(resource, page.items, page.metadata, form));
  }
}
