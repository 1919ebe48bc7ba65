import { describe, expect, it, vi } from 'vitest';
import { LoopTable } from '@/server/loops/loop-table';
import { PodCensus } from '@/server/loops/pod-census';
import { crashed, WEB_GROUP, well } from '@/server/loops/sample-entries';
import { PodObserver } from './pod-observer';

function given() {
  const told = {
    owners: { resolve: vi.fn() },
    nodes: { meet: vi.fn() },
    recorder: { addRun: vi.fn(), addChange: vi.fn() },
    crashLogs: { crashed: vi.fn() },
    judge: { ask: vi.fn() },
  };
  const table = new LoopTable();
  const census = new PodCensus();
  const observer = new PodObserver({ table, census, ...told });
  const calls = () => Object.values(told).flatMap((part) => Object.values(part).flatMap((fn) => fn.mock.calls));
  return { ...told, table, census, observer, calls };
}

describe('PodObserver', () => {
  it('tells nobody of pods that are well, and counts them', () => {
    const { observer, census, table, calls } = given();
    observer.see(undefined, well());
    observer.see(well(), well({ conditions: [] }));
    expect(calls()).toEqual([]);
    expect([...table.all()]).toEqual([]);
    expect(census.podCount).toBe(1);
    expect([...census.group(WEB_GROUP)]).toEqual(['uid-web-0']);
  });

  it('counts pods of one owner by what each tells of itself: mirror pods of a node apart, revisions together', () => {
    const { observer, census } = given();
    const node = { apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: 'node-1', controller: true };
    observer.see(undefined, well({ uid: 'a', name: 'etcd-node-1', owner: node }));
    observer.see(undefined, well({ uid: 'b', name: 'proxy-node-1', owner: node }));
    expect([...census.group('shop/Pod/etcd-node-1')]).toEqual(['a']);
    expect([...census.group('shop/Pod/proxy-node-1')]).toEqual(['b']);
    const { owner } = well();
    observer.see(undefined, well({ uid: 'c', owner }));
    observer.see(undefined, well({ uid: 'd', owner }));
    observer.see(undefined, well({ uid: 'e', owner, namespace: 'other' }));
    expect([...census.group(WEB_GROUP)]).toEqual(['c', 'd']);
    expect([...census.group('other/Deployment/web')]).toEqual(['e']);
  });

  it('tells of each run, asks for the log of its end, and for a judgement', () => {
    const { observer, recorder, crashLogs, judge, owners, nodes, table } = given();
    observer.see(undefined, crashed(1));
    observer.see(crashed(1), crashed(2));
    observer.see(crashed(2), crashed(2, { reason: 'touched' }));
    const [entry] = table.all();
    expect(recorder.addRun.mock.calls.map(([run]) => run.restartIndex)).toEqual([0, 1]);
    expect(crashLogs.crashed.mock.calls.map(([, run]) => run.restartIndex)).toEqual([0, 1]);
    expect(judge.ask.mock.calls).toEqual([[entry], [entry], [entry]]);
    expect(owners.resolve).toHaveBeenCalledWith(WEB_GROUP, expect.objectContaining({ uid: 'uid-web-0' }));
    expect(nodes.meet).toHaveBeenCalledWith('node-1');
  });

  it('asks for a judgement when a replica that is well comes to a loop', () => {
    const { observer, judge, recorder } = given();
    observer.see(undefined, crashed(1));
    judge.ask.mockClear();
    recorder.addRun.mockClear();
    observer.see(undefined, well({ uid: 'uid-web-1' }));
    expect(judge.ask).toHaveBeenCalledTimes(1);
    expect(recorder.addRun.mock.calls.map(([run]) => run.podUid)).toEqual(['uid-web-1']);
  });

  it('records the deletion of a pod of a loop once, and none of what is no loop', () => {
    const { observer, recorder, table, census } = given();
    observer.see(undefined, crashed(1));
    observer.see(crashed(1), undefined);
    expect(recorder.addChange).not.toHaveBeenCalled();
    const [entry] = table.all();
    if (!entry) throw new Error('no entry was made');
    Object.assign(entry, { row: {} });
    observer.see(undefined, crashed(1));
    observer.see(crashed(1), undefined);
    observer.see(undefined, crashed(1));
    observer.see(crashed(1), undefined);
    expect(recorder.addChange).toHaveBeenCalledExactlyOnceWith(entry.id, expect.objectContaining({ kind: 'pod-gone' }));
    expect(entry.lastPod?.uid).toBe('uid-web-0');
    expect(census.podCount).toBe(0);
  });
});
