import { describe, expect, it } from 'vitest';
import { at } from '@/lib/domain/pod-fixture';
import { evaluateEntry } from './evaluate';
import { LoopTable } from './loop-table';
import { crashed, tableOfWeb, WEB, WEB_GROUP } from './sample-entries';

const APP = { name: 'app', type: 'app', image: 'registry.example/app:1' } as const;
const CONTEXT = { now: at('12:05:00'), serverMinor: 34, nodes: new Map() };

describe('LoopTable', () => {
  it('gives each run once, and keeps them in order', () => {
    const { table, entry } = tableOfWeb(2);
    expect(table.seen(entry, crashed(2), at('12:02:30'))).toEqual([]);
    const [third] = table.seen(entry, crashed(3), at('12:03:01'));
    expect(third).toMatchObject({ restartIndex: 2, exitCode: 1, loopId: entry.id });
    expect(entry.runs.get('uid-web-0')?.map((run) => run.restartIndex)).toEqual([0, 1, 2]);
    expect(entry.announced.get(third?.id ?? '')).toBe(40_000);
  });

  it('asks for the log of an ended run once', () => {
    const { table, entry } = tableOfWeb(1);
    expect(table.logWanted(entry, 'uid-web-0')?.restartIndex).toBe(0);
    expect(table.logWanted(entry, 'uid-web-0')).toBeNull();
    table.seen(entry, crashed(2), at('12:02:01'));
    expect(table.logWanted(entry, 'uid-web-0')?.restartIndex).toBe(1);
  });

  it('gives recorded runs of a container that was no loop to the loop that it becomes', () => {
    const [run] = tableOfWeb(1).entry.runs.get('uid-web-0') ?? [];
    if (!run) throw new Error('no run was seen');
    const table = new LoopTable();
    table.runResumed({ ...run, loopId: 'somewhere/else' });
    const entry = table.suspected(WEB_GROUP, WEB, APP);
    expect(table.seen(entry, crashed(1), at('12:01:30'))).toEqual([]);
    expect(entry.runs.get('uid-web-0')).toEqual([run]);
  });

  it('forgets recorded runs of pods that were not listed', () => {
    const [run] = tableOfWeb(1).entry.runs.get('uid-web-0') ?? [];
    if (!run) throw new Error('no run was seen');
    const table = new LoopTable();
    table.runResumed(run);
    table.allListed(new Map());
    const entry = table.suspected(WEB_GROUP, WEB, APP);
    expect(table.seen(entry, crashed(1), at('12:01:30'))).toHaveLength(1);
  });

  it('moves a loop to the workload that owns it, under a new id, with its runs', () => {
    const { table, entry } = tableOfWeb(2);
    const before = entry.id;
    const { retired, moved } = table.owned(WEB_GROUP, { kind: 'Rollout', namespace: 'shop', name: 'web' });
    expect(retired).toEqual([before]);
    expect(moved).toEqual([entry]);
    expect(entry.workload.kind).toBe('Rollout');
    expect(entry.runs.get('uid-web-0')?.every((run) => run.loopId === entry.id)).toBe(true);
    expect(table.byId(before)).toBeUndefined();
    expect(table.group(WEB_GROUP)?.get('app')).toBe(entry);
  });

  it('merges two groups of one owner, and lets nothing change the entry that is no more', () => {
    const { table, entry } = tableOfWeb(2);
    const rollout = { kind: 'Rollout', namespace: 'shop', name: 'web' };
    table.owned(WEB_GROUP, rollout);
    const other = table.suspected('shop/ReplicaSet/web-2', { ...WEB, name: 'web-2' }, APP);
    table.seen(other, crashed(1, { uid: 'uid-web-9' }), at('12:01:01'));
    const { moved } = table.owned('shop/ReplicaSet/web-2', rollout);
    expect(moved).toEqual([entry]);
    expect([...entry.runs.keys()]).toEqual(['uid-web-0', 'uid-web-9']);
    table.diagnosed(other, { cause: 'oom-killed', category: 'resource', confidence: 'certain', what: 'x' }, null);
    expect(table.judged(other, evaluateEntry(other, [crashed(1)], CONTEXT), true)).toBeNull();
    expect(other.verdict).toBeNull();
  });

  it('keeps the row of a loop where it says the same, and says so', () => {
    const { table, entry } = tableOfWeb(3);
    const judge = () => table.judged(entry, evaluateEntry(entry, [crashed(3)], CONTEXT), true);
    expect(judge()).toEqual({ isRowChanged: true, wasListed: false, hasEntered: true });
    const { row } = entry;
    expect(judge()).toEqual({ isRowChanged: false, wasListed: true, hasEntered: false });
    expect(entry.row).toBe(row);
  });

  it('names a recorded change in the row once it is known', () => {
    const { table, entry } = tableOfWeb(2);
    const rollout = { kind: 'rollout', at: at('12:00:30'), text: 'rev 2', detail: null };
    table.changesRead(entry, [rollout]);
    expect(evaluateEntry(entry, [crashed(2)], CONTEXT).row?.change).toMatchObject({ text: 'rev 2, 30s before' });
  });
});
