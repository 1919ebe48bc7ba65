import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { targetFromServer } from './cluster-targets';
import { type CrashLogRequest, readCrashLog } from './crash-log';
import { KubeClient } from './kube-client';
import { FakeApiServer, sendJson, sendStatus } from './testing/fake-api-server';
import { crashingPod } from './testing/sample-objects';

type Instance = { readonly id: string; readonly log: string };

let server: FakeApiServer;
let client: KubeClient;
/** What the made-up kubelet holds. `current` is alive where `running`. */
let current: Instance;
let previous: Instance | null;
let running: boolean;
/** Errors that the next log calls give, before they give logs again. */
let errors: { status: number; message: string }[];
let logCalls: string[];
let onLog: () => void;

beforeEach(async () => {
  server = await new FakeApiServer().start();
  client = new KubeClient(targetFromServer('test', server.url));
  [current, previous, running, errors, logCalls] = [
    { id: 'containerd://2', log: 'stamp second' },
    { id: 'containerd://1', log: 'stamp first' },
    true,
    [],
    [],
  ];
  onLog = () => undefined;
  server.intercept = (_request, response, url) => {
    if (url.pathname.endsWith('/log')) {
      const wantsPrevious = url.searchParams.get('previous') === 'true';
      logCalls.push(wantsPrevious ? 'previous' : 'current');
      const error = errors.shift();
      if (error && error.status === 200) response.end(error.message);
      else if (error) sendStatus(response, error.status, 'BadRequest', error.message);
      else {
        const instance = wantsPrevious ? previous : current;
        if (instance) response.end(instance.log);
        else sendStatus(response, 400, 'BadRequest', 'previous terminated container "app" in pod "web" not found');
      }
      onLog();
      return true;
    }
    if (!url.pathname.startsWith('/api/v1/namespaces/shop/pods/')) return false;
    const pod = crashingPod();
    const ended = (id: string) => ({ terminated: { exitCode: 1, reason: 'Error', containerID: id } });
    sendJson(response, 200, {
      ...pod,
      status: {
        containerStatuses: [
          {
            name: 'app',
            containerID: current.id,
            state: running ? { running: { startedAt: '2026-11-25T10:00:00Z' } } : ended(current.id),
            lastState: previous ? ended(previous.id) : {},
          },
        ],
      },
    });
    return true;
  };
});
afterEach(async () => {
  await client.close();
  await server.stop();
});

const request = (changes: Partial<CrashLogRequest> = {}): CrashLogRequest => ({
  namespace: 'shop',
  pod: 'web',
  container: 'app',
  node: 'node-1',
  isRunning: true,
  containerId: 'containerd://1',
  endedAt: null,
  ...changes,
});
const read = async (changes: Partial<CrashLogRequest> = {}) =>
  await readCrashLog(client, request(changes), AbortSignal.timeout(20_000));
const held = (head: string) => ({ state: 'held', text: { head, tail: '', skippedLines: 0, stamped: true } });

