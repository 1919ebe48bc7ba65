import { describe, expect, it } from 'vitest';
import type { WatchState } from '@/lib/domain/watch-state';
import { clusterStatus } from './coverage';

const TARGET = { id: 'prod', server: 'https://10.0.0.1', source: 'kubeconfig', problem: null } as const;
const watch = (over: Partial<WatchState> = {}): WatchState => ({
  resource: 'pods',
  namespace: '*',
  state: 'live',
  text: '',
  since: 0,
  attempt: 0,
  lastHeardAt: 1_000,
  nextTryAt: null,
  ...over,
});
const stateOf = (states: readonly WatchState[], target: Parameters<typeof clusterStatus>[0] = TARGET) =>
  clusterStatus(target, states, 'v1.34.2', null);

describe('clusterStatus', () => {
  it('is live where all that is watched is', () => {
    expect(stateOf([watch(), watch({ resource: 'events' })])).toMatchObject({ state: 'live', reason: null });
  });

  it('is connecting before there is a watch', () => {
    expect(stateOf([])).toMatchObject({ state: 'connecting' });
  });

  it('is unreachable where no answer ever came, and stale where one had', () => {
    const lost = { text: 'no route to host', attempt: 2, nextTryAt: 5_000 };
    expect(stateOf([watch({ ...lost, state: 'connecting', lastHeardAt: null })])).toMatchObject({
      state: 'unreachable',
      reason: 'no route to host',
      nextTryAt: '1970-01-01T00:00:05.000Z',
    });
    expect(stateOf([watch({ ...lost, state: 'stale' })])).toMatchObject({ state: 'stale' });
  });

  it('is forbidden only where no namespace may be seen, and says which part is missing else', () => {
    const forbidden = watch({ namespace: 'b', state: 'forbidden', text: 'may not list pods in b' });
    expect(stateOf([forbidden])).toMatchObject({ state: 'forbidden' });
    expect(stateOf([watch({ namespace: 'a' }), forbidden])).toMatchObject({
      state: 'live',
      reason: 'may not list pods in b',
    });
  });

  it('says what is wrong with the configuration before anything else', () => {
    const broken = { ...TARGET, problem: 'Not YAML.' };
    expect(stateOf([watch()], broken)).toMatchObject({
      state: 'misconfigured',
      reason: expect.stringMatching(/^Not YAML\./),
    });
  });
});
