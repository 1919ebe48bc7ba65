import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { StreamFrameSchema } from '@/lib/contract/stream';
import { UnloopError } from '@/lib/domain/unloop-error';
import { type Grant, SEEN_KINDS, type Viewer } from '@/lib/domain/viewer';
import type { WatchState } from '@/lib/domain/watch-state';
import { DayHours } from '@/server/loops/day-hours';
import { toStoredLoop } from '@/server/loops/stored-loop';
import { type ReadContext, readContext } from '@/server/read/context';
import { getDiagnosis } from '@/server/read/get-diagnosis';
import { getRunLog } from '@/server/read/get-log';
import { getCause, listCauses } from '@/server/read/list-causes';
import { listClusters } from '@/server/read/list-clusters';
import { listHistory } from '@/server/read/list-history';
import { listLoops } from '@/server/read/list-loops';
import { listPods } from '@/server/read/list-pods';
import { runtime, runtimeSlot } from '@/server/runtime-slot';
import { onEachEngine } from '@/server/store/test-engines';
import { aHeldLog, anEvent } from '@/server/store/test-samples';
import { openStream } from '@/server/stream/open-stream';
import { placeRuntime, SAMPLE_CLUSTER, sampleLive } from './sample-runtime';

const NOW = Date.now();
const WEB = { plural: 'deployments', namespace: 'shop', name: 'web' };
const WEB_ROW = { id: 'deployments/shop/web/app' };

function person(...grants: Omit<Grant, 'cluster'>[]): ReadContext {
  const viewer: Viewer = {
    kind: 'person',
    name: 'kim',
    grants: grants.map((g) => ({ cluster: SAMPLE_CLUSTER, ...g })),
  };
  return { viewer };
}

const OF_BILLING = person({ namespaces: ['billing'], kinds: SEEN_KINDS });
const OF_SHOP = person({ namespaces: ['shop'], kinds: SEEN_KINDS });
const PODS_ALONE = person({ namespaces: null, kinds: ['pods'] });
const OF_NOTHING = person();

function watch(namespace: string, state: WatchState['state'], text: string): WatchState {
  const now = Date.now();
  return { resource: 'pods', namespace, state, text, since: now, attempt: 0, lastHeardAt: now, nextTryAt: null };
}

