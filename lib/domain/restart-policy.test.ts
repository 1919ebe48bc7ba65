import { describe, expect, it } from 'vitest';
import { container, pod } from './pod-fixture';
import type { ContainerRestart, RestartRule } from './pod-snapshot';
import { restartsAfter, willRestart } from './restart-policy';

const RULES = {
  none: [],
  in42: [{ action: 'Restart', operator: 'In', codes: [42] }],
  notIn0: [{ action: 'Restart', operator: 'NotIn', codes: [0] }],
  all42: [{ action: 'RestartAllContainers', operator: 'In', codes: [42] }],
} as const satisfies Record<string, readonly RestartRule[]>;

const CODES = [0, 1, 42, 137] as const;

/**
 * Pod `restartPolicy`, the container's own, its rules, and whether the kubelet starts it again after each of `CODES`. The answers were
 * printed by `ContainerShouldRestart` of Kubernetes (`pkg/api/v1/pod/util.go`, with both rule actions), not worked out by hand.
 */
const UPSTREAM: readonly (readonly [string, string, keyof typeof RULES, readonly boolean[]])[] = [
  ['Always', '', 'none', [true, true, true, true]],
  ['Always', 'Always', 'none', [true, true, true, true]],
  ['Always', 'Always', 'in42', [true, true, true, true]],
  ['Always', 'Always', 'notIn0', [true, true, true, true]],
  ['Always', 'OnFailure', 'none', [false, true, true, true]],
  ['Always', 'OnFailure', 'in42', [false, true, true, true]],
  ['Always', 'OnFailure', 'notIn0', [false, true, true, true]],
  ['Always', 'Never', 'none', [false, false, false, false]],
  ['Always', 'Never', 'in42', [false, false, true, false]],
  ['Always', 'Never', 'notIn0', [false, true, true, true]],
  ['Always', 'Never', 'all42', [false, false, true, false]],
  ['OnFailure', '', 'none', [false, true, true, true]],
  ['OnFailure', 'Always', 'none', [true, true, true, true]],
  ['OnFailure', 'Always', 'in42', [true, true, true, true]],
  ['OnFailure', 'Always', 'notIn0', [true, true, true, true]],
  ['OnFailure', 'OnFailure', 'none', [false, true, true, true]],
  ['OnFailure', 'OnFailure', 'in42', [false, true, true, true]],
  ['OnFailure', 'OnFailure', 'notIn0', [false, true, true, true]],
  ['OnFailure', 'Never', 'none', [false, false, false, false]],
  ['OnFailure', 'Never', 'in42', [false, false, true, false]],
  ['OnFailure', 'Never', 'notIn0', [false, true, true, true]],
  ['OnFailure', 'Never', 'all42', [false, false, true, false]],
  ['Never', '', 'none', [false, false, false, false]],
  ['Never', 'Always', 'none', [true, true, true, true]],
  ['Never', 'Always', 'in42', [true, true, true, true]],
  ['Never', 'Always', 'notIn0', [true, true, true, true]],
  ['Never', 'OnFailure', 'none', [false, true, true, true]],
  ['Never', 'OnFailure', 'in42', [false, true, true, true]],
  ['Never', 'OnFailure', 'notIn0', [false, true, true, true]],
  ['Never', 'Never', 'none', [false, false, false, false]],
  ['Never', 'Never', 'in42', [false, false, true, false]],
  ['Never', 'Never', 'notIn0', [false, true, true, true]],
  ['Never', 'Never', 'all42', [false, false, true, false]],
];

const ownPolicy = (policy: string, rules: keyof typeof RULES): ContainerRestart | null =>
  policy === '' ? null : { policy, rules: RULES[rules] };

const rows = UPSTREAM.flatMap(([podPolicy, policy, rules, restarts]) =>
  CODES.map((code, at) => [podPolicy, policy, rules, code, restarts[at]] as const),
);

describe('restart policies', () => {
  it('are held against as many combinations as upstream was asked', () => {
    expect(rows).toHaveLength(132);
  });

  it.each(rows)('pod %s, container "%s", rules %s, exit %d: %s', (podPolicy, policy, rules, code, restarts) => {
    expect(restartsAfter(podPolicy, ownPolicy(policy, rules), 'app', code)).toBe(restarts);
  });

  it.each([
    ['a sidecar in a pod that never restarts', 'Never', null, 'sidecar', 0, true],
    ['a failed init container', 'Always', null, 'init', 1, true],
    ['a failed init container in a pod that never restarts', 'Never', null, 'init', 1, false],
    ['a failed init container with a policy of its own', 'Never', ownPolicy('OnFailure', 'none'), 'init', 1, true],
    ['a failed init container that must not be restarted', 'Always', ownPolicy('Never', 'none'), 'init', 1, false],
    ['an init container that ended well', 'Always', null, 'init', 0, false],
    ['an init container by a rule', 'Never', ownPolicy('Never', 'in42'), 'init', 42, true],
  ] as const)('%s', (_, podPolicy, restart, type, code, restarts) => {
    expect(restartsAfter(podPolicy, restart, type, code)).toBe(restarts);
  });

  it('let the first rule that matches decide, and pass over an operator that is not known', () => {
    const unknown = { action: 'Restart', operator: 'Between', codes: [1] };
    const restart = { policy: 'Never', rules: [unknown, ...RULES.in42] };
    expect([1, 42].map((code) => restartsAfter('Always', restart, 'app', code))).toEqual([false, true]);
  });

  it.each([
    ['is being deleted', { deletedAt: 1 }],
    ['has failed', { phase: 'Failed' }],
    ['has succeeded', { phase: 'Succeeded' }],
  ])('do not count in a pod that %s', (_, over) => {
    const app = container();
    expect(willRestart(pod([app]), app, 1)).toBe(true);
    expect(willRestart(pod([app], over), app, 1)).toBe(false);
  });
});
