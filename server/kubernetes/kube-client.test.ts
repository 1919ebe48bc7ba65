import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ClusterTarget, loadClusterTargets, targetFromServer } from './cluster-targets';
import { isTimeout, withDeadline } from './deadline';
import { KubeClient } from './kube-client';
import { FakeApiServer, sendJson, sendStatus } from './testing/fake-api-server';
import { encodeStatus, envelope } from './testing/proto-writer';

let server: FakeApiServer;
const clients: KubeClient[] = [];

beforeEach(async () => {
  server = await new FakeApiServer().start();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await server.stop();
});

function clientOf(target: ClusterTarget): KubeClient {
  const client = new KubeClient(target);
  clients.push(client);
  return client;
}

/** A target from a kubeconfig file whose user is given in YAML flow style. */
function targetWith(user: string, directory = mkdtempSync(path.join(tmpdir(), 'unloop-'))): ClusterTarget {
  const file = path.join(directory, 'config');
  writeFileSync(
    file,
    `current-context: test
clusters: [{name: c, cluster: {server: "${server.url}"}}]
contexts: [{name: test, context: {cluster: c, user: u}}]
users: [{name: u, user: ${user}}]
`,
  );
  const [target] = loadClusterTargets({ kubeconfig: file, contexts: [], env: process.env, home: directory });
  if (!target) throw new Error('no target');
  return target;
}

describe('an answer', () => {
  it('is read as JSON, asked for under the name of Unloop', async () => {
    let agent: string | undefined;
    server.intercept = (request, response) => {
      agent = request.headers['user-agent'];
      sendJson(response, 200, { gitVersion: 'v1.36.3' });
      return true;
    };
    expect(await clientOf(targetFromServer('test', server.url)).version()).toBe('v1.36.3');
    expect(agent).toMatch(/^unloop\/\d/);
  });

  it('that is a refusal in protobuf, or a page of a proxy, becomes words that a person can read', async () => {
    const client = clientOf(targetFromServer('test', server.url));
    const refusal = envelope('Status', encodeStatus({ message: 'pods is forbidden', reason: 'Forbidden', code: 403 }));
    let body: Buffer = refusal;
    server.intercept = (_request, response) => {
      response.writeHead(403, { 'content-type': 'application/vnd.kubernetes.protobuf' });
      response.end(body);
      return true;
    };
    await expect(client.open('GET', '/api/v1/pods')).rejects.toMatchObject({
      status: 403,
      reason: 'Forbidden',
      message: 'pods is forbidden',
    });
    body = Buffer.from('k8s\0\u0012\u00ff cut');
    await expect(client.open('GET', '/api/v1/pods')).rejects.toMatchObject({
      message: expect.not.stringMatching(/\p{Cc}/u),
    });
    body = Buffer.from('Client sent an HTTP request to an HTTPS server.\n');
    await expect(client.open('GET', '/api/v1/pods')).rejects.toMatchObject({
      message: 'Client sent an HTTP request to an HTTPS server.',
    });
  });

  it("that is a refusal becomes an error with status, reason and the server's words", async () => {
    const client = clientOf(targetFromServer('test', server.url));
    server.intercept = (_request, response) => {
      sendStatus(response, 403, 'Forbidden', 'pods is forbidden');
      return true;
    };
    await expect(client.json('GET', '/api/v1/pods')).rejects.toMatchObject({
      status: 403,
      reason: 'Forbidden',
      message: 'pods is forbidden',
    });
  });

  it('of a proxy in HTML keeps its text', async () => {
    const client = clientOf(targetFromServer('test', server.url));
    server.intercept = (_request, response) => {
      response.writeHead(502).end('<h1>Bad gateway</h1>');
      return true;
    };
    await expect(client.json('GET', '/x')).rejects.toMatchObject({ status: 502, message: '<h1>Bad gateway</h1>' });
  });

  it('429 is waited out as the server asks', async () => {
    const client = clientOf(targetFromServer('test', server.url));
    server.intercept = (_request, response) => {
      if (server.requests.length > 2) return false;
      response.writeHead(429, { 'retry-after': '0' }).end();
      return true;
    };
    expect(await client.version()).toBe('v1.34.4');
    expect(server.requests).toHaveLength(3);
  });

  it('429 for ever is an error in the end', async () => {
    const client = clientOf(targetFromServer('test', server.url));
    server.intercept = (_request, response) => {
      response.writeHead(429, { 'retry-after': '0' }).end();
      return true;
    };
    await expect(client.version()).rejects.toMatchObject({ status: 429, retryAfterMs: 0 });
  });
});