onEachEngine('what a viewer of one namespace is answered', (given) => {
  let live: ReturnType<typeof sampleLive>;
  const watches: WatchState[] = [];
  let logOfShop = { cluster: SAMPLE_CLUSTER, namespace: 'shop', pod: '', container: 'app', run: '' };

  beforeEach(async () => {
    const now = Date.now();
    const hour = now - (now % 3_600_000);
    watches.splice(
      0,
      watches.length,
      watch('shop', 'stale', 'the list of pods in shop broke off'),
      watch('billing', 'live', ''),
    );
    live = sampleLive(now, {
      watchStates: watches,
      hours: new DayHours([
        { at: hour, namespace: 'shop', category: 'image', crashes: 77_777 },
        { at: hour, namespace: 'billing', category: 'resource', crashes: 7 },
      ]),
    });
    placeRuntime(given.store, live);
    const { entry } = live;
    if (entry.row)
      entry.row.verdict = { cause: 'bad-command', category: 'image', confidence: 'likely', what: 'no such file' };
    const stored = toStoredLoop(SAMPLE_CLUSTER, entry, now);
    const runs = [...entry.runs.values()].flat();
    const [first] = runs;
    if (!stored || !first) throw new Error('the sample is no loop');
    logOfShop = { ...logOfShop, pod: first.podName, run: first.id };
    await given.store.record({ cluster: SAMPLE_CLUSTER, runs, loops: [stored] });
    await given.store.saveLog(SAMPLE_CLUSTER, first.id, aHeldLog('boom in shop\n'));
    const ended = { ...stored, state: 'gone' as const, endedAt: now - 60_000, updatedAt: now - 60_000 };
    const events = new Map([[stored.id, [anEvent()]]]);
    await given.store.record({ cluster: SAMPLE_CLUSTER, runs: [], loops: [ended], events });
  });
  afterEach(() => {
    runtimeSlot().runtime = null;
  });

  /** The frames of a stream over which rows of shop come and go and its watch changes, then those of billing. */
  async function streamed(context: ReadContext, namespaces: readonly string[] | null) {
    const { signal } = new AbortController();
    const response = openStream(context, { cluster: SAMPLE_CLUSTER, namespaces }, new Request('http://x/', { signal }));
    const { hub } = runtime().clusters.get(SAMPLE_CLUSTER) ?? {};
    const asOf = new Date().toISOString();
    if (!hub || !live.entry.row) throw new Error('the sample has no stream');
    hub.publish({ asOf, upserts: [live.entry.row], removed: ['deployments/shop/old/app'] });
    watches[0] = watch('shop', 'forbidden', 'pods in shop may not be listed');
    hub.publish({ asOf, upserts: [], removed: [], isStatus: true });
    hub.publish({ asOf, upserts: [], removed: ['pods/billing/calm-0/app'] });
    for (const close of [...runtime().closers]) close();
    const text = await response.text();
    return [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => StreamFrameSchema.parse(JSON.parse(data ?? '')));
  }

  /** Every answer as text, by the verb that gave it; a refusal as its words. */
  async function answers(context: ReadContext): Promise<Record<string, string>> {
    const query = { cluster: SAMPLE_CLUSTER, namespaces: null };
    const asked: Record<string, () => unknown> = {
      'the board': () => listLoops(context, query),
      'the board of shop': () => listLoops(context, { ...query, namespaces: ['shop'] }).loops,
      pods: () => listPods(context, query),
      clusters: () => listClusters(context),
      history: () => listHistory(context, { ...query, filter: '', periodMs: null }),
      'history of shop': async () =>
        (await listHistory(context, { ...query, namespaces: ['shop'], filter: '', periodMs: null })).ended,
      causes: () => listCauses(context).causes.map(({ affected }) => affected),
      cause: () => getCause(context, { id: 'bad-command' }).affected,
      stream: () => streamed(context, null),
      'stream of shop': () => streamed(context, ['shop']),
    };
    const texts = Object.entries(asked).map(async ([verb, ask]) => [verb, JSON.stringify(await ask())] as const);
    return Object.fromEntries(await Promise.all(texts));
  }

  it('names nothing of another namespace, where the local viewer is told of it by every verb', async () => {
    const told = await answers(readContext());
    expect(Object.keys(told).filter((verb) => !told[verb]?.includes('shop'))).toEqual([]);
    const untold = await answers(OF_BILLING);
    expect(Object.keys(untold).filter((verb) => /shop|web|77777|bad-command/.test(untold[verb] ?? ''))).toEqual([]);
    const nothing = await answers(OF_NOTHING).catch((error: Error) => error.message);
    expect(nothing).toBe(`there is no cluster "${SAMPLE_CLUSTER}"`);
  });

  it('is asked of every read verb', () => {
    const folder = join(import.meta.dirname, 'read');
    const sources = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    const verbs = sources.flatMap((text) => [
      ...text.matchAll(/^export (?:async )?function (\w+)\(\s*(?:\w+|\{[^}]*\}): ReadContext\b/gm),
    ]);
    expect(verbs.length).toBeGreaterThan(7);
    const own = readFileSync(import.meta.filename, 'utf8');
    const unasked = verbs.flatMap(([, verb = '']) => (own.includes(`${verb}(`) ? [] : [verb]));
    expect(unasked, 'read verbs that this file does not ask as a viewer of one namespace').toEqual([]);
  });

  it('counts and lists the own namespace alone', async () => {
    const board = listLoops(OF_BILLING, { cluster: SAMPLE_CLUSTER, namespaces: null });
    expect(board.namespaces).toEqual([{ name: 'billing', loops: 0 }]);
    expect(board.totals).toMatchObject({ looping: 0, replicasFailing: 0, replicasTotal: 0, pods: 1, namespaces: 1 });
    expect(board.totals.crashesPerHour.at(-1)?.counts).toEqual({ resource: 7 });
    expect(board.coverage).toMatchObject([{ namespace: 'billing', state: 'live' }]);
    expect(listPods(OF_BILLING, { cluster: SAMPLE_CLUSTER, namespaces: ['billing', 'shop'] })).toHaveLength(1);
    const history = await listHistory(OF_BILLING, {
      cluster: SAMPLE_CLUSTER,
      namespaces: null,
      filter: '',
      periodMs: null,
    });
    expect(history).toMatchObject({ ended: [], namespaces: [], totals: { recovered: 0, gone: 0, cameBack: 0 } });
    expect(history.totals.spans.every(({ counts }) => Object.keys(counts).length === 0)).toBe(true);
    const own = await listHistory(OF_SHOP, { cluster: SAMPLE_CLUSTER, namespaces: null, filter: '', periodMs: null });
    expect(own).toMatchObject({ ended: [{ loop: WEB_ROW }], totals: { gone: 1 } });
    expect(listLoops(OF_SHOP, { cluster: SAMPLE_CLUSTER, namespaces: null }).loops).toMatchObject([WEB_ROW]);
  });

  it('says how the cluster stands by the watches of the own namespace', () => {
    expect(listClusters(OF_BILLING)).toMatchObject([{ state: 'live', reason: null }]);
    expect(listClusters(OF_SHOP)).toMatchObject([{ state: 'stale', reason: 'the list of pods in shop broke off' }]);
    const elsewhere = person({ namespaces: ['data'], kinds: SEEN_KINDS });
    expect(listClusters(elsewhere)).toMatchObject([
      { state: 'forbidden', reason: expect.stringContaining('None of the namespaces that you may see is watched') },
    ]);
    expect(listClusters(OF_NOTHING)).toEqual([]);
    watches.splice(0, watches.length, watch('*', 'live', ''));
    expect(listClusters(OF_BILLING)).toMatchObject([{ state: 'live' }]);
    expect(listLoops(OF_BILLING, { cluster: SAMPLE_CLUSTER, namespaces: null }).coverage).toHaveLength(1);
  });

  it('denies that a diagnosis or a log of another namespace exists, in the words for what is not there', async () => {
    const refusal = async (context: ReadContext, name: string, endedAt: number | null) => {
      const query = { cluster: SAMPLE_CLUSTER, ...WEB, name, endedAt };
      const { code, message, hint } = await getDiagnosis(context, query).then(
        () => new UnloopError('internal', 'it was answered'),
        (error: UnloopError) => error,
      );
      return { code, message: message.replace(name, '<name>'), hint };
    };
    for (const endedAt of [null, NOW]) {
      expect(await refusal(OF_BILLING, 'web', endedAt)).toEqual(await refusal(readContext(), 'none', endedAt));
    }
    const log = async (run: string, context = OF_BILLING) =>
      await getRunLog(context, { ...logOfShop, run }).catch((error: Error) => error.message);
    expect(await log(logOfShop.run)).toBe(`run "${logOfShop.run}" of shop/${logOfShop.pod}/app is not recorded`);
    for (const run of ['current', 'previous']) expect(await log(run)).toBe(`pod shop/${logOfShop.pod} is gone`);
    expect(await log(logOfShop.run, OF_SHOP)).toMatchObject({ text: 'boom in shop\n' });
    expect(await log(logOfShop.run, readContext())).toMatchObject({ text: 'boom in shop\n' });
  });

  it('sends no frame when only another namespace changes, and its own frames alone', async () => {
    const kinds = async (context: ReadContext) => (await streamed(context, null)).map(({ kind }) => kind);
    expect(await kinds(readContext())).toEqual(['hello', 'snapshot', 'change', 'change', 'change']);
    watches[0] = watch('shop', 'stale', '');
    const [, , change, ...more] = await streamed(OF_BILLING, null);
    expect(more).toEqual([]);
    expect(change).toMatchObject({ upserts: [], removed: ['pods/billing/calm-0/app'], totals: { pods: 1 } });
  });

  it('shows pods without cause, log, events or change to whoever may see pods alone', async () => {
    const board = listLoops(PODS_ALONE, { cluster: SAMPLE_CLUSTER, namespaces: null });
    expect(board.loops).toMatchObject([{ ...WEB_ROW, verdict: null, change: null }]);
    expect(board.totals.crashesPerHour.at(-1)?.counts).toEqual({ unknown: 77_784 });
    const query = { cluster: SAMPLE_CLUSTER, ...WEB, endedAt: null };
    const full = await getDiagnosis(readContext(), query);
    expect(full.events).toHaveLength(1);
    expect(full.runs.some(({ log }) => log === 'held')).toBe(true);
    const bare = await getDiagnosis(PODS_ALONE, query);
    expect(bare).toMatchObject({ events: [], verdicts: [], steps: [], spec: null, evidence: [] });
    expect(bare.specText).toContain('whoever may see all that it is read from');
    expect(bare.runs).toHaveLength(full.runs.length);
    expect(bare.runs.filter(({ log }) => log === 'held' || log === 'pending')).toEqual([]);
    expect(JSON.stringify(bare)).not.toMatch(/bad-command|boom/);
    const log = getRunLog(PODS_ALONE, logOfShop);
    await expect(log).rejects.toMatchObject({ code: 'forbidden-by-cluster', message: expect.stringContaining('shop') });
  });
});
