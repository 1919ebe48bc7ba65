import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { HistoryPageSchema } from '@/lib/contract/history';
import { LoopsPageSchema } from '@/lib/contract/loop';
import { LoopTable } from '@/server/loops/loop-table';
import { toStoredLoop } from '@/server/loops/stored-loop';
import { resume } from '@/server/pipeline/resume';
import { operatorContext, readContext } from '@/server/read/context';
import { getRunLog } from '@/server/read/get-log';
import { listClusters } from '@/server/read/list-clusters';
import { listHistory } from '@/server/read/list-history';
import { listLoops } from '@/server/read/list-loops';
import { listPods } from '@/server/read/list-pods';
import { readiness } from '@/server/read/readiness';
import { runtimeSlot } from '@/server/runtime-slot';
import { onEachEngine } from '@/server/store/test-engines';
import { aHeldLog } from '@/server/store/test-samples';
import { placeRuntime, SAMPLE_CLUSTER, sampleLive } from './sample-runtime';

const ASKED = readContext();
const NOW = Date.parse('2026-03-01T12:03:30Z');

onEachEngine('what is read of a cluster', (given) => {
  let live: ReturnType<typeof sampleLive>;
  beforeEach(() => {
    live = sampleLive(NOW);
    placeRuntime(given.store, live);
  });
  afterEach(() => {
    runtimeSlot().runtime = null;
  });

  it('gives the board as the contract says, of all or of some namespaces', () => {
    const board = LoopsPageSchema.parse(listLoops(ASKED, { cluster: SAMPLE_CLUSTER, namespaces: null }));
    expect(board.loops.map(({ id }) => id)).toEqual(['deployments/shop/web/app']);
    expect(board.namespaces).toEqual([
      { name: 'shop', loops: 1 },
      { name: 'billing', loops: 0 },
    ]);
    expect(board.totals).toMatchObject({ looping: 1, replicasFailing: 1, pods: 2, namespaces: 2 });
    const other = listLoops(ASKED, { cluster: SAMPLE_CLUSTER, namespaces: ['billing'] });
    expect(other.loops).toEqual([]);
    expect(other.totals).toMatchObject({ looping: 0, pods: 1, namespaces: 1 });
  });

  it('gives every pod with the words of kubectl', () => {
    expect(listPods(ASKED, { cluster: SAMPLE_CLUSTER, namespaces: ['shop'] })).toMatchObject([
      { namespace: 'shop', ready: '0/1', status: 'CrashLoopBackOff', restarts: 2 },
    ]);
    expect(listPods(ASKED, { cluster: SAMPLE_CLUSTER, namespaces: null })).toHaveLength(2);
  });

  it('says how the cluster stands, and that Unloop is ready', async () => {
    expect(listClusters(ASKED)).toMatchObject([{ id: SAMPLE_CLUSTER, state: 'live', version: 'v1.34.2' }]);
    expect((await readiness(operatorContext())).ready).toBe(true);
  });

  it('names the clusters there are where another is asked for', () => {
    expect(() => listLoops(ASKED, { cluster: 'elsewhere', namespaces: null })).toThrow(
      'there is no cluster "elsewhere"',
    );
  });

  it('gives the log of a recorded run, and the reason where none is kept', async () => {
    const runs = [...live.entry.runs.values()].flat();
    const [first, second] = runs;
    if (!first || !second) throw new Error('the sample has no runs');
    await given.store.record({ cluster: SAMPLE_CLUSTER, runs, loops: [] });
    await given.store.saveLog(SAMPLE_CLUSTER, first.id, aHeldLog('boom\n'));
    const read = (run: string) =>
      getRunLog(ASKED, { cluster: SAMPLE_CLUSTER, namespace: 'shop', pod: first.podName, container: 'app', run });
    expect(await read(first.id)).toMatchObject({ text: 'boom\n', runId: first.id, gapBefore: null });
    await expect(read(second.id)).rejects.toMatchObject({ code: 'not-found' });
    await expect(read('unheard-of')).rejects.toMatchObject({ code: 'not-found' });
    await expect(read('previous')).rejects.toThrow('the kubelet was not asked');
  });

  it('counts ends that cannot be read, in the answer and in the log, and shows the others', async () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const at = Date.now() - 60_000;
    const stored = toStoredLoop(SAMPLE_CLUSTER, live.entry, at);
    if (!stored) throw new Error('the sample is no loop');
    const ended = { ...stored, state: 'recovered' as const, endedAt: at };
    const damaged = { ...ended, id: 'deployments/shop/api/app', row: '{"id":' };
    const strange = { ...ended, id: 'deployments/shop/db/app', row: '{"id":"deployments/shop/db/app"}' };
    await given.store.record({ cluster: SAMPLE_CLUSTER, runs: [], loops: [ended, damaged, strange] });
    const page = await listHistory(ASKED, { cluster: SAMPLE_CLUSTER, namespaces: null, filter: '', periodMs: null });
    expect(HistoryPageSchema.parse(page)).toMatchObject({ unreadable: 2, ended: [{ loop: { id: stored.id } }] });
    expect(await resume(given.store, SAMPLE_CLUSTER, new LoopTable())).toHaveLength(1);
    const said = stderr.mock.calls.join('');
    expect(said).toContain('deployments/shop/api/app: A stored loop cannot be read: it is no JSON');
    expect(said).toContain('deployments/shop/db/app: A stored loop cannot be read: workload: ');
    stderr.mockRestore();
  });

  it('tells of loops that ended, newest first, by namespace', async () => {
    const stored = toStoredLoop(SAMPLE_CLUSTER, live.entry, NOW);
    if (!stored) throw new Error('the sample is no loop');
    const runs = [...live.entry.runs.values()].flat();
    const endedAt = Date.now() - 60_000;
    await given.store.record({ cluster: SAMPLE_CLUSTER, runs, loops: [stored] });
    await given.store.record({
      cluster: SAMPLE_CLUSTER,
      runs: [],
      loops: [{ ...stored, state: 'recovered', endedAt, updatedAt: endedAt }],
    });
    const ask = async (namespaces: readonly string[] | null, filter = '') =>
      HistoryPageSchema.parse(
        await listHistory(ASKED, { cluster: SAMPLE_CLUSTER, namespaces, filter, periodMs: null }),
      );
    expect((await ask(null)).ended).toMatchObject([
      { outcome: 'recovered', endedAt: new Date(endedAt).toISOString(), loop: { id: 'deployments/shop/web/app' } },
    ]);
    expect((await ask(['billing'])).ended).toEqual([]);
    expect((await ask(null, '!web')).ended).toEqual([]);
  });
});
