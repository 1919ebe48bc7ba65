import { existsSync, readdirSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EvidenceSource } from '@/lib/diagnosis/evidence-source';
import { loopId } from '@/lib/domain/loop';
import { readCapture } from '@/server/capture/read-capture';
import { startDemoCluster } from '@/server/demo/start-demo-cluster';
import { judgeSource, saidOf } from '@/server/evidence/judge-record';
import { type PackedRecord, packRecord } from '@/server/evidence/pack-record';
import { steadySource } from '@/server/evidence/steady-source';
import { targetFromServer } from '@/server/kubernetes/cluster-targets';
import { rowsOf } from '@/server/loops/live-cluster';
import { ClusterPipeline } from '@/server/pipeline/cluster-pipeline';
import { findEngines } from '@/server/store/fresh-place';
import { openStore } from '@/server/store/open-store';
import { packText } from '@/server/store/packed-text';
import type { Store } from '@/server/store/store';
import { wantedBy } from '@/server/view/loop-evidence';
import { median, percentile, ROOT } from './child';
import { bytesOf } from './history';

const CLUSTER = 'bench';
const DAY = 86_400_000;
const DEMO_MS = 60_000;

/** Bytes of a record by itself. */
async function sizeOf(manifest: string, contents: ReadonlyMap<string, string>): Promise<number> {
  const packed = await Promise.all([manifest, ...contents.values()].map(packText));
  return packed.reduce((sum, { body }) => sum + body.length, 0);
}

/** Every container that fails in the captures below a folder. */
async function captured(folder: string): Promise<readonly EvidenceSource[]> {
  const folders = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name === 'capture.json')
    .map((entry) => entry.parentPath);
  const sources: EvidenceSource[] = [];
  for (const path of folders) {
    try {
      sources.push(...(await readCapture(path)).sources.slice(0, 1));
    } catch {
      // A capture without a pod has no record either.
    }
  }
  return sources;
}

function packed(source: EvidenceSource, placement: 'with-runs' | 'in-record'): PackedRecord {
  const steady = steadySource(source);
  const logRuns = { previous: source.runs.at(-1)?.id ?? 'run', current: null, first: null };
  return packRecord({ source: steady, logRuns, said: saidOf(judgeSource(steady).verdicts[0]) }, placement);
}

/** Sizes of the records that the pipeline writes of the demo cluster's loops. */
async function demoSizes(): Promise<readonly number[]> {
  const demo = await startDemoCluster({});
  const store = await openStore({ databaseUrl: null, dataDir: null });
  const pipeline = new ClusterPipeline(targetFromServer('demo', demo.url), store, null);
  await pipeline.start();
  const end = Date.now() + DEMO_MS;
  const isReady = () => {
    const rows = [...rowsOf(pipeline.live)];
    return rows.length > 0 && rows.every((row) => row.verdict !== null);
  };
  while (!isReady() && Date.now() < end) await sleep(200);
  const sizes: number[] = [];
  for (const { id } of rowsOf(pipeline.live)) {
    const record = await store.evidence('demo', id);
    if (record) sizes.push(await sizeOf(record.manifest, await store.parts(wantedBy(record.manifest).parts)));
  }
  await pipeline.stop();
  await store.close();
  await demo.stop();
  return sizes;
}

/** The `n`-th loop of a made-up cluster on a day: names of its own throughout, and what changes with each look and each day. */
function variant(source: EvidenceSource, n: number, day: number, look: number): EvidenceSource {
  const { namespace } = source.workload;
  const own: EvidenceSource = JSON.parse(
    JSON.stringify(source)
      .replaceAll(`"namespace":"${namespace}"`, `"namespace":"${namespace}-${n}"`)
      .replaceAll(source.workload.name, `${source.workload.name}-${n}`),
  );
  const metadata = { ...(own.pod.metadata as object), uid: `pod-${n}-${day}`, annotations: { look: `${day}-${look}` } };
  return { ...own, now: day * DAY + look, pod: { ...own.pod, metadata } };
}

