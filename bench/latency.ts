import { Agent, request } from 'node:https';
import { homedir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Loop } from '@/lib/contract/loop';
import { loadClusterTargets } from '@/server/kubernetes/cluster-targets';
import type { ServerRun } from './server-run';

/** What a change took, milliseconds, measured from just before the write of the status to the row on a stream. */
export interface Latencies {
  readonly ms: readonly number[];
  /** Of them, the API server's own write, which lies within. */
  readonly writeMs: readonly number[];
  /** Changes whose row did not come within 10 s on some stream. */
  readonly lost: number;
}

interface Waiter {
  readonly id: string;
  readonly restarts: number;
  readonly seen: (stream: number) => void;
}

const DEADLINE_MS = 10_000;

/**
 * Lets pods on the board restart once more, `rate` a second for `seconds`, while `streams` viewers are connected, and measures until
 * each viewer has the row.
 */
export async function measureLatency(
  server: ServerRun,
  { streams, rate, seconds }: { streams: number; rate: number; seconds: number },
): Promise<Latencies> {
  const rows = server.board.loops.filter((row) => row.restarts > 0 && row.lastExit !== null);
  if (rows.length === 0) throw new Error('no row on the board can be changed: are there failing pods?');
  const waiters = new Map<string, Waiter>();
  const abort = new AbortController();
  const readers = Array.from({ length: streams }, (_, index) => readStream(server, index, waiters, abort.signal));
  await Promise.race([sleep(2_000), Promise.all(readers)]);
  const patch = await patcher();
  for (const row of rows) await patch.prepare(row);
  const restarts = new Map(rows.map((row) => [row.id, row.restarts]));
  const ms: number[] = [];
  const writeMs: number[] = [];
  let lost = 0;
  const running: Promise<void>[] = [];
  const began = performance.now();
  for (let n = 0; performance.now() - began < seconds * 1000; n++) {
    const row = rows[n % rows.length];
    if (!row || waiters.has(row.id)) {
      await sleep(5);
      continue;
    }
    running.push(
      (async () => {
        const next = (restarts.get(row.id) ?? 0) + 1;
        restarts.set(row.id, next);
        const start = performance.now();
        const arrived = waitForRow(waiters, row.id, next, streams, start);
        await patch.restart(row, next);
        writeMs.push(performance.now() - start);
        const times = await arrived;
        ms.push(...times);
        if (times.length < streams) lost++;
      })(),
    );
    await sleep(Math.max(0, began + ((n + 1) * 1000) / rate - performance.now()));
  }
  await Promise.all(running);
  abort.abort();
  await Promise.allSettled(readers);
  return { ms, writeMs, lost };
}

async function waitForRow(
  waiters: Map<string, Waiter>,
  id: string,
  restarts: number,
  streams: number,
  start: number,
): Promise<readonly number[]> {
  return await new Promise((done) => {
    const times = new Map<number, number>();
    const finish = () => {
      clearTimeout(timer);
      waiters.delete(id);
      done([...times.values()]);
    };
    const timer = setTimeout(finish, DEADLINE_MS);
    waiters.set(id, {
      id,
      restarts,
      seen: (stream) => {
        if (!times.has(stream)) times.set(stream, performance.now() - start);
        if (times.size === streams) finish();
      },
    });
  });
}

/** Reads one stream as a page does, without keeping anything. */
async function readStream(
  server: ServerRun,
  index: number,
  waiters: ReadonlyMap<string, Waiter>,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(`${server.url}/api/v1/clusters/${encodeURIComponent(server.cluster)}/stream`, {
    signal,
  });
  if (!response.ok || !response.body) throw new Error(`the stream answered ${response.status}`);
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body) {
    const events = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      if (!event.includes('event: change')) continue;
      const data = event.slice(event.indexOf('data:') + 5);
      const { upserts } = JSON.parse(data) as { upserts: readonly Loop[] };
      for (const row of upserts) {
        const waiter = waiters.get(row.id);
        if (waiter && row.restarts >= waiter.restarts) waiter.seen(index);
      }
    }
  }
}

/** Writes one more restart into a pod's status, as its kubelet would. */
async function patcher(): Promise<Patcher> {
  const [target] = loadClusterTargets({ kubeconfig: null, contexts: [], env: process.env, home: homedir() });
  const kubeConfig = target?.kubeConfig;
  if (!target || !kubeConfig) throw new Error('KUBECONFIG names no cluster');
  const { ca, cert, key, headers } = await kubeConfig.options();
  const agent = new Agent({ ca, cert, key, keepAlive: true, maxSockets: 8 });
  const call = async (method: string, path: string, body: unknown): Promise<unknown> =>
    await new Promise((done, refuse) => {
      const sent = request(
        target.server + path,
        { agent, method, headers: { ...headers, 'content-type': 'application/merge-patch+json' } },
        (response) => {
          let text = '';
          response.on('data', (chunk) => {
            text += String(chunk);
          });
          response.on('end', () => {
            if ((response.statusCode ?? 500) < 300) done(JSON.parse(text));
            else refuse(new Error(`${method} ${path}: ${response.statusCode} ${text.slice(0, 300)}`));
          });
        },
      );
      sent.on('error', refuse);
      sent.end(body === null ? undefined : JSON.stringify(body));
    });
  const statuses = new Map<string, ContainerStatus[]>();
  const pathOf = (row: Loop) => `/api/v1/namespaces/${row.workload.namespace}/pods/${row.pod}`;
  return {
    prepare: async (row) => {
      const pod = (await call('GET', pathOf(row), null)) as { status: { containerStatuses: ContainerStatus[] } };
      statuses.set(row.id, pod.status.containerStatuses);
    },
    restart: async (row, restarts) => {
      const now = Math.floor(Date.now() / 1000) * 1000;
      const hex = Array.from({ length: 64 }, () => Math.floor(Math.random() * 16).toString(16)).join('');
      const terminated = {
        exitCode: 1,
        reason: 'Error',
        startedAt: instant(now - 12_000),
        finishedAt: instant(now - 1_000),
        containerID: `containerd://${hex}`,
      };
      // The list is replaced as a whole: the other containers are sent as they are.
      const containerStatuses = (statuses.get(row.id) ?? []).map((each) =>
        each.name === row.container
          ? {
              ...each,
              restartCount: restarts,
              state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container' } },
              lastState: { terminated },
            }
          : each,
      );
      await call('PATCH', `${pathOf(row)}/status`, { status: { containerStatuses } });
    },
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly restartCount: number;
}

interface Patcher {
  /** Reads the pod's status; done before anything is timed. */
  prepare(row: Loop): Promise<void>;
  restart(row: Loop, restarts: number): Promise<void>;
}

function instant(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}
