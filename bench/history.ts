import { readdirSync, statSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { CAUSE_IDS, CAUSES } from '@/lib/domain/causes';
import { loopId, type Run, runId, type Workload } from '@/lib/domain/loop';
import { findEngines } from '@/server/store/fresh-place';
import { openStore, type StoreOptions } from '@/server/store/open-store';
import type { Store, StoredLoop } from '@/server/store/store';
import { percentile } from './child';

const CLUSTER = 'bench';
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NAMESPACES = 50;
/** Each loop ended and came back this often. */
const EPISODES = 4;
const LOGS_PER_LOOP = 5;
const ASKED = 200;

/** What is made up: loops, the days they spread over, and how often each crashed. */
export interface HistorySize {
  readonly loops: number;
  readonly days: number;
  readonly crashesPerLoop: number;
}

/** Durations of one question, milliseconds. */
interface Asked {
  readonly what: string;
  readonly ms: readonly number[];
}

/** What one engine took: to write, per crash on disk, and to answer. */
interface HistoryFigures {
  readonly engine: string;
  readonly crashes: number;
  readonly writeMs: number;
  readonly bytes: number;
  readonly asked: readonly Asked[];
}

const workloadOf = (n: number): Workload => ({
  kind: 'Deployment',
  namespace: `team-${n % NAMESPACES}`,
  name: `service-${n}`,
});
const idOf = (n: number) => loopId(workloadOf(n), 'main');
const LOG = Array.from(
  { length: 120 },
  (_, n) =>
    `2026-03-01T12:00:${String(n % 60).padStart(2, '0')}Z level=info msg="step ${n * 7919} of start-up" took=${n}ms`,
).join('\n');

/** The `n`-th crash of a loop, of `of` spread evenly over the span that ends at `now`. */
function crash(loop: number, n: number, size: HistorySize, now: number): Run {
  const finishedAt = now - size.days * DAY + Math.round(((n + 1) / size.crashesPerLoop) * size.days * DAY) - loop;
  const podUid = `pod-${loop}-${Math.floor((n * EPISODES) / size.crashesPerLoop)}`;
  const containerId = `containerd://${loop.toString(16).padStart(8, '0')}${n.toString(16).padStart(8, '0')}${'ab'.repeat(24)}`;
  return {
    id: runId(podUid, 'main', containerId, String(n)),
    loopId: idOf(loop),
    podUid,
    podName: `service-${loop}-7c9d8b6f5-x2x4z`,
    namespace: workloadOf(loop).namespace,
    container: 'main',
    containerType: 'app',
    containerId,
    restartIndex: n,
    startedAt: finishedAt - 20_000,
    finishedAt,
    exitCode: 1,
    reason: 'Error',
    message: '',
    nodeName: `node-${loop % 20}`,
    image: 'registry.example/shop/api:1.4.1',
    missedBefore: 0,
    observedAt: finishedAt + 300,
  };
}

function standing(loop: number, at: number, isEnded: boolean): StoredLoop {
  const cause = CAUSE_IDS[loop % CAUSE_IDS.length] ?? 'app-exception';
  const workload = workloadOf(loop);
  return {
    cluster: CLUSTER,
    id: idOf(loop),
    namespace: workload.namespace,
    state: isEnded ? 'recovered' : 'looping',
    cause,
    category: CAUSES[cause].category,
    since: at - DAY,
    lastCrashAt: at,
    endedAt: isEnded ? at : null,
    updatedAt: at,
    crashes: 1,
    row: JSON.stringify({ id: idOf(loop), workload, state: 'looping', text: 'made up '.repeat(100) }),
  };
}

async function fill(store: Store, size: HistorySize, now: number): Promise<void> {
  const perEpisode = Math.floor(size.crashesPerLoop / EPISODES);
  for (let episode = 0; episode < EPISODES; episode++) {
    for (let first = 0; first < size.loops; first += 20) {
      const runs: Run[] = [];
      const loops: StoredLoop[] = [];
      for (let loop = first; loop < Math.min(size.loops, first + 20); loop++) {
        for (let n = episode * perEpisode; n < (episode + 1) * perEpisode; n++) runs.push(crash(loop, n, size, now));
        loops.push(standing(loop, runs.at(-1)?.finishedAt ?? now, false));
      }
      await store.record({ cluster: CLUSTER, runs, loops });
      if (episode === EPISODES - 1) continue;
      const ended = loops.map((loop, at) => standing(first + at, (loop.lastCrashAt ?? now) + 30 * MINUTE, true));
      await store.record({ cluster: CLUSTER, runs: [], loops: ended });
    }
  }
  const text = { head: LOG, tail: '', skippedLines: 0, stamped: true };
  for (let loop = 0; loop < size.loops; loop++) {
    for (let n = size.crashesPerLoop - LOGS_PER_LOOP; n < size.crashesPerLoop; n++) {
      await store.saveLog(CLUSTER, crash(loop, n, size, now).id, { state: 'held', text, fetchedAt: now });
    }
  }
}

async function ask(what: string, question: (n: number) => Promise<unknown>): Promise<Asked> {
  const ms: number[] = [];
  for (let n = 0; n < ASKED; n++) {
    const began = performance.now();
    await question(n);
    ms.push(performance.now() - began);
  }
  return { what, ms };
}

/** Bytes that a history takes on disk. */
export async function bytesOf({ databaseUrl, dataDir }: StoreOptions): Promise<number> {
  if (dataDir) return readdirSync(dataDir).reduce((sum, file) => sum + statSync(join(dataDir, file)).size, 0);
  const client = new pg.Client({ connectionString: databaseUrl ?? '' });
  await client.connect();
  try {
    const { rows } = await client.query<{ bytes: string }>(
      "select sum(pg_total_relation_size(c.oid)) as bytes from pg_class c where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace",
    );
    return Number(rows[0]?.bytes);
  } finally {
    await client.end();
  }
}

/** Fills an empty history on each engine that is there and asks it what the pages ask; removes it afterwards. */
async function measureHistory(size: HistorySize, say: (line: string) => void): Promise<readonly HistoryFigures[]> {
  const figures: HistoryFigures[] = [];
  for (const engine of await findEngines()) {
    const place = await engine.fresh();
    const store = await openStore(place.options);
    try {
      const now = Date.now();
      const began = performance.now();
      await fill(store, size, now);
      const writeMs = performance.now() - began;
      say(`${engine.name}: written in ${(writeMs / 1000).toFixed(0)} s`);
      const any = (n: number) => (n * 7919) % size.loops;
      const board = Array.from({ length: 500 }, (_, n) => idOf(any(n)));
      const asked = [
        await ask('board strip, 500 loops, last hour', () => store.stripSince(CLUSTER, board, now - 60 * MINUTE)),
        await ask('board, crashes per hour of a day', () => store.crashesPerHour(CLUSTER, now - DAY)),
        await ask('timeline of a workload, 14 days', (n) =>
          store.runsBetween(CLUSTER, idOf(any(n)), now - 14 * DAY, now, 5000),
        ),
        await ask('newest 500 runs of a workload', (n) => store.runsOfLoop(CLUSTER, idOf(any(n)), { limit: 500 })),
        await ask('history page, newest 100', () => store.history(CLUSTER, { namespaces: null, limit: 100 })),
        await ask('history page of one namespace and cause', (n) =>
          store.history(CLUSTER, {
            namespaces: [workloadOf(any(n)).namespace],
            cause: CAUSE_IDS[any(n) % CAUSE_IDS.length] ?? 'app-exception',
            limit: 100,
          }),
        ),
        await ask('history page searched by text', (n) =>
          store.history(CLUSTER, { namespaces: null, text: `service-${any(n)}`, limit: 100 }),
        ),
      ];
      for (const { what, ms } of asked) say(`  ${what}: p95 ${percentile(ms, 0.95).toFixed(1)} ms`);
      const crashes = size.loops * size.crashesPerLoop;
      figures.push({ engine: engine.name, crashes, writeMs, bytes: await bytesOf(place.options), asked });
    } finally {
      await store.close();
      await place.drop();
    }
  }
  return figures;
}

/** Measures and gives the section for bench/results.md: how long the pages' questions take, and what a crash takes on disk. */
export async function historySection(size: HistorySize, say: (line: string) => void): Promise<readonly string[]> {
  const figures = await measureHistory(size, say);
  const row = (what: string, cells: readonly string[], budget = '') => `| ${what} | ${cells.join(' | ')} | ${budget} |`;
  const whole = (value: number) => Math.round(value).toLocaleString('en-US');
  const answers = (at: number) =>
    figures.map(({ asked }) => {
      const ms = asked[at]?.ms ?? [];
      return `${percentile(ms, 0.5).toFixed(1)} ms, ${percentile(ms, 0.95).toFixed(1)} ms`;
    });
  return [
    `## History of ${whole(size.loops)} loops over ${size.days} days`,
    '',
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, Node ${process.versions.node}; ${whole(size.loops * size.crashesPerLoop)} crashes, ${ASKED} questions of each kind; load average ${(loadavg()[0] ?? 0).toFixed(1)}.`,
    '',
    row(
      'What',
      figures.map((one) => one.engine),
      'Budget',
    ),
    `|---|${figures.map(() => '---|').join('')}---|`,
    ...(figures[0]?.asked ?? []).map(({ what }, at) => row(`${what}, p50 and p95`, answers(at), 'p95 100 ms')),
    row(
      `size per crash, logs of the newest ${LOGS_PER_LOOP} of each loop included`,
      figures.map(({ bytes, crashes }) => `${whole(bytes / crashes)} bytes`),
    ),
    row(
      'written, with the logs',
      figures.map(({ writeMs, crashes }) => `${whole((crashes / writeMs) * 1000)} crashes/s`),
    ),
    '',
    'Command: `npm run bench -- --history`',
    '',
  ];
}
