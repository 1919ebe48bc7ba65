import { pluralOf } from '@/lib/domain/loop';
import { shellJoin } from '@/lib/format/shell';
import { patchBody } from './field-changes';
import type { Creation, FieldChange, ObjectRef, Operation } from './operation';

type Words = readonly string[];

const SINGULAR: Readonly<Record<string, string>> = {
  deployments: 'deployment',
  statefulsets: 'statefulset',
  daemonsets: 'daemonset',
  jobs: 'job',
  cronjobs: 'cronjob',
  pods: 'pod',
  replicasets: 'replicaset',
  replicationcontrollers: 'replicationcontroller',
};

/** An object as kubectl names it: `deployment/checkout`. */
export function refWord({ kind, name }: Pick<ObjectRef, 'kind' | 'name'>): string {
  const plural = pluralOf(kind);
  return `${SINGULAR[plural] ?? plural}/${name}`;
}

/** The words that begin a kubectl command in a namespace; without one for the cluster scope (empty). */
export function kubectlIn(namespace: string): Words {
  return namespace === '' ? ['kubectl'] : ['kubectl', '-n', namespace];
}

/**
 * The command line that carries an operation out, each word quoted for a POSIX shell; null where there is none to run. Words to
 * fill in (`wordsToFill`) stand in it as they are.
 */
export function commandOf(operation: Operation): string | null {
  switch (operation.kind) {
    case 'patch':
      return shellJoin(patchWords(operation));
    case 'edit':
      return shellJoin([...kubectlIn(operation.target.namespace), 'edit', refWord(operation.target)]);
    case 'rollback':
      return shellJoin([...kubectlIn(operation.target.namespace), 'rollout', 'undo', refWord(operation.target)]);
    case 'restart':
      return shellJoin([...kubectlIn(operation.target.namespace), 'rollout', 'restart', refWord(operation.target)]);
    case 'delete-pod':
      return shellJoin([...kubectlIn(operation.namespace), 'delete', 'pod', operation.pod]);
    case 'delete-failed-pods':
      return shellJoin([...kubectlIn(operation.namespace), 'delete', 'pods', '--field-selector=status.phase=Failed']);
    case 'end-container': {
      const { namespace, pod, container } = operation;
      return shellJoin([...kubectlIn(namespace), 'exec', pod, '-c', container, '--', 'kill', '1']);
    }
    case 'create':
      return createWords(operation.object).map(shellJoin).join(' && ');
    case 'run':
      return [operation.words, ...(operation.pipes ?? [])].map(shellJoin).join(' | ');
    case 'look':
    case 'decide':
      return null;
  }
}

type Patch = Extract<Operation, { kind: 'patch' }>;

/** A patch, by the shorter command where kubectl has one for just this. */
function patchWords(patch: Patch): Words {
  const { target, changes, patchType } = patch;
  const kubectl = kubectlIn(target.namespace);
  const ref = refWord(target);
  const [first] = changes;
  const isOne = changes.length === 1;
  if (isOne && target.kind === 'Node' && isAt(first, 'spec', 'unschedulable') && first.value === true) {
    return [...kubectl, 'cordon', target.name];
  }
  if (isOne && isAt(first, 'spec', 'replicas')) return [...kubectl, 'scale', ref, `--replicas=${first.value}`];
  const settings = changes.map(containerSetting);
  const [setting] = settings;
  if (isOne && setting?.field === 'image') {
    return [...kubectl, 'set', 'image', ref, `${setting.container}=${setting.value}`];
  }
  const variables = settings.flatMap((one) => (one?.field === 'env' ? [one] : []));
  if (setting && variables.length === changes.length && new Set(variables.map((one) => one.container)).size === 1) {
    const pairs = variables.map(({ name, value }) => `${name}=${value}`);
    return [...kubectl, 'set', 'env', ref, '-c', setting.container, ...pairs];
  }
  return [...kubectl, 'patch', ref, '--type', patchType, '-p', JSON.stringify(patchBody(changes))];
}

function isAt({ path }: FieldChange, ...keys: readonly string[]): boolean {
  return path.length === keys.length && keys.every((key, index) => path[index] === key);
}

interface ContainerSetting {
  readonly field: 'image' | 'env';
  readonly container: string;
  /** Of the variable; empty for an image. */
  readonly name: string;
  readonly value: string;
}

/** What a change sets in a container of the pod template, where it is its image or the literal value of a variable. */
function containerSetting({ path, value }: FieldChange): ContainerSetting | null {
  const at = path.findIndex((part) => part === 'containers' || part === 'initContainers');
  const container = path[at + 1];
  if (at < 0 || typeof container !== 'object' || typeof value !== 'string') return null;
  const [field, variable, leaf, ...rest] = path.slice(at + 2);
  if (field === 'image' && variable === undefined) return { field, container: container.is, name: '', value };
  if (field !== 'env' || typeof variable !== 'object' || leaf !== 'value' || rest.length > 0) return null;
  return { field, container: container.is, name: variable.is, value };
}

function createWords(object: Creation): readonly Words[] {
  switch (object.kind) {
    case 'ConfigMap':
    case 'Secret': {
      const what = object.kind === 'Secret' ? ['secret', 'generic'] : ['configmap'];
      const keys = object.keys.length > 0 ? object.keys : ['KEY'];
      const literals = keys.map((key) => `--from-literal=${key}=VALUE`);
      return [[...kubectlIn(object.namespace), 'create', ...what, object.name, ...literals]];
    }
    case 'PullSecret':
      return [
        [
          ...kubectlIn(object.namespace),
          'create',
          'secret',
          'docker-registry',
          object.name,
          `--docker-server=${object.registry}`,
          '--docker-username=USER',
          '--docker-password=PASSWORD',
        ],
      ];
    case 'Job':
      return [[...kubectlIn(object.namespace), 'create', 'job', object.name, `--image=${object.image}`]];
    case 'Grant': {
      const { namespace, name, verbs, group, account } = object;
      const kind = namespace === '' ? 'clusterrole' : 'role';
      const resource = group === '' ? object.resource : `${object.resource}.${group}`;
      return [
        [...kubectlIn(namespace), 'create', kind, name, `--verb=${verbs.join(',')}`, `--resource=${resource}`],
        [
          ...kubectlIn(namespace),
          'create',
          `${kind}binding`,
          name,
          `--${kind}=${name}`,
          `--serviceaccount=${account.namespace}:${account.name}`,
        ],
      ];
    }
  }
}
