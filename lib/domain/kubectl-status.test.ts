import { describe, expect, it } from 'vitest';
import { kubectlStatus } from './kubectl-status';
import { at, condition, container, ended, pod, running, terminated, waiting } from './pod-fixture';
import type { PodSnapshot } from './pod-snapshot';

const CRASH_LOOP = waiting('CrashLoopBackOff');
const init = (over: Parameters<typeof container>[0] = {}) => container({ name: 'init', type: 'init', ...over });
const sidecar = (over: Parameters<typeof container>[0] = {}) => container({ name: 'proxy', type: 'sidecar', ...over });

/** [what, pod, STATUS, READY]. */
const VECTORS: readonly (readonly [string, PodSnapshot, string, string])[] = [
  ['a healthy pod', pod([container()]), 'Running', '1/1'],
  ['running but not ready', pod([container({ ready: false })]), 'Running', '0/1'],
  [
    'not scheduled: no statuses at all',
    pod([], { phase: 'Pending', appCount: 2, conditions: [condition('PodScheduled', 'False', 'Unschedulable')] }),
    'Pending',
    '0/2',
  ],
  [
    'held back by a scheduling gate',
    pod([], { phase: 'Pending', appCount: 1, conditions: [condition('PodScheduled', 'False', 'SchedulingGated')] }),
    'SchedulingGated',
    '0/1',
  ],
  [
    'being created',
    pod([container({ state: waiting('ContainerCreating') })], { phase: 'Pending' }),
    'ContainerCreating',
    '0/1',
  ],
  ['waiting without a reason', pod([container({ state: waiting('') })], { phase: 'Pending' }), 'Pending', '0/1'],
  ['a status without a state', pod([container({ state: { kind: 'none' } })], { phase: 'Pending' }), 'Pending', '0/1'],
  ['image absent', pod([container({ state: waiting('ErrImagePull') })], { phase: 'Pending' }), 'ErrImagePull', '0/1'],
  ['back-off shown', pod([container({ state: CRASH_LOOP, restartCount: 4 })]), 'CrashLoopBackOff', '0/1'],
  ['back-off not shown yet', pod([container({ state: terminated(), restartCount: 3 })]), 'Error', '0/1'],
  [
    'killed at its limit',
    pod([container({ state: terminated({ exitCode: 137, reason: 'OOMKilled' }) })]),
    'OOMKilled',
    '0/1',
  ],
  ['exit without a reason', pod([container({ state: terminated({ exitCode: 3, reason: '' }) })]), 'ExitCode:3', '0/1'],
  [
    'signal without a reason',
    pod([container({ state: terminated({ exitCode: 137, reason: '', signal: 9 }) })]),
    'Signal:9',
    '0/1',
  ],
  [
    'exit 0 without a reason',
    pod([container({ state: terminated({ exitCode: 0, reason: '' }) })]),
    'ExitCode:0',
    '0/1',
  ],
  [
    'a finished job pod',
    pod([container({ state: terminated({ exitCode: 0 }) })], { phase: 'Succeeded' }),
    'Completed',
    '0/1',
  ],
  [
    'one loops, one runs',
    pod([container({ name: 'a', state: CRASH_LOOP }), container({ name: 'b' })]),
    'CrashLoopBackOff',
    '1/2',
  ],
  [
    'the first container that names a reason wins',
    pod([container({ name: 'a', state: terminated() }), container({ name: 'b', state: CRASH_LOOP })]),
    'Error',
    '0/2',
  ],
  [
    'one completed, one runs, pod not ready',
    pod([container({ name: 'a', state: terminated({ exitCode: 0 }) }), container({ name: 'b' })], {
      conditions: [condition('Ready', 'False')],
    }),
    'NotReady',
    '1/2',
  ],
  [
    'one completed, one runs, pod ready',
    pod([container({ name: 'a', state: terminated({ exitCode: 0 }) }), container({ name: 'b' })], {
      conditions: [condition('Ready', 'True')],
    }),
    'Running',
    '1/2',
  ],
  [
    'one completed, one failed',
    pod([container({ name: 'a', state: terminated({ exitCode: 0 }) }), container({ name: 'b', state: terminated() })], {
      phase: 'Failed',
    }),
    'Error',
    '0/2',
  ],
  [
    'first of three init containers runs',
    pod(
      [
        init({ name: 'i1', state: running() }),
        init({ name: 'i2', state: waiting('PodInitializing') }),
        container({ state: waiting('PodInitializing') }),
      ],
      { phase: 'Pending', initCount: 3 },
    ),
    'Init:0/3',
    '0/1',
  ],
  [
    'second init container runs',
    pod(
      [
        init({ state: terminated({ exitCode: 0 }) }),
        init({ name: 'i2', state: running() }),
        container({ state: waiting('PodInitializing') }),
      ],
      {
        phase: 'Pending',
      },
    ),
    'Init:1/2',
    '0/1',
  ],
  [
    'init failed',
    pod([init({ state: terminated() }), container({ state: waiting('PodInitializing') })], { phase: 'Pending' }),
    'Init:Error',
    '0/1',
  ],
  [
    'init failed without a reason',
    pod([init({ state: terminated({ reason: '', exitCode: 7 }) })], { appCount: 1 }),
    'Init:ExitCode:7',
    '0/1',
  ],
  [
    'init killed by a signal',
    pod([init({ state: terminated({ reason: '', signal: 11, exitCode: 139 }) })], { appCount: 1 }),
    'Init:Signal:11',
    '0/1',
  ],
  [
    'init loops',
    pod([init({ state: CRASH_LOOP }), container({ state: waiting('PodInitializing') })], { phase: 'Pending' }),
    'Init:CrashLoopBackOff',
    '0/1',
  ],
  [
    'init image absent',
    pod([init({ state: waiting('ImagePullBackOff') }), container({ state: waiting('PodInitializing') })]),
    'Init:ImagePullBackOff',
    '0/1',
  ],
  [
    'sidecar up, init container after it loops',
    pod(
      [
        sidecar(),
        init({ name: 'i2', state: CRASH_LOOP }),
        container({ name: 'a', state: waiting('PodInitializing') }),
        container({ name: 'b', state: waiting('PodInitializing') }),
      ],
      { phase: 'Pending' },
    ),
    'Init:CrashLoopBackOff',
    '1/3',
  ],
  [
    'sidecar runs, its startup probe not passed',
    pod([sidecar({ started: false, ready: false }), container({ state: waiting('PodInitializing') })], {
      phase: 'Pending',
    }),
    'Init:0/1',
    '0/2',
  ],
  [
    'sidecar crashed after the pod was initialized',
    pod([sidecar({ state: CRASH_LOOP, started: false, restartCount: 2 }), container()], {
      conditions: [condition('Initialized', 'True')],
    }),
    'Init:CrashLoopBackOff',
    '1/2',
  ],
  [
    'evicted, no container statuses',
    pod([], { phase: 'Failed', reason: 'Evicted', appCount: 1, deletedAt: at('12:00:00') }),
    'Evicted',
    '0/1',
  ],
  [
    'evicted, a container status remains',
    pod([container({ state: terminated({ exitCode: 137, reason: 'Error' }) })], { phase: 'Failed', reason: 'Evicted' }),
    'Error',
    '0/1',
  ],
  ['being deleted', pod([container()], { deletedAt: at('12:00:00') }), 'Terminating', '1/1'],
  [
    'loops while being deleted',
    pod([container({ state: CRASH_LOOP })], { deletedAt: at('12:00:00') }),
    'Terminating',
    '0/1',
  ],
  ['node lost and deleted', pod([container()], { reason: 'NodeLost', deletedAt: at('12:00:00') }), 'Unknown', '1/1'],
  ['node lost, not deleted', pod([container()], { reason: 'NodeLost' }), 'NodeLost', '1/1'],
];

