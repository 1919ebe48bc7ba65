import { dump } from 'js-yaml';
import { patchBody } from './field-changes';
import type { Creation, ObjectRef, Operation } from './operation';

const API_VERSIONS: Readonly<Record<string, string>> = {
  Pod: 'v1',
  ReplicationController: 'v1',
  ConfigMap: 'v1',
  Secret: 'v1',
  Node: 'v1',
  PersistentVolumeClaim: 'v1',
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  ReplicaSet: 'apps/v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
};

const GROUP = 'rbac.authorization.k8s.io';
const DOCUMENT_BREAK = '---\n';

/**
 * What to put into Git for an operation: the fragment of the object with the fields that change, or the objects that are made,
 * as YAML. Null where there is nothing declarative about it. Values of a Secret stay placeholders.
 */
export function gitYamlOf(operation: Operation): string | null {
  switch (operation.kind) {
    case 'patch':
      if (operation.target.kind === 'Node') return null;
      return toYaml({ ...head(operation.target), ...patchBody(operation.changes) });
    case 'create':
      return documents(operation.object).map(toYaml).join(DOCUMENT_BREAK);
    case 'edit':
    case 'rollback':
    case 'restart':
    case 'delete-pod':
    case 'delete-failed-pods':
    case 'end-container':
    case 'look':
    case 'run':
    case 'decide':
      return null;
  }
}

function head({ kind, namespace, name }: ObjectRef, apiVersion = API_VERSIONS[kind]): Record<string, unknown> {
  const metadata = namespace === '' ? { name } : { name, namespace };
  return { ...(apiVersion !== undefined && { apiVersion }), kind, metadata };
}

function toYaml(value: Readonly<Record<string, unknown>>): string {
  return dump(value, { lineWidth: -1, noRefs: true });
}

function documents(object: Creation): readonly Record<string, unknown>[] {
  const { namespace, name } = object;
  switch (object.kind) {
    case 'ConfigMap':
    case 'Secret': {
      const keys = object.keys.length > 0 ? object.keys : ['KEY'];
      const values = Object.fromEntries(keys.map((key) => [key, 'VALUE']));
      return [{ ...head(object), ...(object.kind === 'Secret' ? { stringData: values } : { data: values }) }];
    }
    case 'PullSecret': {
      const auths = { auths: { [object.registry]: { username: 'USER', password: 'PASSWORD' } } };
      return [
        {
          ...head({ kind: 'Secret', namespace, name }),
          type: 'kubernetes.io/dockerconfigjson',
          stringData: { '.dockerconfigjson': JSON.stringify(auths) },
        },
      ];
    }
    case 'Job': {
      const container = { name, image: object.image };
      return [{ ...head(object), spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } } }];
    }
    case 'Grant': {
      const role = namespace === '' ? 'ClusterRole' : 'Role';
      const rules = [{ apiGroups: [object.group], resources: [object.resource], verbs: [...object.verbs] }];
      const subjects = [{ kind: 'ServiceAccount', name: object.account.name, namespace: object.account.namespace }];
      return [
        { ...head({ kind: role, namespace, name }, `${GROUP}/v1`), rules },
        {
          ...head({ kind: `${role}Binding`, namespace, name }, `${GROUP}/v1`),
          roleRef: { apiGroup: GROUP, kind: role, name },
          subjects,
        },
      ];
    }
  }
}