describe('a server that cannot be reached', () => {
  it('is named with cause and remedy', async () => {
    const client = clientOf(targetFromServer('test', server.url));
    await server.stop();
    await expect(client.version()).rejects.toMatchObject({
      code: 'cluster-unreachable',
      message: `Nothing listens at ${server.url}`,
      hint: expect.stringContaining('Is the API server running'),
    });
  });

  it('in time is told by the deadline itself', async () => {
    const client = clientOf(targetFromServer('test', server.url));
    server.intercept = () => true;
    const late = await withDeadline(50, null, (signal) => client.version({ signal })).catch((error: unknown) => error);
    expect(isTimeout(late)).toBe(true);
    server.intercept = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{');
      return true;
    };
    const cut = await withDeadline(50, null, (signal) => client.version({ signal })).catch((error: unknown) => error);
    expect(isTimeout(cut)).toBe(true);
  });

  it('whose name does not resolve is told apart', async () => {
    const client = clientOf(targetFromServer('test', 'http://no-such-host.invalid:6443'));
    await expect(client.version()).rejects.toMatchObject({
      code: 'cluster-unreachable',
      message: expect.stringContaining('does not resolve'),
    });
  });

  it('that does not speak HTTP is told apart', async () => {
    const client = clientOf(targetFromServer('test', server.url));
    server.intercept = (request) => {
      request.socket.end('SSH-2.0-OpenSSH_9.2\r\n');
      return true;
    };
    await expect(client.version()).rejects.toMatchObject({ message: expect.stringContaining('does not speak HTTP') });
  });
});

