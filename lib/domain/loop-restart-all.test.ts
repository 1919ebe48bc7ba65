import { describe, expect, it } from 'vitest';
import { containerOf } from './container-exits';
import type { Run } from './loop';
import { judgeLoop } from './loop-state';
import { nextRestart } from './next-restart';
import { at, container, ended, pod, running, terminated, waiting } from './pod-fixture';
import type { ContainerSnapshot, ContainerState, PodSnapshot, SpecContainer } from './pod-snapshot';

const NOON = at('12:00:00');
const RULES = [{ action: 'RestartAllContainers', operator: 'In', codes: [42] }];
const SPEC: readonly SpecContainer[] = [
  { name: 'app', type: 'app', image: '', restart: { policy: 'Never', rules: RULES } },
  { name: 'neighbour', type: 'app', image: '' },
];

/** The end that the kubelet writes over every container of the pod: neither times nor an id. */
const REMOVED = ended({
  exitCode: 137,
  reason: 'RestartingAllContainers',
  message: 'The container is removed because RestartAllContainers in place',
  startedAt: null,
  finishedAt: null,
  containerId: '',
});

function restarted(restartCount: number, state: ContainerState, createdAt = at('11:50:00')): PodSnapshot {
  const both = SPEC.map(({ name }) => container({ name, restartCount, state, lastTermination: REMOVED }));
  return pod(both, { restartPolicy: 'Never', specContainers: SPEC, createdAt });
}

/** Judged at the first look: by the status alone, and with the run that is recorded from it. */
function judge(name: string, one: PodSnapshot) {
  const seen = containerOf(one, name);
  const recorded = seen === null ? [] : [runOf(seen)];
  const [alone, withRun] = [[], recorded].map(
    (runs) => judgeLoop({ container: name, pods: [one], runs, now: NOON, previous: null }).standing,
  );
  expect(withRun).toEqual(alone);
  return withRun ?? null;
}

function runOf({ name, state, restartCount }: ContainerSnapshot): Run {
  return {
    id: 'r',
    loopId: 'pods/shop/web',
    podUid: 'uid-web-0',
    podName: 'web',
    namespace: 'shop',
    container: name,
    containerType: 'app',
    containerId: '',
    restartIndex: restartCount - 1,
    startedAt: null,
    finishedAt: state.kind === 'running' ? state.startedAt : NOON,
    exitCode: 137,
    reason: 'RestartingAllContainers',
    message: '',
    nodeName: 'node-1',
    image: '',
    missedBefore: restartCount - 1,
    observedAt: NOON,
  };
}

describe('a rule that restarts all containers of the pod', () => {
  const between = waiting('RestartingAllContainers', REMOVED.message);

  it.each([
    ['between two runs', between],
    ['in its newest run', running(NOON - 3_000)],
  ])('puts the container with the rule on the board, by its count of restarts, %s', (_, state) => {
    const hot = restarted(30, state);
    expect(judge('app', hot)).toMatchObject({ state: 'looping', crashes: 30 });
    expect(judge('neighbour', hot)).toBeNull();
  });

  it('is no loop where it acted a few times over days', () => {
    expect(judge('app', restarted(3, running(NOON - 3_000), NOON - 3 * 86_400_000))).toBeNull();
  });

  it('holds no back-off against the next start', () => {
    const state = terminated({ exitCode: 42, finishedAt: NOON });
    const app = container({ restartCount: 5, state, lastTermination: REMOVED });
    const one = pod([app], { restartPolicy: 'Never', specContainers: SPEC });
    expect(nextRestart({ pod: one, container: app, runs: [], backoff: { kubeletMinor: 36 }, now: NOON })).toBeNull();
  });
});
