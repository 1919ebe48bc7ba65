import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LoopsPageSchema } from '@/lib/contract/loop';
import { StreamFrameSchema } from '@/lib/contract/stream';
import { CATEGORIES } from '@/lib/domain/causes';
import { LOCAL_VIEWER, sightOf } from '@/lib/domain/viewer';
import { readCapture } from '@/server/capture/read-capture';
import { startDemoCluster } from '@/server/demo/start-demo-cluster';
import { judgeSource } from '@/server/evidence/judge-record';
import { type ClusterTarget, loadClusterTargets, targetFromServer } from '@/server/kubernetes/cluster-targets';
import { BrokenRules } from '@/server/loops/broken-rules';
import { boardOf, coverageOf, statusOf } from '@/server/loops/live-cluster';
import { ClusterPipeline } from '@/server/pipeline/cluster-pipeline';
import { exportEvidence, readEvidence } from '@/server/read/read-evidence';
import { openStore } from '@/server/store/open-store';
import type { Store } from '@/server/store/store';
import { type LoopEvidence, noEvidence } from '@/server/view/loop-evidence';

const DEADLINE_MS = 60_000;
const ALL = sightOf(LOCAL_VIEWER, 'demo', null);

/** Resolves when the condition holds; fails with its name at the deadline. */
async function until(name: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + DEADLINE_MS;
  while (Date.now() < end) {
    if (await condition()) return;
    await new Promise((go) => setTimeout(go, 50));
  }
  throw new Error(`not within ${DEADLINE_MS} ms: ${name}`);
}

describe('ClusterPipeline on the demo cluster', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'unloop-pipeline-'));
  let demo: Awaited<ReturnType<typeof startDemoCluster>>;
  let store: Store;
  let pipeline: ClusterPipeline;

  beforeAll(async () => {
    demo = await startDemoCluster({});
    store = await openStore({ databaseUrl: null, dataDir });
    pipeline = new ClusterPipeline(targetFromServer('demo', demo.url), store, null);
    await pipeline.start();
    await until('every loop is diagnosed', () => {
      const { loops } = boardOf(pipeline.live, ALL, 0);
      return (
        pipeline.live.isSynced &&
        loops.length >= 14 &&
        loops.every((loop) => loop.verdict !== null || loop.state === 'gone' || loop.state === 'recovered')
      );
    });
  }, DEADLINE_MS + 10_000);

  afterAll(async () => {
    await pipeline.stop();
    await store.close();
    await demo.stop();
    rmSync(dataDir, { recursive: true });
  });

  it('gives a page of the contract with loops of every category', () => {
    const page = LoopsPageSchema.parse(boardOf(pipeline.live, ALL, 0));
    const categories = new Set(page.loops.map((loop) => loop.verdict?.category));
    for (const category of CATEGORIES) expect(categories, category).toContain(category);
    expect(page.totals.looping).toBeGreaterThan(0);
    expect(page.totals.pods).toBeGreaterThan(page.loops.length);
    expect(statusOf(pipeline.live, LOCAL_VIEWER)).toMatchObject({ state: 'live', reason: null });
  });

  it('says of each loop the same on its page and in its export, word for word', {
    timeout: DEADLINE_MS + 10_000,
  }, async () => {
    const ids = boardOf(pipeline.live, ALL, 0)
      .loops.filter((loop) => loop.verdict !== null)
      .map((loop) => loop.id);
    expect(ids.length).toBeGreaterThanOrEqual(14);
    const words = (of: readonly { sentence: string; facts: readonly { text: string; value: string }[] }[] = []) =>
      of.map(({ sentence, facts }) => [sentence, ...facts.map(({ text, value }) => `${text}: ${value}`)]);
    for (const id of ids) {
      // A crash meanwhile makes another record: page and export must be of one.
      let page: LoopEvidence | null = null;
      let files: ReadonlyMap<string, string> | null = null;
      await until(`one record of ${id}`, async () => {
        const before = await store.evidence('demo', id);
        page = await readEvidence(store, new BrokenRules(), { sight: ALL, loopId: id, episode: null });
        files = await exportEvidence(store, ALL, id);
        return before !== null && before.manifest === (await store.evidence('demo', id))?.manifest;
      });
      const { body, basis } = page ?? noEvidence('');
      const directory = mkdtempSync(join(dataDir, 'export-'));
      for (const [path, text] of files ?? new Map<string, string>()) {
        mkdirSync(dirname(join(directory, path)), { recursive: true });
        writeFileSync(join(directory, path), text);
      }
      const [source] = (await readCapture(directory)).sources;
      expect(body?.verdicts.length, id).toBeGreaterThan(0);
      expect(words(source && judgeSource(source).verdicts), id).toEqual(words(body?.verdicts));
      expect(basis, id).toMatchObject({ kind: 'record', saidThen: null, brokenRules: [], problem: '' });
    }
  });

  it('keeps each crash once with its log, and says where restarts were missed', {
    timeout: DEADLINE_MS + 10_000,
  }, async () => {
    const loop = boardOf(pipeline.live, ALL, 0).loops.find((row) => row.restarts > 3 && row.state === 'looping');
    const runs = await store.runsOfLoop('demo', loop?.id ?? '');
    expect(new Set(runs.map((run) => run.id)).size).toBe(runs.length);
    const ended = runs.find((run) => run.exitCode !== null);
    await until(
      'the log of the newest crash is held',
      async () => (await store.log('demo', ended?.id ?? ''))?.state === 'held',
    );
    const indices = runs.reduce((sum, run) => sum + 1 + run.missedBefore, 0);
    expect(indices).toBeGreaterThan(runs.length);
  });

  // The demo's next change may be up to a minute away.
  it('sends a viewer frames of the contract when a row changes', { timeout: DEADLINE_MS + 10_000 }, async () => {
    const frames: string[] = [];
    const leave = pipeline.hub.subscribe({ sight: ALL, send: (text) => text && frames.push(text) });
    await until('a change arrives', () => frames.length > 0);
    leave();
    const frame = StreamFrameSchema.parse(JSON.parse(/^data: (.*)$/m.exec(frames[0] ?? '')?.[1] ?? 'null'));
    expect(frame.kind).toBe('change');
  });

  it('goes on after a restart: same rows, no run doubled', { timeout: DEADLINE_MS + 10_000 }, async () => {
    await pipeline.stop();
    const before = await store.loops('demo');
    const runsBefore = new Set(
      (await Promise.all(before.map((l) => store.runsOfLoop('demo', l.id)))).flat().map((r) => r.id),
    );
    await store.close();
    store = await openStore({ databaseUrl: null, dataDir });
    pipeline = new ClusterPipeline(targetFromServer('demo', demo.url), store, null);
    await pipeline.start();
    await until(
      'synced again',
      () =>
        pipeline.live.isSynced &&
        boardOf(pipeline.live, ALL, 0).loops.length >= before.filter((l) => l.endedAt === null).length,
    );
    const after = (await Promise.all((await store.loops('demo')).map((l) => store.runsOfLoop('demo', l.id)))).flat();
    expect(new Set(after.map((run) => run.id)).size).toBe(after.length);
    for (const id of runsBefore) expect(after.some((run) => run.id === id)).toBe(true);
    for (const loop of boardOf(pipeline.live, ALL, 0).loops) {
      const old = before.find((l) => l.id === loop.id);
      if (old && old.state === loop.state) expect(Date.parse(loop.since)).toBe(old.since);
    }
  });
});