describe('kubectlStatus', () => {
  it.each(VECTORS)('%s', (_what, snapshot, status, ready) => {
    const printed = kubectlStatus(snapshot);
    expect([printed.status, `${printed.ready}/${printed.total}`]).toEqual([status, ready]);
  });

  it('follows the wording of older servers', () => {
    const evicted = pod([], { phase: 'Failed', reason: 'Evicted', appCount: 1, deletedAt: at('12:00:00') });
    expect(kubectlStatus(evicted, 30).status).toBe('Terminating');
    expect(kubectlStatus(evicted, 31).status).toBe('Evicted');
    const halfFailed = pod([
      container({ name: 'a', state: terminated({ exitCode: 0 }) }),
      container({ name: 'b', state: terminated() }),
    ]);
    expect(kubectlStatus(halfFailed, 34).status).toBe('Completed');
    expect(kubectlStatus(halfFailed, 35).status).toBe('Error');
  });

  it('sums restarts over app containers and dates them with the newest termination', () => {
    const printed = kubectlStatus(
      pod([
        container({ name: 'a', restartCount: 2, lastTermination: ended({ finishedAt: at('11:50:00') }) }),
        container({ name: 'b', restartCount: 3, lastTermination: ended({ finishedAt: at('11:40:00') }) }),
      ]),
    );
    expect([printed.restarts, printed.lastRestartAt]).toEqual([5, at('11:50:00')]);
  });

  it('drops restarts of init containers once the pod is initialized, keeps those of sidecars', () => {
    const done = init({
      restartCount: 7,
      state: terminated({ exitCode: 0 }),
      lastTermination: ended({ finishedAt: at('11:59:00') }),
    });
    const proxy = sidecar({ restartCount: 2, lastTermination: ended({ finishedAt: at('11:30:00') }) });
    const initialized = kubectlStatus(pod([done, proxy, container({ restartCount: 1 })]));
    expect([initialized.restarts, initialized.lastRestartAt]).toEqual([3, at('11:30:00')]);

    const initializing = kubectlStatus(
      pod([
        init({ restartCount: 7, state: CRASH_LOOP, lastTermination: ended({ finishedAt: at('11:59:00') }) }),
        proxy,
      ]),
    );
    expect([initializing.restarts, initializing.lastRestartAt]).toEqual([7, at('11:59:00')]);
  });

  it('ignores the end shown in state, as kubectl does', () => {
    expect(kubectlStatus(pod([container({ state: terminated(), restartCount: 0 })])).lastRestartAt).toBeNull();
  });
});
