import { describe, expect, it } from 'vitest';
import type { ContainerSnapshot, ContainerState, PodSnapshot, Termination } from '@/lib/domain/pod-snapshot';
import { mergeRuns, observeRuns } from './observe';

const T0 = Date.UTC(2026, 10, 20, 14, 0, 0);

function ended(n: number, exitCode = 1): Termination {
  return {
    exitCode,
    signal: 0,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    message: '',
    startedAt: T0 + n * 60_000,
    finishedAt: T0 + n * 60_000 + 2000,
    containerId: `containerd://${String(n).repeat(64).slice(0, 64)}`,
  };
}

function container(restartCount: number, state: ContainerState, last: Termination | null): ContainerSnapshot {
  const containerId = state.kind === 'terminated' ? state.containerId : `containerd://${'f'.repeat(62)}${restartCount}`;
  return {
    name: 'app',
    type: 'app',
    image: 'web:1',
    containerId,
    restartCount,
    ready: false,
    started: null,
    state,
    lastTermination: last,
  };
}

const POD: PodSnapshot = {
  uid: 'u1',
  namespace: 'shop',
  name: 'web-1',
  createdAt: T0,
  deletedAt: null,
  owner: null,
  templateHash: '',
  nodeName: 'n1',
  restartPolicy: 'Always',
  phase: 'Running',
  reason: '',
  message: '',
  conditions: [],
  appCount: 1,
  initCount: 0,
  sidecarCount: 0,
  init: [],
  app: [],
  specContainers: [],
};
const LOOP = 'deployments/shop/web/app';
const waiting: ContainerState = { kind: 'waiting', reason: 'CrashLoopBackOff', message: '' };

describe('observeRuns', () => {
  it('names the crash once, whether it stands in state or in lastState', () => {
    const first = observeRuns(POD, container(3, { kind: 'terminated', ...ended(3) }, ended(2)), LOOP, [], T0);
    expect(first.map((r) => [r.restartIndex, r.exitCode, r.missedBefore])).toEqual([
      [2, 1, 2],
      [3, 1, 0],
    ]);
    const known = mergeRuns([], first, 60);
    expect(observeRuns(POD, container(3, waiting, ended(3)), LOOP, known, T0 + 9000)).toEqual([]);
  });

  it('closes the running run when the whole pod is restarted, once, though its end has neither id nor time', () => {
    const removed = {
      ...ended(0, 137),
      reason: 'RestartingAllContainers',
      startedAt: null,
      finishedAt: null,
      containerId: '',
    };
    const runningAs = (n: number, last: Termination | null, startedAt: number) => ({
      ...container(n, { kind: 'running', startedAt }, last),
      containerId: ended(n).containerId,
    });
    const open = observeRuns(POD, runningAs(0, null, T0), LOOP, [], T0);
    const between: ContainerState = { kind: 'waiting', reason: 'RestartingAllContainers', message: '' };
    const closed = observeRuns(POD, container(1, between, removed), LOOP, open, T0 + 4000);
    expect(closed.map((r) => [r.id, r.startedAt, r.finishedAt, r.exitCode])).toEqual([
      [open[0]?.id, T0, T0 + 4000, 137],
    ]);
    const next = observeRuns(POD, runningAs(1, removed, T0 + 6000), LOOP, mergeRuns(open, closed, 60), T0 + 7000);
    expect(next.map((r) => [r.restartIndex, r.finishedAt, r.missedBefore])).toEqual([[1, null, 0]]);
  });

  it('completes a run that was seen running and keeps its start', () => {
    const running = observeRuns(
      POD,
      { ...container(4, { kind: 'running', startedAt: T0 }, ended(3)), containerId: ended(4).containerId },
      LOOP,
      [],
      T0,
    );
    const known = mergeRuns([], running, 60);
    expect(known.map((r) => r.exitCode)).toEqual([1, null]);
    const end = observeRuns(POD, container(4, waiting, { ...ended(4), startedAt: null }), LOOP, known, T0 + 5);
    expect(end).toHaveLength(1);
    expect(end[0]).toMatchObject({ restartIndex: 4, startedAt: T0, exitCode: 1 });
  });

  it('states restarts that nobody saw and invents no run for them', () => {
    const known = mergeRuns([], observeRuns(POD, container(1, waiting, ended(1)), LOOP, [], T0), 60);
    const later = observeRuns(POD, container(5, waiting, ended(5)), LOOP, known, T0 + 600_000);
    expect(later.map((r) => [r.restartIndex, r.missedBefore])).toEqual([[5, 3]]);
  });

  it('takes a restart count that fell back for what it is', () => {
    const known = mergeRuns([], observeRuns(POD, container(7, waiting, ended(7)), LOOP, [], T0), 60);
    const later = observeRuns(POD, container(0, { kind: 'terminated', ...ended(9) }, null), LOOP, known, T0);
    expect(later.map((r) => [r.restartIndex, r.missedBefore])).toEqual([[0, 0]]);
  });

  it('tells start errors apart although they have no start time', () => {
    const start = (n: number): Termination => ({ ...ended(n, 128), reason: 'StartError', startedAt: null });
    const known = mergeRuns([], observeRuns(POD, container(1, waiting, start(1)), LOOP, [], T0), 60);
    const next = observeRuns(
      POD,
      container(2, { kind: 'waiting', reason: 'RunContainerError', message: '' }, start(2)),
      LOOP,
      known,
      T0,
    );
    expect(next.map((r) => [r.restartIndex, r.exitCode, r.startedAt])).toEqual([[2, 128, null]]);
  });
});
