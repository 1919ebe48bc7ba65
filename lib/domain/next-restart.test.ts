import { describe, expect, it } from 'vitest';
import type { BackoffRun } from './backoff';
import { nextImagePull } from './image-pull-backoff';
import { type NextRestartInput, nextRestart } from './next-restart';
import { at, container, ended, pod, running, terminated, waiting } from './pod-fixture';
import type { ContainerSnapshot, PodSnapshot } from './pod-snapshot';

const NOON = at('12:00:00');
const message = (delay: string) => `back-off ${delay} restarting failed container=app pod=web-0_shop(uid)`;
const clock = (instant: number | undefined) =>
  instant === undefined ? null : new Date(instant).toISOString().slice(11, 19);

function ask(
  c: ContainerSnapshot,
  over: Partial<NextRestartInput> & { minor?: number; podOver?: Partial<PodSnapshot> } = {},
) {
  const { minor = 36, podOver = {}, ...rest } = over;
  return nextRestart({
    pod: pod([c], podOver),
    container: c,
    runs: [],
    backoff: { kubeletMinor: minor },
    now: NOON,
    ...rest,
  });
}

const backingOff = (delay: string, restartCount = 6) =>
  container({ restartCount, state: waiting('CrashLoopBackOff', message(delay)), lastTermination: ended() });

describe('nextRestart', () => {
  it('reckons from the end of the run and the delay that the kubelet names', () => {
    const young = ask(backingOff('5m0s'));
    expect([clock(young?.earliestAt), clock(young?.latestAt)]).toEqual(['12:04:59', '12:05:32']);
    expect(clock(ask(backingOff('5m0s'), { minor: 33 })?.latestAt)).toBe('12:05:17');
    expect(young?.wait.basis).toBe('announced');
  });

  it('counts on the kubelet to forget during the wait what it kept at the start of a long run', () => {
    const long = container({
      restartCount: 6,
      state: waiting('CrashLoopBackOff', message('5m0s')),
      lastTermination: ended({ startedAt: at('11:50:00'), finishedAt: at('11:56:40') }),
    });
    const next = ask(long, { minor: 33, now: at('11:57:00') });
    expect(next?.wait).toMatchObject({ kind: 'collected', dueAt: at('12:00:00'), resets: true });
    expect(clock(next?.earliestAt)).toBe('11:59:59');
  });

  it('works before the kubelet says a word, from the restart count', () => {
    const next = ask(container({ restartCount: 3, state: terminated() }));
    expect(next?.wait).toMatchObject({ nominalMs: 40_000, basis: 'formula' });
    expect([clock(next?.earliestAt), clock(next?.latestAt)]).toEqual(['12:00:39', '12:01:02']);
  });

  it('reads the recorded runs where there are any, the open one completed', () => {
    const run = (index: number, startedAt: string, finishedAt: string | null): BackoffRun => ({
      id: `r${index}`,
      containerId: `containerd://${index}`,
      restartIndex: index,
      startedAt: at(startedAt),
      finishedAt: finishedAt === null ? null : at(finishedAt),
      exitCode: finishedAt === null ? null : 1,
      reason: '',
      image: '',
      missedBefore: 0,
    });
    const runs = [run(5, '11:00:00', '11:20:00'), run(6, '11:20:01', '11:59:00'), run(7, '11:59:01', null)];
    const end = terminated({ containerId: 'containerd://7', startedAt: at('11:59:01'), finishedAt: NOON });
    expect(ask(container({ restartCount: 7, state: end }), { runs })?.wait).toMatchObject({
      afterRunId: 'r7',
      nominalMs: 10_000,
      basis: 'replayed',
    });
  });

  it('expects the first restart at once', () => {
    const next = ask(container({ state: terminated() }));
    expect([next?.wait.kind, clock(next?.latestAt)]).toEqual(['free', '12:00:02']);
  });

  it.each([
    ['it runs', container({ state: running() }), {}],
    ['it is being created', container({ state: waiting('ContainerCreating') }), {}],
    [
      'its image cannot be pulled',
      container({ restartCount: 2, state: waiting('ImagePullBackOff'), lastTermination: ended() }),
      {},
    ],
    [
      'its configuration is missing',
      container({ restartCount: 2, state: waiting('CreateContainerConfigError'), lastTermination: ended() }),
      {},
    ],
    ['the pod is being deleted', backingOff('5m0s'), { deletedAt: NOON }],
    ['it is never restarted', container({ state: terminated() }), { restartPolicy: 'Never' }],
    ['it ended well', container({ state: terminated({ exitCode: 0 }) }), { restartPolicy: 'OnFailure' }],
    [
      'its end has no time',
      container({ restartCount: 1, state: terminated({ finishedAt: null, startedAt: null }) }),
      {},
    ],
  ])('expects none where %s', (_why, c, podOver) => {
    expect(ask(c, { podOver })).toBeNull();
  });

  it('is overdue past the window, and says what that may come from', () => {
    expect(ask(backingOff('5m0s'), { now: at('12:05:32') })).toMatchObject({ isOverdue: false, why: [] });
    const little = ask(backingOff('5m0s'), { now: at('12:05:40') });
    expect(little).toMatchObject({ isOverdue: true, why: ['the image is being pulled, or the node is busy'] });
    const much = ask(backingOff('5m0s'), { now: at('12:09:00'), isNodeReady: false });
    expect(much?.why[0]).toBe('its node is not ready');
    expect(much?.why).not.toContain('the kubelet keeps another back-off than assumed');
    const guessed = ask(container({ restartCount: 3, state: terminated() }), { now: at('12:09:00') });
    expect(guessed?.why).toContain('the kubelet keeps another back-off than assumed');
  });
});

describe('nextImagePull', () => {
  it('doubles from the last failed pull on, up to five minutes, on a grid of 10 to 15 s', () => {
    const nominal = [1, 2, 3, 6, 20].map((count) => nextImagePull({ count, lastAt: NOON }).nominalMs / 1000);
    expect(nominal).toEqual([10, 20, 40, 300, 300]);
    expect(clock(nextImagePull({ count: 2, lastAt: NOON }).latestAt)).toBe('12:00:37');
  });
});
