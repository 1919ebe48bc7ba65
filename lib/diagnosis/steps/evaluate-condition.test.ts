import { describe, expect, test } from 'vitest';
import { at, container, ended, pod, running, terminated, waiting } from '@/lib/domain/pod-fixture';
import type { DoneCondition } from './condition';
import { evaluateCondition, type Observed } from './evaluate-condition';

const NOW = at('12:30:00');
const CRASHING = pod([container({ state: waiting('CrashLoopBackOff'), ready: false, lastTermination: ended() })]);
const RUNS_SINCE_TEN = pod([container({ state: running(at('12:10:00')) })]);
const OUTLIVES: DoneCondition = { kind: 'run-outlives', ms: 600_000 };

function observed(over: Partial<Observed> = {}): Observed {
  return { now: NOW, since: at('11:30:00'), container: 'app', pods: [CRASHING], changes: [], ...over };
}

const CASES: readonly (readonly [string, DoneCondition, Partial<Observed>, string])[] = [
  ['a crash', OUTLIVES, {}, 'open'],
  ['a run of 20 minutes', OUTLIVES, { pods: [RUNS_SINCE_TEN] }, 'done'],
  ['a run that is too young', OUTLIVES, { pods: [pod([container({ state: running(at('12:25:00')) })])] }, 'open'],
  ['one of two replicas', OUTLIVES, { pods: [RUNS_SINCE_TEN, CRASHING] }, 'open'],
  [
    'a replica that is being deleted',
    OUTLIVES,
    { pods: [RUNS_SINCE_TEN, { ...CRASHING, deletedAt: at('12:11:00') }] },
    'done',
  ],
  ['no pods', OUTLIVES, { pods: [] }, 'unknown'],
  ['a crash after a start', { kind: 'container-starts' }, {}, 'done'],
  [
    'an image that cannot be pulled, though it ran before',
    { kind: 'container-starts' },
    { pods: [pod([container({ state: waiting('ImagePullBackOff'), lastTermination: ended() })])] },
    'open',
  ],
  [
    'a start error',
    { kind: 'container-starts' },
    { pods: [pod([container({ state: terminated({ reason: 'StartError', exitCode: 128 }) })])] },
    'open',
  ],
  [
    'a start error',
    { kind: 'image-pulled' },
    { pods: [pod([container({ state: terminated({ reason: 'StartError', exitCode: 128 }) })])] },
    'done',
  ],
  ['a crash', { kind: 'container-ready', ms: 60_000 }, {}, 'open'],
  ['twenty ready minutes', { kind: 'container-ready', ms: 600_000 }, { pods: [RUNS_SINCE_TEN] }, 'done'],
  ['a pod of before', { kind: 'starts-without-restart' }, { pods: [RUNS_SINCE_TEN] }, 'open'],
  [
    'a pod made since',
    { kind: 'starts-without-restart' },
    { pods: [{ ...RUNS_SINCE_TEN, createdAt: at('12:09:58') }] },
    'done',
  ],
  [
    'an ended init container',
    { kind: 'init-ends', container: 'migrate' },
    { pods: [pod([container({ name: 'migrate', type: 'init', state: terminated({ exitCode: 0 }) })])] },
    'done',
  ],
  [
    'a completed pod',
    { kind: 'pod-completes' },
    { pods: [pod([container({ state: terminated({ exitCode: 0 }) })], { phase: 'Succeeded' })] },
    'done',
  ],
  ['a pod without a node', { kind: 'pod-scheduled', notOn: null }, { pods: [{ ...CRASHING, nodeName: '' }] }, 'open'],
  ['a pod on its old node', { kind: 'pod-scheduled', notOn: 'node-1' }, {}, 'open'],
  ['a pod on another node', { kind: 'pod-scheduled', notOn: 'node-2' }, {}, 'done'],
  ['pods', { kind: 'no-pods' }, {}, 'open'],
  ['none', { kind: 'no-pods' }, { pods: [] }, 'done'],
  ['nothing of objects', { kind: 'object-exists', object: 'ConfigMap', name: 'web', key: null }, {}, 'unknown'],
  [
    'a ConfigMap without the key',
    { kind: 'object-exists', object: 'ConfigMap', name: 'web', key: 'URL' },
    { references: [{ kind: 'ConfigMap', name: 'web', exists: true, keys: ['MODE'] }] },
    'open',
  ],
  [
    'a Secret whose keys are not read',
    { kind: 'object-exists', object: 'Secret', name: 'db', key: 'URL' },
    { references: [{ kind: 'Secret', name: 'db', exists: true, keys: null }] },
    'unknown',
  ],
  [
    'a ready endpoint',
    { kind: 'endpoints-ready', namespace: 'shop', service: 'db' },
    { services: [{ namespace: 'shop', name: 'db', readyEndpoints: 1 }] },
    'done',
  ],
  [
    'a limit in another unit',
    { kind: 'limit-at-least', resource: 'memory', quantity: '1Gi' },
    { limits: { memory: '1025Mi' } },
    'done',
  ],
  [
    'a smaller limit',
    { kind: 'limit-at-least', resource: 'memory', quantity: '1Gi' },
    { limits: { memory: '1G' } },
    'open',
  ],
  [
    'a node under pressure',
    { kind: 'node-condition', node: 'node-1', condition: 'DiskPressure', status: 'False' },
    { nodes: [{ name: 'node-1', conditions: [{ type: 'DiskPressure', status: 'True' }] }] },
    'open',
  ],
  ['anything', { kind: 'seen-by-person', text: 'it is copied' }, {}, 'unknown'],
  [
    'one that holds beside one that nobody sees',
    {
      kind: 'all',
      of: [
        { kind: 'seen-by-person', text: 'it is copied' },
        { kind: 'run-outlives', ms: 600_000 },
      ],
    },
    { pods: [RUNS_SINCE_TEN] },
    'unknown',
  ],
  [
    'one that does not hold beside one that nobody sees',
    {
      kind: 'all',
      of: [
        { kind: 'seen-by-person', text: 'it is copied' },
        { kind: 'run-outlives', ms: 600_000 },
      ],
    },
    {},
    'open',
  ],
];

describe('evaluateCondition', () => {
  test.each(CASES)('by %s: %j', (_title, condition, over, state) => {
    expect(evaluateCondition(condition, observed(over)).state).toBe(state);
  });

  test('tells when it came true, and the change that came before', () => {
    const changes = [
      { kind: 'rollout' as const, at: at('11:00:00'), text: 'rev 3: image web:1' },
      { kind: 'config' as const, at: at('12:08:00'), text: 'ConfigMap web got URL' },
      { kind: 'config' as const, at: at('12:09:00'), text: 'ConfigMap web got URL' },
      { kind: 'rollout' as const, at: at('12:20:00'), text: 'rev 5: restarted' },
    ];
    expect(evaluateCondition(OUTLIVES, observed({ pods: [RUNS_SINCE_TEN], changes }))).toEqual({
      state: 'done',
      at: at('12:20:00'),
      by: 'ConfigMap web got URL',
    });
  });

  test('names no change where none was recorded', () => {
    expect(evaluateCondition(OUTLIVES, observed({ pods: [RUNS_SINCE_TEN] }))).toMatchObject({ by: null });
  });
});
