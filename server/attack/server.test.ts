import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ErrorBodySchema } from '@/lib/contract/error';
import { placeGate } from '@/server/edge/gate';
import { Probes } from './probes';

const probes = new Probes('the server');
let server: Server;
let port = 0;
/** Requests that came through the gate. */
let passed = 0;

beforeAll(async () => {
  server = createServer((_request, response) => {
    passed++;
    response.end('through');
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  port = (server.address() as AddressInfo).port;
  placeGate(port);
});
afterAll(async () => {
  probes.tell();
  server.closeAllConnections();
  await new Promise((done) => {
    server.close(done);
  });
});

/** Sends bytes as they are and gives all that comes back until the connection ends. */
function send(bytes: string): Promise<string> {
  return new Promise((done) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    // Who sends more than is read may see the connection reset: what came before counts.
    socket.on('error', () => undefined);
    socket.on('close', () => done(text));
  });
}

const HOST = 'host: 127.0.0.1';
const ask = (line: string, ...headers: readonly string[]) =>
  send(`${line}\r\n${[...headers, 'connection: close'].join('\r\n')}\r\n\r\n`);

/** Checks that the answer is a refusal in the shape of every error, and that nothing went through. */
async function refused(status: number, line: string, ...headers: readonly string[]): Promise<void> {
  const before = passed;
  const text = await ask(line, ...headers);
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  expect(head.split(' ')[1]).toBe(String(status));
  expect(head.toLowerCase()).toContain('x-content-type-options: nosniff');
  expect(head).toContain('application/json');
  // Without the lengths of a chunked body.
  const json = body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1);
  expect(ErrorBodySchema.parse(JSON.parse(json)).error.hint).not.toBe('');
  expect(passed).toBe(before);
}

async function answered(status: number, line: string, ...headers: readonly string[]): Promise<string> {
  const text = await ask(line, ...headers);
  expect(text.split(' ')[1]).toBe(String(status));
  expect(text.toLowerCase()).toContain('x-content-type-options: nosniff');
  return text;
}

const PATHS = [
  '/',
  '/c/demo',
  '/api/v1/clusters',
  '/api/v1/clusters/demo/stream',
  '/_next/static/x.js',
  '/api',
  '/metrics',
];

it('methods: nothing but reading goes through', async () => {
  for (const method of [
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'TRACE',
    'PROPFIND',
    'MKCOL',
    'PURGE',
    'LINK',
    'SEARCH',
    'QUERY',
  ]) {
    for (const path of PATHS.slice(0, 4)) {
      await probes.try(`${method} ${path}`, () => refused(405, `${method} ${path} HTTP/1.1`, HOST));
    }
  }
  for (const method of ['get', 'G E T', 'GET\u0000', 'FOO', '', 'GETT', 'STREAM']) {
    await probes.try(`method ${method}`, () => refused(400, `${method} / HTTP/1.1`, HOST));
  }
  for (const path of PATHS) {
    await probes.try(`OPTIONS ${path}`, async () => {
      expect(await answered(204, `OPTIONS ${path} HTTP/1.1`, HOST)).toContain('GET, HEAD, OPTIONS');
    });
  }
  for (const query of ['', '?a=b', '?/stream']) {
    await probes.try(`HEAD of a stream ${query}`, async () => {
      const before = passed;
      await answered(200, `HEAD /api/v1/clusters/demo/stream${query} HTTP/1.1`, HOST);
      expect(passed).toBe(before);
    });
  }
  expect(probes.failed).toEqual([]);
});

const FOREIGN_HOSTS = [
  '',
  'rebound.example',
  'localhost.example',
  '127.0.0.1.example',
  'localhost@evil',
  'evil/127.0.0.1',
  '127.0.0.1, evil',
  'localhost localhost',
  '[::2]',
  '[::1',
  '::1',
  'localhost:port',
  'localhost:123456',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0.0.0.0',
  '[::ffff:127.0.0.1]',
  'localhost.',
  '*',
  '127.0.0.1#',
  '127.0.0.1?',
  '127.0.0.1\\',
  '\xe4',
  'xn--e1afmkfd',
  'a'.repeat(5_000),
];