describe('credentials', () => {
  const authorizations: (string | undefined)[] = [];
  let lastHeaders: NodeJS.Dict<string[]> = {};
  beforeEach(() => {
    authorizations.length = 0;
    server.intercept = (request, response) => {
      authorizations.push(request.headers.authorization);
      lastHeaders = request.headersDistinct;
      if (request.headers.authorization === 'Bearer old') {
        sendStatus(response, 401, 'Unauthorized', 'Unauthorized');
        return true;
      }
      return false;
    };
  });

  it('come from a token file that ends in a newline', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'unloop-'));
    writeFileSync(path.join(directory, 'token'), 'from-file\n');
    await clientOf(targetWith('{tokenFile: token}', directory)).version();
    expect(authorizations).toEqual(['Bearer from-file']);
  });

  it('that were rotated on disk are read anew after a 401', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'unloop-'));
    writeFileSync(path.join(directory, 'token'), 'old');
    const client = clientOf(targetWith('{tokenFile: token}', directory));
    await expect(client.version()).rejects.toMatchObject({ status: 401 });
    writeFileSync(path.join(directory, 'token'), 'new');
    const fresh = clientOf(targetWith('{tokenFile: token}', directory));
    expect(await fresh.version()).toBe('v1.34.4');
    expect(authorizations.at(-1)).toBe('Bearer new');
  });

  it('say in whose name a call is made, and keep whom the configuration impersonates out of it', async () => {
    const user = '{token: t, as: ada, as-uid: u-1, as-groups: [readers], as-user-extra: {Scopes/x: [a]}}';
    const client = clientOf(targetWith(user));
    const asKim = client.as({ kind: 'user', name: 'kim', groups: ['shop', 'ops'] });
    await asKim.json('GET', '/version');
    expect(lastHeaders).toMatchObject({ 'impersonate-user': ['kim'], 'impersonate-group': ['shop', 'ops'] });
    expect(Object.keys(lastHeaders).filter((name) => /^impersonate-(uid|extra)/.test(name))).toEqual([]);
    expect(authorizations.at(-1)).toBe('Bearer t');
    await client.as({ kind: 'user', name: 'lee', groups: [] }).json('GET', '/version');
    expect(lastHeaders['impersonate-group']).toBeUndefined();
    await client.json('GET', '/version');
    expect(lastHeaders).toMatchObject({ 'impersonate-user': ['ada'], 'impersonate-group': ['readers'] });
    const asNobody = client.as({ kind: 'user', name: '', groups: ['ops'] });
    await expect(asNobody.json('GET', '/version')).rejects.toMatchObject({ code: 'internal' });
  });

  it('say on whose behalf they are shown: user, uid, every group and every extra', async () => {
    const user = '{token: t, as: ada, as-uid: u-1, as-groups: [readers, ops], as-user-extra: {Scopes/x: [a, b]}}';
    await clientOf(targetWith(user)).version();
    expect(lastHeaders).toMatchObject({
      'impersonate-user': ['ada'],
      'impersonate-uid': ['u-1'],
      'impersonate-group': ['readers', 'ops'],
      'impersonate-extra-scopes%2fx': ['a', 'b'],
    });
  });

  it('in the kubeconfig itself are read anew after a 401', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'unloop-'));
    const client = clientOf(targetWith('{token: old}', directory));
    targetWith('{token: renewed}', directory);
    expect(await client.version()).toBe('v1.34.4');
    expect(authorizations).toEqual(['Bearer old', 'Bearer renewed']);
  });

  it('come from a plugin, started once for concurrent requests and told that nobody can type', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'unloop-'));
    const script = `
      const fs = require('node:fs');
      fs.appendFileSync(${JSON.stringify(path.join(directory, 'runs'))}, 'x');
      const info = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
      console.log(JSON.stringify({status: {token: 'plugin-' + info.spec.interactive}}));`;
    writeFileSync(path.join(directory, 'plugin.cjs'), script);
    const user = `{exec: {apiVersion: client.authentication.k8s.io/v1, command: ${JSON.stringify(process.execPath)}, args: [${JSON.stringify(path.join(directory, 'plugin.cjs'))}]}}`;
    const client = clientOf(targetWith(user, directory));
    await Promise.all([client.version(), client.version(), client.version()]);
    expect(new Set(authorizations)).toEqual(new Set(['Bearer plugin-false']));
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(path.join(directory, 'runs'), 'utf8')).toBe('x');
  });

  it('of a plugin that fails name the plugin and what it said', async () => {
    const user = '{exec: {command: sh, args: ["-c", "echo please log in >&2; exit 1"]}}';
    await expect(clientOf(targetWith(user)).version()).rejects.toMatchObject({
      code: 'misconfigured',
      message: expect.stringMatching(/plugin "sh".*please log in/),
    });
  });

  it('of a plugin that waits for a person say so, and are taken when they come', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'unloop-'));
    const answer = path.join(directory, 'answer');
    const user = `{exec: {command: sh, args: [-c, "while ! cat ${answer} 2>/dev/null; do sleep 0.05; done"]}}`;
    const client = clientOf(targetWith(user));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const refused = expect(client.version()).rejects.toMatchObject({
        code: 'misconfigured',
        message: expect.stringMatching(/plugin "sh" of context "test" has not answered for 8 s/),
      });
      await vi.advanceTimersByTimeAsync(8_000);
      await refused;
    } finally {
      vi.useRealTimers();
    }
    writeFileSync(answer, JSON.stringify({ status: { token: 'late' } }));
    expect(await client.version()).toBe('v1.34.4');
  });

  it('of a plugin that prints no credential, or nothing, are no riddle', async () => {
    const say = (script: string) => clientOf(targetWith(`{exec: {command: sh, args: [-c, "${script}"]}}`)).version();
    await expect(say('echo {}')).rejects.toMatchObject({ message: expect.stringContaining('no ExecCredential') });
    await expect(say('exit 3')).rejects.toMatchObject({ message: expect.stringContaining('it said nothing') });
  });

  it('of a plugin that is not installed name it too', async () => {
    await expect(clientOf(targetWith('{exec: {command: no-such-plugin}}')).version()).rejects.toMatchObject({
      code: 'misconfigured',
      message: expect.stringContaining('no-such-plugin'),
    });
  });
});

it('uses its connections again', async () => {
  const ports = new Set<number | undefined>();
  server.intercept = (request) => {
    ports.add(request.socket.remotePort);
    return false;
  };
  const client = clientOf(targetFromServer('test', server.url));
  for (let n = 0; n < 20; n++) await client.version();
  expect(ports.size).toBeLessThanOrEqual(2);
});
