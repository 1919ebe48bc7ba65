import { load, loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { commandOf } from './command-of';
import { fieldChanges, patchBody } from './field-changes';
import { gitYamlOf } from './git-yaml';
import { type ObjectRef, type Operation, wordsToFill } from './operation';

const web: ObjectRef = { kind: 'Deployment', namespace: 'shop', name: 'web' };

function patch(target: ObjectRef, body: Record<string, unknown>, fill: readonly string[] = []): Operation {
  const [first, ...rest] = fieldChanges(body);
  if (first === undefined) throw new Error('no change');
  return { kind: 'patch', target, patchType: 'strategic', changes: [first, ...rest], fill };
}

const inTemplate = (container: object) => ({
  spec: { template: { spec: { containers: [{ name: 'app', ...container }] } } },
});

const COMMANDS: readonly (readonly [string, Operation, string | null])[] = [
  [
    'a patch, as JSON that a shell leaves alone',
    patch(web, inTemplate({ args: ["it's", '$HOME'] })),
    `kubectl -n shop patch deployment/web --type strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"app","args":["it'\\''s","$HOME"]}]}}}}'`,
  ],
  ['an image', patch(web, inTemplate({ image: 'web:2' })), 'kubectl -n shop set image deployment/web app=web:2'],
  [
    'variables',
    patch(
      web,
      inTemplate({
        env: [
          { name: 'A', value: '1 2' },
          { name: 'B', value: 'x' },
        ],
      }),
    ),
    "kubectl -n shop set env deployment/web -c app 'A=1 2' B=x",
  ],
  ['replicas', patch(web, { spec: { replicas: 0 } }), 'kubectl -n shop scale deployment/web --replicas=0'],
  [
    'a node that takes no more pods',
    patch({ kind: 'Node', namespace: '', name: 'node-1' }, { spec: { unschedulable: true } }),
    'kubectl cordon node-1',
  ],
  ['an edit', { kind: 'edit', target: { ...web, kind: 'ConfigMap' } }, 'kubectl -n shop edit configmap/web'],
  ['a rollback', { kind: 'rollback', target: web }, 'kubectl -n shop rollout undo deployment/web'],
  ['a restart', { kind: 'restart', target: web }, 'kubectl -n shop rollout restart deployment/web'],
  ['a pod', { kind: 'delete-pod', namespace: 'shop', pod: 'web-1' }, 'kubectl -n shop delete pod web-1'],
  [
    'failed pods',
    { kind: 'delete-failed-pods', namespace: 'shop' },
    'kubectl -n shop delete pods --field-selector=status.phase=Failed',
  ],
  [
    'the end of a container',
    { kind: 'end-container', namespace: 'shop', pod: 'web-1', container: 'proxy' },
    'kubectl -n shop exec web-1 -c proxy -- kill 1',
  ],
  [
    'a ConfigMap',
    { kind: 'create', object: { kind: 'ConfigMap', namespace: 'shop', name: 'web', keys: ['URL', 'MODE'] } },
    'kubectl -n shop create configmap web --from-literal=URL=VALUE --from-literal=MODE=VALUE',
  ],
  [
    'a pull secret',
    { kind: 'create', object: { kind: 'PullSecret', namespace: 'shop', name: 'regcred', registry: 'r.example' } },
    'kubectl -n shop create secret docker-registry regcred --docker-server=r.example --docker-username=USER --docker-password=PASSWORD',
  ],
  [
    'a grant for the whole cluster',
    {
      kind: 'create',
      object: {
        kind: 'Grant',
        namespace: '',
        name: 'web-list-nodes',
        verbs: ['get', 'list'],
        resource: 'nodes',
        group: 'metrics.k8s.io',
        account: { namespace: 'shop', name: 'web' },
      },
    },
    'kubectl create clusterrole web-list-nodes --verb=get,list --resource=nodes.metrics.k8s.io && kubectl create clusterrolebinding web-list-nodes --clusterrole=web-list-nodes --serviceaccount=shop:web',
  ],
  [
    'a command with pipes',
    {
      kind: 'run',
      words: ['kubectl', 'get', 'secret', 'a b'],
      pipes: [
        ['base64', '-d'],
        ['od', '-c'],
      ],
    },
    "kubectl get secret 'a b' | base64 -d | od -c",
  ],
  ['a look', { kind: 'look', place: { tab: 'runs' } }, null],
  ['a decision', { kind: 'decide' }, null],
];

test.each(COMMANDS)('the command of %s', (_title, operation, command) => {
  expect(commandOf(operation)).toBe(command);
});

describe('fieldChanges', () => {
  test('names list items by the key that they are merged by, and takes a list of words as one value', () => {
    const body = inTemplate({ args: ['a', 'b'], volumeMounts: [{ name: 'data', mountPath: '/data' }] });
    const item = ['spec', 'template', 'spec', 'containers', { key: 'name', is: 'app' }];
    expect(fieldChanges(body)).toEqual([
      { path: [...item, 'args'], value: ['a', 'b'] },
      { path: [...item, 'volumeMounts', { key: 'mountPath', is: '/data' }, 'name'], value: 'data' },
    ]);
  });

  test('come together to the body again, empty objects and removed fields included', () => {
    const body = {
      spec: {
        volumes: [
          { name: 'a', emptyDir: {} },
          { name: 'b', emptyDir: { sizeLimit: '1Gi' } },
        ],
        imagePullSecrets: [{ name: 'regcred' }],
        nodeName: null,
      },
    };
    expect(patchBody(fieldChanges(body))).toEqual(body);
  });

  test('refuse a list whose items cannot be told apart', () => {
    expect(() => fieldChanges({ spec: { tolerations: [{ operator: 'Exists' }] } })).toThrow('has no name');
  });
});

describe('gitYamlOf', () => {
  test('gives the object with the fields that change', () => {
    const yaml = gitYamlOf(patch(web, inTemplate({ resources: { limits: { memory: '1Gi' } } })));
    expect(load(yaml ?? '')).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { template: { spec: { containers: [{ name: 'app', resources: { limits: { memory: '1Gi' } } }] } } },
    });
  });

  test('gives role and binding of a grant as two documents', () => {
    const yaml = gitYamlOf({
      kind: 'create',
      object: {
        kind: 'Grant',
        namespace: 'shop',
        name: 'web-get-pods',
        verbs: ['get'],
        resource: 'pods',
        group: '',
        account: { namespace: 'shop', name: 'web' },
      },
    });
    expect(loadAll(yaml ?? '')).toMatchObject([
      { kind: 'Role', rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
      { kind: 'RoleBinding', roleRef: { kind: 'Role', name: 'web-get-pods' }, subjects: [{ name: 'web' }] },
    ]);
  });

  test('leaves the values of a Secret to the reader', () => {
    const operation: Operation = {
      kind: 'create',
      object: { kind: 'Secret', namespace: 'shop', name: 'db', keys: ['PASSWORD_FILE'] },
    };
    expect(load(gitYamlOf(operation) ?? '')).toMatchObject({ kind: 'Secret', stringData: { PASSWORD_FILE: 'VALUE' } });
    expect(wordsToFill(operation)).toEqual(['VALUE']);
  });

  test('has nothing for what is not declared', () => {
    expect(gitYamlOf({ kind: 'restart', target: web })).toBeNull();
    expect(gitYamlOf(patch({ kind: 'Node', namespace: '', name: 'n' }, { spec: { unschedulable: true } }))).toBeNull();
  });
});
