import type { KubeObject } from '@/lib/diagnosis/evidence-source';
import { objectAt, objectsAt, textAt, textMapAt } from '@/lib/diagnosis/read-object';
import type { Workload } from '@/lib/domain/loop';

/** The objects of a capture by kind, namespace and name. */
export interface ObjectIndex {
  readonly all: readonly KubeObject[];
  ofKind(kind: string): readonly KubeObject[];
  find(kind: string, namespace: string, name: string): KubeObject | undefined;
}

export const nameOf = (object: KubeObject): string => textAt(object, 'metadata', 'name');
export const namespaceOf = (object: KubeObject): string => textAt(object, 'metadata', 'namespace');
export const uidOf = (object: KubeObject): string => textAt(object, 'metadata', 'uid');

export function indexObjects(all: readonly KubeObject[]): ObjectIndex {
  const byKind = Map.groupBy(all, (object) => textAt(object, 'kind'));
  const byName = new Map(all.map((one) => [`${textAt(one, 'kind')}/${namespaceOf(one)}/${nameOf(one)}`, one]));
  return {
    all,
    ofKind: (kind) => byKind.get(kind) ?? [],
    find: (kind, namespace, name) => byName.get(`${kind}/${namespace}/${name}`),
  };
}

/** Gives the controlling owner reference of an object, or null. */
function ownerOf(object: KubeObject): KubeObject | null {
  const references = objectsAt(object, 'metadata', 'ownerReferences');
  return references.find((one) => one.controller === true) ?? references[0] ?? null;
}

/**
 * Gives the chain of owners of a pod, nearest first: ReplicaSet then Deployment, Job then CronJob. Where an owner is not in
 * the capture, what the reference and the template hash tell of it stands in.
 */
export function workloadOf(pod: KubeObject, index: ObjectIndex): { workload: Workload; chain: readonly KubeObject[] } {
  const namespace = namespaceOf(pod);
  const chain: KubeObject[] = [];
  let workload: Workload = { kind: 'Pod', namespace, name: nameOf(pod) };
  let here: KubeObject | undefined = pod;
  for (let step = 0; step < 4 && here; step += 1) {
    const reference = ownerOf(here);
    if (!reference) break;
    const kind = textAt(reference, 'kind');
    const name = textAt(reference, 'name');
    if (kind === 'Node') break;
    workload = { kind, namespace, name };
    const owner = index.find(kind, namespace, name);
    if (owner) chain.push(owner);
    else if (kind === 'ReplicaSet') {
      const hash = textAt(pod, 'metadata', 'labels', 'pod-template-hash');
      if (hash && name.endsWith(`-${hash}`))
        workload = { kind: 'Deployment', namespace, name: name.slice(0, -hash.length - 1) };
    }
    here = owner;
  }
  return { workload, chain };
}

/** Services with the number of ready addresses behind each where Endpoints or slices tell it. */
export function servicesWithEndpoints(index: ObjectIndex): readonly KubeObject[] {
  return index.ofKind('Service').map((service) => {
    const endpoints = index.find('Endpoints', namespaceOf(service), nameOf(service));
    const slices = index
      .ofKind('EndpointSlice')
      .filter(
        (slice) =>
          namespaceOf(slice) === namespaceOf(service) &&
          textAt(slice, 'metadata', 'labels', 'kubernetes.io/service-name') === nameOf(service),
      );
    if (endpoints) {
      const ready = objectsAt(endpoints, 'subsets').reduce((sum, one) => sum + objectsAt(one, 'addresses').length, 0);
      return { ...service, readyEndpoints: ready };
    }
    if (slices.length > 0) {
      const ready = slices.flatMap((slice) => objectsAt(slice, 'endpoints'));
      return { ...service, readyEndpoints: ready.filter((one) => objectAt(one, 'conditions')?.ready !== false).length };
    }
    const selector = textMapAt(service, 'spec', 'selector');
    const entries = Object.entries(selector);
    const pods = index.ofKind('Pod').filter((pod) => namespaceOf(pod) === namespaceOf(service));
    if (entries.length === 0 || pods.length === 0) return service;
    const behind = pods.filter((pod) => {
      const labels = textMapAt(pod, 'metadata', 'labels');
      return entries.every(([key, value]) => labels[key] === value);
    });
    if (behind.length === 0) return service;
    return { ...service, readyEndpoints: behind.filter(isReady).length };
  });
}

function isReady(pod: KubeObject): boolean {
  return objectsAt(pod, 'status', 'conditions').some((one) => one.type === 'Ready' && one.status === 'True');
}

/** Names of the objects of a kind that a pod's spec refers to in its volumes or env. */
export function referredNames(pod: KubeObject): {
  configMaps: ReadonlySet<string>;
  secrets: ReadonlySet<string>;
  claims: ReadonlySet<string>;
} {
  const configMaps = new Set<string>();
  const secrets = new Set<string>(objectsAt(pod, 'spec', 'imagePullSecrets').map(nameField));
  const claims = new Set<string>();
  const containers = [...objectsAt(pod, 'spec', 'initContainers'), ...objectsAt(pod, 'spec', 'containers')];
  for (const container of containers) {
    for (const from of objectsAt(container, 'envFrom')) {
      configMaps.add(textAt(from, 'configMapRef', 'name'));
      secrets.add(textAt(from, 'secretRef', 'name'));
    }
    for (const env of objectsAt(container, 'env')) {
      configMaps.add(textAt(env, 'valueFrom', 'configMapKeyRef', 'name'));
      secrets.add(textAt(env, 'valueFrom', 'secretKeyRef', 'name'));
    }
  }
  for (const volume of objectsAt(pod, 'spec', 'volumes')) {
    configMaps.add(textAt(volume, 'configMap', 'name'));
    secrets.add(textAt(volume, 'secret', 'secretName'));
    claims.add(textAt(volume, 'persistentVolumeClaim', 'claimName'));
    for (const source of objectsAt(volume, 'projected', 'sources')) {
      configMaps.add(textAt(source, 'configMap', 'name'));
      secrets.add(textAt(source, 'secret', 'name'));
    }
  }
  for (const set of [configMaps, secrets, claims]) set.delete('');
  return { configMaps, secrets, claims };
}

const nameField = (object: KubeObject): string => textAt(object, 'name');

/** Names of all containers of a pod, init containers first. */
export function containerNames(pod: KubeObject): readonly string[] {
  return [...objectsAt(pod, 'spec', 'initContainers'), ...objectsAt(pod, 'spec', 'containers')].map(nameField);
}
