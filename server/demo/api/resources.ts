/** A kind that the API serves. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly isNamespaced: boolean;
}

function resource(
  groupVersion: string,
  plural: string,
  kind: string,
  shortNames: readonly string[] = [],
  isNamespaced = true,
): Resource {
  const [version = '', group = ''] = groupVersion.split('/').reverse();
  return { group, version, plural, singular: kind.toLowerCase(), kind, shortNames, isNamespaced };
}

/** Every kind of the demo API. Some have no objects here, as in many clusters. Secrets exist and are forbidden to everybody. */
export const RESOURCES: readonly Resource[] = [
  resource('v1', 'configmaps', 'ConfigMap', ['cm']),
  resource('v1', 'endpoints', 'Endpoints', ['ep']),
  resource('v1', 'events', 'Event', ['ev']),
  resource('v1', 'limitranges', 'LimitRange', ['limits']),
  resource('v1', 'namespaces', 'Namespace', ['ns'], false),
  resource('v1', 'nodes', 'Node', ['no'], false),
  resource('v1', 'persistentvolumeclaims', 'PersistentVolumeClaim', ['pvc']),
  resource('v1', 'persistentvolumes', 'PersistentVolume', ['pv'], false),
  resource('v1', 'pods', 'Pod', ['po']),
  resource('v1', 'replicationcontrollers', 'ReplicationController', ['rc']),
  resource('v1', 'resourcequotas', 'ResourceQuota', ['quota']),
  resource('v1', 'secrets', 'Secret'),
  resource('v1', 'serviceaccounts', 'ServiceAccount', ['sa']),
  resource('v1', 'services', 'Service', ['svc']),
  resource('apps/v1', 'controllerrevisions', 'ControllerRevision'),
  resource('apps/v1', 'daemonsets', 'DaemonSet', ['ds']),
  resource('apps/v1', 'deployments', 'Deployment', ['deploy']),
  resource('apps/v1', 'replicasets', 'ReplicaSet', ['rs']),
  resource('apps/v1', 'statefulsets', 'StatefulSet', ['sts']),
  resource('autoscaling/v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', ['hpa']),
  resource('batch/v1', 'cronjobs', 'CronJob', ['cj']),
  resource('batch/v1', 'jobs', 'Job'),
  resource('networking.k8s.io/v1', 'networkpolicies', 'NetworkPolicy', ['netpol']),
  resource('storage.k8s.io/v1', 'storageclasses', 'StorageClass', ['sc'], false),
];

/** The served kind of a path's group, version and plural, or undefined. */
export function findResource(group: string, version: string, plural: string): Resource | undefined {
  return RESOURCES.find((one) => one.group === group && one.version === version && one.plural === plural);
}

/** `apiVersion` of a kind: `v1`, `apps/v1`. */
export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** `pods`, `deployments.apps`: how error texts name a kind. */
export function qualifiedName(resource: Pick<Resource, 'group' | 'plural'>): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}
