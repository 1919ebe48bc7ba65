import { type IncomingMessage, Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorBody } from '@/lib/contract/error';
import { CLIENT_HEADER } from '@/server/stream/client-header';
import { ALLOWED_METHODS, refusalOf } from './refusal';

/** Given to every answer, whoever makes it: also those that the framework gives from its own files. */
const HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
};

function answer(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): void {
  response.writeHead(status, { 'cache-control': 'no-store', ...headers }).end(body);
}

/** Answers what no route may see. True where it did. */
function isAnswered(request: IncomingMessage, response: ServerResponse): boolean {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  request.headers[CLIENT_HEADER] = request.socket.remoteAddress ?? '';
  const { method = 'GET', url = '' } = request;
  const header = (name: string) => {
    // Node keeps the first of several hosts, a proxy before it may have read another: such a request names none (RFC 9112, 3.2).
    if (name === 'host' && (request.headersDistinct.host?.length ?? 0) > 1) return null;
    const value = request.headers[name];
    return typeof value === 'string' ? value : value?.join(', ');
  };
  const refusal = refusalOf({ method, target: url, header }, process.env);
  if (refusal) {
    answer(response, refusal.status, { ...refusal.headers, ...JSON_TYPE }, JSON.stringify(refusal.body));
    return true;
  }
  if (method === 'OPTIONS') {
    answer(response, 204, { allow: ALLOWED_METHODS.join(', ') }, '');
    return true;
  }
  if (method === 'HEAD' && /\/stream(?:\?|$)/.test(url)) {
    answer(response, 200, { 'content-type': 'text/event-stream; charset=utf-8' }, '');
    return true;
  }
  return false;
}

const JSON_TYPE = { 'content-type': 'application/json' } as const;

/** What cannot be read as HTTP is answered in the error shape too, then the connection ends (node:http, event `clientError`). */
function refuseUnreadable(error: unknown, socket: Duplex): void {
  if (!socket.writable) return void socket.destroy();
  const isTooLarge = error instanceof Error && 'code' in error && error.code === 'HPE_HEADER_OVERFLOW';
  const body: ErrorBody = {
    error: isTooLarge
      ? { code: 'bad-request', message: 'the headers are too large', hint: 'Send fewer or shorter headers.' }
      : { code: 'bad-request', message: 'this is not HTTP that can be read', hint: 'Send a plain HTTP/1.1 request.' },
  };
  const text = JSON.stringify(body);
  const status = isTooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request';
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\nx-content-type-options: nosniff\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
  );
}

/**
 * Has Node hand on what it would answer itself, with an answer of no shape: a request without a host, which the gate refuses, and one
 * with an expectation that Node does not know, which may be ignored (RFC 9110, section 10.1.1).
 */
function leaveNothingToNode(server: Server): void {
  Object.assign(server, { requireHostHeader: false });
  if (server.listenerCount('checkExpectation') > 0) return;
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}

/**
 * Stands before everything that the server on `port` answers, the framework's own files and errors included, which pass no route and
 * no middleware. The framework owns the server and offers no place for this, so the gate sits where Node hands a request on. To be
 * called once per process; other servers of the process are left alone.
 */
export function placeGate(port: number): void {
  const emit = Server.prototype.emit;
  const isOurs = (server: Server) => {
    const address = server.address();
    return typeof address === 'object' && address?.port === port;
  };
  Server.prototype.emit = function gated(this: Server, event: string | symbol, ...args: unknown[]): boolean {
    if (event === 'request' && isOurs(this)) {
      const [request, response] = args as [IncomingMessage, ServerResponse];
      if (isAnswered(request, response)) return true;
    }
    if (event === 'connection' && isOurs(this)) leaveNothingToNode(this);
    if (event === 'clientError' && isOurs(this)) {
      const [error, socket] = args as [unknown, Duplex];
      refuseUnreadable(error, socket);
      return true;
    }
    return Reflect.apply(emit, this, [event, ...args]) as boolean;
  };
}
