import { describe, expect, test } from 'vitest';
import { VerdictSchema } from '@/lib/contract/diagnosis';
import { at, container, pod, running } from '@/lib/domain/pod-fixture';
import { withDoneSteps } from './done-steps';

const NOW = at('12:30:00');
const web = { kind: 'Deployment', namespace: 'shop', name: 'web' };

function verdict(steps: readonly unknown[]) {
  return VerdictSchema.parse({
    loopId: 'deployments/shop/web/app',
    ruleId: 'oom-killed',
    cause: 'oom-killed',
    category: 'resource',
    confidence: 'certain',
    what: 'killed at its memory limit',
    sentence: 'web is killed because of its limit.',
    facts: [],
    steps,
  });
}

const observed = {
  now: NOW,
  since: at('11:30:00'),
  container: 'app',
  pods: [pod([container({ state: running(at('12:10:00')) })])],
  changes: [{ kind: 'rollout' as const, at: at('12:09:30'), text: 'rev 4: memory limit' }],
};

describe('withDoneSteps', () => {
  test('says of a step with a condition that it is done, when, and after which change', () => {
    const step = {
      kind: 'rollback',
      id: 'roll-back',
      title: 'Roll back',
      text: '',
      command: 'kubectl -n shop rollout undo deployment/web',
      operation: { kind: 'rollback', target: web },
      condition: { kind: 'run-outlives', ms: 600_000 },
      doneWhen: 'a run lasts longer than 10m',
    };
    const [judged] = withDoneSteps([verdict([step])], observed);
    expect(judged?.steps[0]).toMatchObject({
      ...step,
      done: { state: 'done', at: '2026-03-01T12:20:00.000Z', by: 'rev 4: memory limit' },
    });
  });

  test('leaves what was stored before a step was data as it was', () => {
    const steps = [
      { kind: 'run', title: 'Read its log', text: 'There it stands.', command: 'kubectl logs web-1' },
      {
        kind: 'patch',
        title: 'Raise the limit',
        text: '',
        command: 'kubectl patch deployment/web',
        target: web,
        patchType: 'strategic',
        patch: { spec: { replicas: 1 } },
        doneWhen: 'a new pod runs longer than the longest run so far',
      },
      { kind: 'decide', title: 'Weigh it', text: '' },
    ];
    const [judged] = withDoneSteps([verdict(steps)], observed);
    expect(judged?.steps).toEqual(steps.map((step) => ({ ...step, id: '' })));
  });
});