it('hosts: only its own names are answered', async () => {
  const before = probes.failed.length;
  for (const host of FOREIGN_HOSTS) {
    for (const path of ['/', '/api/v1/clusters', '/_next/static/x.js']) {
      await probes.try(`host ${host} ${path}`, () => refused(421, `GET ${path} HTTP/1.1`, `host: ${host}`));
    }
  }
  await probes.try('no host', () => refused(421, 'GET / HTTP/1.1'));
  await probes.try('no host in HTTP/1.0', () => refused(421, 'GET / HTTP/1.0'));
  await probes.try('two hosts', () => refused(421, 'GET / HTTP/1.1', HOST, 'host: evil'));
  await probes.try('another host in X-Forwarded-Host', () =>
    refused(421, 'GET / HTTP/1.1', 'host: evil', 'x-forwarded-host: 127.0.0.1'),
  );
  for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:65535', '[::1]', '[::1]:80', ' localhost ']) {
    await probes.try(`host ${host}`, () => answered(200, 'GET / HTTP/1.1', `host: ${host}`));
  }
  expect(probes.failed.slice(before)).toEqual([]);
});

it('origins: a page of another site reads nothing', async () => {
  const before = probes.failed.length;
  const origins = [
    'null',
    'https://evil.example',
    'http://127.0.0.1.evil',
    'http://127.0.0.1@evil',
    'file://',
    'x',
    '',
    'http://',
    'chrome-extension://abc',
    'http://127.0.0.1, http://evil',
  ];
  for (const path of PATHS) {
    for (const origin of origins) {
      await probes.try(`origin ${origin} ${path}`, () =>
        refused(403, `GET ${path} HTTP/1.1`, HOST, `origin: ${origin}`),
      );
    }
    for (const site of ['cross-site', 'same-site', 'x', 'none, cross-site', 'SAME-ORIGIN']) {
      await probes.try(`site ${site} ${path}`, () =>
        refused(403, `GET ${path} HTTP/1.1`, HOST, `sec-fetch-site: ${site}`),
      );
    }
  }
  await probes.try('embedded as an object', () =>
    refused(
      403,
      'GET / HTTP/1.1',
      HOST,
      'sec-fetch-site: cross-site',
      'sec-fetch-mode: navigate',
      'sec-fetch-dest: object',
    ),
  );
  expect(probes.failed.slice(before)).toEqual([]);
});

it('requests that are none, and too large ones', async () => {
  const before = probes.failed.length;
  const targets = [
    '*',
    'http://127.0.0.1/',
    'http://evil/',
    'evil',
    '?',
    '/%',
    '/%zz',
    '/%c0%ae',
    '/%ff',
    '/c/%e2%28',
    '/%u0041',
    '/%d8%00',
  ];
  for (const target of targets)
    await probes.try(`target ${target}`, () => refused(400, `GET ${target} HTTP/1.1`, HOST));
  const lines = [
    'GET / HTTP/3.0',
    'GET / HTTP/1.2x',
    'GET / HTTQ/1.1',
    '\u0016\u0003\u0001\u0002',
    'PRI * HTTP/2.0',
    '{"a":1}',
    '\u0000'.repeat(20),
  ];
  for (const line of lines) await probes.try(`line ${line}`, () => refused(400, line, HOST));
  const headers = [
    'a b: c',
    ': x',
    'x: \u0000',
    'x: a\rb',
    'content-length: -1',
    'content-length: 1e3',
    'transfer-encoding: chunked\r\ncontent-length: 3',
  ];
  for (const header of headers)
    await probes.try(`header ${header}`, () => refused(400, 'POST / HTTP/1.1', HOST, header));
  await probes.try('a header of 100 KB', () => refused(431, 'GET / HTTP/1.1', HOST, `x: ${'a'.repeat(100_000)}`));
  await probes.try('an address of 100 KB', () => refused(431, `GET /${'a'.repeat(100_000)} HTTP/1.1`, HOST));
  await probes.try('3,000 headers', () =>
    refused(431, 'GET / HTTP/1.1', HOST, ...Array.from({ length: 3_000 }, (_, n) => `x${n}: y`)),
  );
  await probes.try('is there still', () => answered(200, 'GET / HTTP/1.1', HOST));
  expect(probes.failed.slice(before)).toEqual([]);
});
