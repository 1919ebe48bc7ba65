import { describe, expect, it } from 'vitest';
import { at, container, ended, pod, running, terminated, waiting } from './pod-fixture';
import type { ContainerSnapshot, PodSnapshot } from './pod-snapshot';
import { isFailingNow } from './replica-state';

const NOON = at('12:00:00');
const upFor = (seconds: number) => running(NOON - seconds * 1_000);
const lived = (seconds: number) =>
  ended({ startedAt: NOON - 3_600_000, finishedAt: NOON - 3_600_000 + seconds * 1_000 });

describe('isFailingNow', () => {
  it.each<readonly [string, boolean, ContainerSnapshot, Partial<PodSnapshot>]>([
    ['waits in back-off', true, container({ state: waiting('CrashLoopBackOff') }), {}],
    ['has just ended and will be restarted', true, container({ state: terminated() }), {}],
    ['cannot pull its image', true, container({ state: waiting('ErrImagePull') }), {}],
    ['failed with its pod', true, container({ state: terminated() }), { phase: 'Failed' }],
    ['runs between two crashes', true, container({ restartCount: 3, state: upFor(20), lastTermination: lived(5) }), {}],
    [
      'runs, not yet longer than before',
      true,
      container({ restartCount: 3, state: upFor(80), lastTermination: lived(90) }),
      {},
    ],
    ['runs longer than before', false, container({ restartCount: 3, state: upFor(61), lastTermination: lived(5) }), {}],
    ['runs after one crash', false, container({ restartCount: 1, state: upFor(5), lastTermination: lived(5) }), {}],
    ['runs', false, container(), {}],
    ['is being created', false, container({ state: waiting('ContainerCreating') }), { createdAt: NOON }],
    ['is being deleted', false, container({ state: waiting('CrashLoopBackOff') }), { deletedAt: NOON }],
    ['completed', false, container({ state: terminated({ exitCode: 0 }) }), { phase: 'Succeeded' }],
  ])('%s: %s', (_what, isFailing, status, over) => {
    expect(isFailingNow(status, pod([status], over), NOON)).toBe(isFailing);
  });
});