describe('ClusterPipeline of one namespace', () => {
  it('is live and synced once that namespace was listed, and names no other', async () => {
    const demo = await startDemoCluster({});
    const store = await openStore({ databaseUrl: null, dataDir: null });
    const pipeline = new ClusterPipeline(targetFromServer('demo', demo.url), store, ['shop']);
    await pipeline.start();
    await until('the namespace is listed', () => pipeline.live.isSynced);
    await until('the watch is live', () => statusOf(pipeline.live, LOCAL_VIEWER).state === 'live');
    expect(new Set(coverageOf(pipeline.live, LOCAL_VIEWER).map((line) => line.namespace))).toEqual(new Set(['shop']));
    await until('its loops are there', () => boardOf(pipeline.live, ALL, 0).loops.length > 0);
    await pipeline.stop();
    await store.close();
    await demo.stop();
  }, 30_000);
});

describe('ClusterPipeline of a configuration with a problem', () => {
  it('says what is wrong, and watches once it was corrected', async () => {
    const demo = await startDemoCluster({});
    const store = await openStore({ databaseUrl: null, dataDir: null });
    const good = targetFromServer('demo', demo.url);
    let found: ClusterTarget = { ...good, kubeConfig: null, server: '', problem: 'Not YAML.', again: () => found };
    const pipeline = new ClusterPipeline(found, store, null);
    await pipeline.start();
    expect(statusOf(pipeline.live, LOCAL_VIEWER)).toMatchObject({
      state: 'misconfigured',
      reason: expect.stringContaining('Not YAML.'),
    });
    found = good;
    await until('the watch is live', () => statusOf(pipeline.live, LOCAL_VIEWER).state === 'live');
    expect(statusOf(pipeline.live, LOCAL_VIEWER).server).toBe(demo.url);
    await pipeline.stop();
    await store.close();
    await demo.stop();
  }, 30_000);
});

describe('ClusterPipeline of a kubeconfig that is corrected while it runs', () => {
  it('shows the address in use, and becomes live without a restart', async () => {
    const demo = await startDemoCluster({});
    const store = await openStore({ databaseUrl: null, dataDir: null });
    const home = mkdtempSync(join(tmpdir(), 'unloop-home-'));
    const file = join(home, 'config');
    const write = (server: string) =>
      writeFileSync(
        file,
        `{current-context: c, clusters: [{name: c, cluster: {server: "${server}"}}], contexts: [{name: c, context: {cluster: c}}]}`,
      );
    write('http://127.0.0.1:1');
    const [target] = loadClusterTargets({ kubeconfig: file, contexts: [], env: process.env, home });
    if (!target) throw new Error('no target');
    const pipeline = new ClusterPipeline(target, store, null);
    await pipeline.start();
    await until('it says what is wrong', () => statusOf(pipeline.live, LOCAL_VIEWER).state === 'unreachable');
    expect(statusOf(pipeline.live, LOCAL_VIEWER).server).toBe('http://127.0.0.1:1');
    write(demo.url);
    await until('the watch is live', () => statusOf(pipeline.live, LOCAL_VIEWER).state === 'live');
    expect(statusOf(pipeline.live, LOCAL_VIEWER).server).toBe(demo.url);
    await until('its loops are there', () => boardOf(pipeline.live, ALL, 0).loops.length > 0);
    await pipeline.stop();
    await store.close();
    await demo.stop();
  }, 30_000);
});
