import { describe, expect, test } from 'vitest';
import { StepSchema } from '@/lib/contract/step';
import type { Operation } from '@/lib/diagnosis/steps/operation';
import { stepBody } from './step-body';

const web = { kind: 'Deployment', namespace: 'shop', name: 'web' };
const RUNS = { previous: 'run-7', current: 'run-8', first: null };

const OPERATIONS: readonly (readonly [string, Operation])[] = [
  [
    'patch',
    {
      kind: 'patch',
      target: web,
      patchType: 'strategic',
      changes: [{ path: ['spec', 'template', 'spec', 'volumes', { key: 'name', is: 'a' }, 'emptyDir'], value: {} }],
      fill: [],
    },
  ],
  ['run', { kind: 'edit', target: web }],
  ['rollback', { kind: 'rollback', target: web }],
  ['run', { kind: 'restart', target: web }],
  ['run', { kind: 'delete-pod', namespace: 'shop', pod: 'web-1' }],
  ['run', { kind: 'delete-failed-pods', namespace: 'shop' }],
  ['run', { kind: 'end-container', namespace: 'shop', pod: 'web-1', container: 'proxy' }],
  ['run', { kind: 'create', object: { kind: 'Secret', namespace: 'shop', name: 'db', keys: ['URL'] } }],
  ['look', { kind: 'look', place: { tab: 'logs', log: 'previous', line: 3 } }],
  ['run', { kind: 'run', words: ['kubectl', 'version'], pipes: [['cat']] }],
  ['decide', { kind: 'decide' }],
];

describe('stepBody', () => {
  test.each(OPERATIONS)('is a valid %s of the API: %j', (kind, operation) => {
    const body = stepBody(
      {
        id: 'mend',
        title: 'Mend it',
        text: 'It is broken.',
        operation,
        done: { kind: 'all', of: [{ kind: 'container-starts' }, { kind: 'run-outlives', ms: 600_000 }] },
      },
      RUNS,
    );
    const parsed = StepSchema.parse(JSON.parse(JSON.stringify(body)));
    expect(parsed).toEqual(body);
    expect(parsed).toMatchObject({
      kind,
      id: 'mend',
      operation: { kind: operation.kind },
      doneWhen: 'the container starts and a run lasts longer than 10m',
    });
  });

  test('tells the body of a patch, its YAML and the words to fill in', () => {
    const image = ['spec', 'template', 'spec', 'containers', { key: 'name', is: 'app' }, 'image'];
    const operation: Operation = {
      kind: 'patch',
      target: web,
      patchType: 'strategic',
      changes: [{ path: image, value: 'web:TAG' }],
      fill: ['TAG'],
    };
    expect(stepBody({ id: 'set-image', title: 'Set it', text: '', operation }, RUNS)).toMatchObject({
      command: 'kubectl -n shop set image deployment/web app=web:TAG',
      target: web,
      patch: { spec: { template: { spec: { containers: [{ name: 'app', image: 'web:TAG' }] } } } },
      yaml: expect.stringContaining('image: web:TAG'),
      fill: ['TAG'],
    });
  });

  test('names the recorded run whose log is to be looked at', () => {
    const operation: Operation = { kind: 'look', place: { tab: 'logs', log: 'previous', line: 3 } };
    expect(stepBody({ id: 'look', title: 'Look', text: '', operation }, RUNS)).toMatchObject({
      place: { tab: 'logs', runId: 'run-7', line: 3 },
    });
  });
});
