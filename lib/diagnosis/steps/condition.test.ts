import { describe, expect, test } from 'vitest';
import { conditionWords, type DoneCondition } from './condition';

const WORDS: readonly (readonly [DoneCondition, string])[] = [
  [{ kind: 'run-outlives', ms: 600_000 }, 'a run lasts longer than 10m'],
  [{ kind: 'container-starts' }, 'the container starts'],
  [{ kind: 'container-ready', ms: 90_000 }, 'the container is ready for longer than 90s'],
  [{ kind: 'starts-without-restart' }, 'a new pod starts without a restart'],
  [{ kind: 'init-ends', container: 'migrate' }, 'init container migrate ends with 0'],
  [{ kind: 'pod-completes' }, 'the pod is Completed'],
  [{ kind: 'image-pulled' }, 'the image is pulled and a container is created'],
  [{ kind: 'pod-scheduled', notOn: null }, 'the pod is assigned to a node'],
  [{ kind: 'pod-scheduled', notOn: 'node-1' }, 'the pod runs on another node than node-1'],
  [{ kind: 'no-pods' }, 'no pod of it is left'],
  [{ kind: 'object-exists', object: 'Secret', name: 'db', key: null }, 'Secret db exists'],
  [{ kind: 'object-exists', object: 'ConfigMap', name: 'web', key: 'URL' }, 'ConfigMap web has the key URL'],
  [{ kind: 'endpoints-ready', namespace: 'shop', service: 'db' }, 'Service db has a ready endpoint'],
  [{ kind: 'limit-at-least', resource: 'memory', quantity: '1Gi' }, 'its memory limit is at least 1Gi'],
  [
    { kind: 'node-condition', node: 'node-1', condition: 'DiskPressure', status: 'False' },
    'the condition DiskPressure of node node-1 is False',
  ],
  [{ kind: 'seen-by-person', text: 'the copy can be read' }, 'the copy can be read'],
  [
    { kind: 'all', of: [{ kind: 'image-pulled' }, { kind: 'container-starts' }, { kind: 'run-outlives', ms: 1000 }] },
    'the image is pulled and a container is created, the container starts and a run lasts longer than 1s',
  ],
];

describe('conditionWords', () => {
  test.each(WORDS)('%j', (condition, words) => {
    expect(conditionWords(condition)).toBe(words);
  });
});