describe('the log of a run', () => {
  it('is the previous one while a newer run is alive', async () => {
    expect(await read()).toEqual(held('stamp first'));
    expect(logCalls).toEqual(['previous']);
    expect(server.requests[0]).toContain('timestamps=true');
  });

  it('is the plain one while nothing is alive', async () => {
    running = false;
    expect(await read({ isRunning: false, containerId: 'containerd://2' })).toEqual(held('stamp second'));
    expect(logCalls).toEqual(['current']);
  });

  it('is asked for again where a new run began meanwhile', async () => {
    // The snapshot said: ended. By now the next run is alive, and a plain call gives that one's log.
    expect(await read({ isRunning: false })).toEqual(held('stamp first'));
    expect(logCalls).toEqual(['current', 'previous']);
  });

  it('is not what the next run wrote, though the API still says that nothing is alive', async () => {
    running = false;
    const endedAt = Date.parse('2026-11-25T10:00:00Z');
    const own = '2026-11-25T09:59:59.5Z fatal: no licence';
    current = { id: 'containerd://2', log: '2026-11-25T10:00:12.1Z starting' };
    onLog = () => {
      current = { id: 'containerd://2', log: own };
    };
    const asked = { isRunning: false, containerId: 'containerd://2', endedAt };
    expect(await read(asked)).toEqual(held(own));
    expect(logCalls).toEqual(['current', 'current']);
  });

  it('is asked for twice where it is empty: the next run may just have begun', async () => {
    running = false;
    current = { id: 'containerd://2', log: '' };
    onLog = () => {
      current = { id: 'containerd://2', log: 'stamp late' };
    };
    const asked = { isRunning: false, containerId: 'containerd://2', endedAt: Date.parse('2026-11-25T10:00:00Z') };
    expect(await read(asked)).toEqual(held('stamp late'));
    onLog = () => undefined;
    current = { id: 'containerd://2', log: '' };
    expect(await read(asked)).toEqual(held(''));
  });

  it('is waited for in the gap, where the kubelet answers neither call', async () => {
    running = false;
    errors = [
      { status: 200, message: 'unable to retriece container logs for containerd://2'.replace('retriece', 'retrieve') },
      { status: 400, message: 'container "app" in pod "web" is not available' },
      { status: 500, message: 'unable to retrieve container logs for containerd://2' },
    ];
    expect(await read({ isRunning: false, containerId: 'containerd://2' })).toEqual(held('stamp second'));
  });

  it('is missing with a reason where the run was overwritten twice', async () => {
    expect(await read({ containerId: 'containerd://0' })).toEqual({
      state: 'missing',
      reason: 'the container has run and ended again since; the kubelet keeps one earlier log only',
    });
  });

  it.each([
    [403, 'pods/log is forbidden', 'not permitted to read logs: grant get on pods/log'],
    [404, 'pods "web" not found', 'the pod was deleted before its log could be read'],
    [400, 'container app is not valid for pod web', 'the pod has no such container'],
  ])('is missing at once on %i', async (status, message, reason) => {
    errors = [{ status, message }];
    expect(await read()).toEqual({ state: 'missing', reason });
    expect(logCalls).toHaveLength(1);
  });

  it('is missing where the node does not answer, after three tries', async () => {
    errors = Array.from({ length: 9 }, () => ({ status: 502, message: 'dial tcp 10.0.0.1:10250: connect: refused' }));
    expect(await read()).toEqual({
      state: 'missing',
      reason: "the node's kubelet could not be asked: dial tcp 10.0.0.1:10250: connect: refused",
    });
    expect(logCalls).toHaveLength(3);
  });

  it('is whatever is held where no run was named', async () => {
    expect(await read({ containerId: '', isRunning: false })).toEqual(held('stamp second'));
    expect(server.requests).toHaveLength(1);
  });

  it('that reads like an error of the kubelet but has a timestamp is a log', async () => {
    const text = '2026-11-25T10:00:00Z unable to retrieve container logs for containerd://9';
    previous = { id: 'containerd://1', log: text };
    expect(await read()).toEqual(held(text));
  });

  it('of one node are read four at a time', async () => {
    let open = 0;
    let most = 0;
    const intercept = server.intercept;
    server.intercept = (incoming, response, url) => {
      if (!url.pathname.endsWith('/log')) return intercept(incoming, response, url);
      most = Math.max(most, ++open);
      setImmediate(() => {
        open--;
        intercept(incoming, response, url);
      });
      return true;
    };
    await Promise.all(Array.from({ length: 12 }, async () => await read({ containerId: '' })));
    expect(most).toBeLessThanOrEqual(4);
    expect(logCalls).toHaveLength(12);
  });

  it('ends with the signal', async () => {
    errors = Array.from({ length: 9 }, () => ({ status: 400, message: 'container "app" is not available' }));
    const abort = new AbortController();
    onLog = () => abort.abort(new Error('shutting down'));
    await expect(readCrashLog(client, request(), abort.signal)).rejects.toThrow('shutting down');
  });
});