/** Writes one day of `loops` loops: each is looked at again and again, ends in the evening and comes back the next day. */
async function writeDay(
  store: Store,
  sources: readonly EvidenceSource[],
  loops: number,
  day: number,
  looks: number,
): Promise<void> {
  for (let n = 0; n < loops; n++) {
    const source = sources[n % sources.length];
    if (!source) return;
    for (let look = 1; look <= looks; look++) {
      const now = variant(source, n, day, look);
      const { manifest, contents } = packed(now, 'with-runs');
      await store.recordDiagnosis({
        cluster: CLUSTER,
        loopId: loopId(now.workload, now.container),
        evidence: {
          at: now.now,
          manifest: JSON.stringify(manifest),
          contents,
          logRuns: { previous: null, first: null },
        },
        events: [],
        changes: [],
      });
    }
    const { workload, container } = variant(source, n, day, looks);
    const loop = {
      cluster: CLUSTER,
      id: loopId(workload, container),
      namespace: workload.namespace,
      cause: null,
      category: null,
      since: day * DAY,
      lastCrashAt: day * DAY,
      crashes: 1,
      row: '{}',
    };
    const endedAt = day * DAY + DAY / 2;
    await store.record({
      cluster: CLUSTER,
      runs: [],
      loops: [{ ...loop, state: 'recovered', endedAt, updatedAt: endedAt }],
    });
  }
}

/**
 * Measures and gives the section for bench/results.md: what a record of evidence takes, and what a day of loops adds on each
 * engine. `captures` is a folder with captures to take records of beside the demo cluster's.
 */
export async function evidenceSection(
  loops: number,
  captures: string | undefined,
  say: (line: string) => void,
): Promise<readonly string[]> {
  const folder = resolve(captures ?? join(ROOT, 'lib/diagnosis/rules'));
  if (!existsSync(folder)) throw new Error(`${folder}: no such folder`);
  const sources = await captured(folder);
  const kb = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
  const sizes = async (placement: 'with-runs' | 'in-record') =>
    await Promise.all(
      sources
        .map((source) => packed(source, placement))
        .map(({ manifest, contents }) => sizeOf(JSON.stringify(manifest), contents)),
    );
  const rows: [string, readonly number[]][] = [
    ['demo cluster', await demoSizes()],
    ['captures, logs with their runs', await sizes('with-runs')],
    ['captures, logs in the record', await sizes('in-record')],
  ];
  const lines = rows.map(
    ([what, list]) =>
      `| ${what} | ${list.length} | ${kb(median(list))} | ${kb(percentile(list, 0.95))} | ${kb(Math.max(...list))} |`,
  );
  for (const line of lines) say(line);
  const growth: string[] = [];
  for (const engine of await findEngines()) {
    const place = await engine.fresh();
    /** Bytes after a day was written and the history closed, which empties the write-ahead log. */
    const afterDay = async (day: number, looks: number) => {
      const store = await openStore(place.options);
      const began = performance.now();
      await writeDay(store, sources, loops, day, looks);
      const ms = performance.now() - began;
      await store.close();
      return { bytes: await bytesOf(place.options), ms };
    };
    const first = await afterDay(1, 1);
    const second = await afterDay(2, 1);
    const third = await afterDay(3, 2);
    await place.drop();
    const mb = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MB`;
    growth.push(
      `| ${engine.name} | ${mb(first.bytes)} | ${mb(second.bytes - first.bytes)} | ${mb(third.bytes - second.bytes)} | ${Math.round((loops / second.ms) * 1000)} |`,
    );
    say(growth.at(-1) ?? '');
  }
  return [
    '## Records of evidence',
    '',
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, Node ${process.versions.node}; compressed, each record by itself; load average ${(loadavg()[0] ?? 0).toFixed(1)}.`,
    '',
    '| Records of | Number | Median | p95 | Largest |',
    '|---|---|---|---|---|',
    ...lines,
    '',
    `A day of ${loops.toLocaleString('en-US')} loops, each of which ends and comes back once; every loop has names of its own, so that no part is shared between loops:`,
    '',
    '| Engine | first day | second day adds | a third day with twice the looks adds | records/s |',
    '|---|---|---|---|---|',
    ...growth,
    '',
    `Command: \`npm run bench -- --evidence${captures === undefined ? '' : ' --captures <folder>'}\``,
    '',
  ];
}
