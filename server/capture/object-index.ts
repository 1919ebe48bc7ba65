import type { KubeObject } from '@/lib/diagnosis/evidence-source';
import { objectAt, objectsAt, textAt, textMapAt } from '@/lib/diagnosis/read-object';
import type { Workload } from '@/lib/domain/loop';

/** The objects of a capture by kind, namespace and name; each object once. What needs a pass over all is worked out once, when first asked. */
export interface ObjectIndex {
  readonly all: readonly KubeObject[];
  ofKind(kind: string): readonly KubeObject[];
  find(kind: string, namespace: string, name: string): KubeObject | undefined;
  /** The workload of a pod or revision, and the chain of its owners. */
  workload(object: KubeObject): Owned;
  /** All pods of a workload. */
  podsOf(workload: Workload): readonly KubeObject[];
  /** ReplicaSets and ControllerRevisions of a workload. */
  revisionsOf(workload: Workload): readonly KubeObject[];
  /** Services of a namespace with the number of ready addresses behind each where Endpoints or slices tell it. */
  servicesOf(namespace: string): readonly KubeObject[];
  inNamespace(kind: string, namespace: string): readonly KubeObject[];
}

/** A workload and the chain of owners that leads to it, nearest first. */
export interface Owned {
  readonly workload: Workload;
  readonly chain: readonly KubeObject[];
}

export const nameOf = (object: KubeObject): string => textAt(object, 'metadata', 'name');
export const namespaceOf = (object: KubeObject): string => textAt(object, 'metadata', 'namespace');
export const uidOf = (object: KubeObject): string => textAt(object, 'metadata', 'uid');

const keyOf = (...words: readonly string[]): string => words.join('\0');

/** The objects of a capture, each once: a must-gather holds pods in a list and one by one. */
export function indexObjects(objects: readonly KubeObject[]): ObjectIndex {
  const all = withoutDoubles(objects);
  const byKind = Map.groupBy(all, (object) => textAt(object, 'kind'));
  const byName = new Map(all.map((one) => [keyOf(textAt(one, 'kind'), namespaceOf(one), nameOf(one)), one]));
  const ofKind = (kind: string) => byKind.get(kind) ?? [];
  const owned = new Map<KubeObject, Owned>();
  const workload = (object: KubeObject): Owned => {
    const known = owned.get(object) ?? workloadOf(object, index);
    owned.set(object, known);
    return known;
  };
  const pods = once(() =>
    Map.groupBy(ofKind('Pod'), (pod) => {
      const { kind, namespace, name } = workload(pod).workload;
      return keyOf(kind, namespace, name);
    }),
  );
  const revisions = once(() =>
    Map.groupBy([...ofKind('ReplicaSet'), ...ofKind('ControllerRevision')], (one) =>
      keyOf(namespaceOf(one), workload(one).workload.name),
    ),
  );
  const services = once(() => Map.groupBy(servicesWithEndpoints(index), namespaceOf));
  const placed = once(() => Map.groupBy(all, (one) => keyOf(textAt(one, 'kind'), namespaceOf(one))));
  const index: ObjectIndex = {
    all,
    ofKind,
    find: (kind, namespace, name) => byName.get(keyOf(kind, namespace, name)),
    workload,
    podsOf: ({ kind, namespace, name }) => pods().get(keyOf(kind, namespace, name)) ?? [],
    revisionsOf: ({ namespace, name }) => revisions().get(keyOf(namespace, name)) ?? [],
    servicesOf: (namespace) => services().get(namespace) ?? [],
    inNamespace: (kind, namespace) => placed().get(keyOf(kind, namespace)) ?? [],
  };
  return index;
}

/** Works a value out when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function withoutDoubles(objects: readonly KubeObject[]): readonly KubeObject[] {
  const kept = new Map<string, KubeObject>();
  for (const object of objects) {
    const kind = textAt(object, 'kind');
    const place = keyOf(kind, namespaceOf(object), nameOf(object));
    // A pod that was made anew under its name has replaced the older one: a log of that name is the newer one's.
    const key = kind === 'Pod' ? place : uidOf(object) || place;
    const known = kept.get(key);
    if (!known || isNewer(object, known)) kept.set(key, object);
  }
  return [...kept.values()];
}

function isNewer(object: KubeObject, known: KubeObject): boolean {
  const [made, before] = [object, known].map((one) => textAt(one, 'metadata', 'creationTimestamp'));
  if (made !== before) return (made ?? '') > (before ?? '');
  const [version, earlier] = [object, known].map((one) => Number(textAt(one, 'metadata', 'resourceVersion')));
  return (version ?? 0) > (earlier ?? 0);
}

/** The controlling owner reference of an object, or null. */
function ownerOf(object: KubeObject): KubeObject | null {
  const references = objectsAt(object, 'metadata', 'ownerReferences');
  return references.find((one) => one.controller === true) ?? references[0] ?? null;
}

/**
 * The chain of owners of a pod, nearest first: ReplicaSet then Deployment, Job then CronJob. Where an owner is not in
 * the capture, what the reference and the template hash tell of it stands in.
 */
function workloadOf(pod: KubeObject, index: ObjectIndex): Owned {
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

function servicesWithEndpoints(index: ObjectIndex): readonly KubeObject[] {
  const slices = Map.groupBy(index.ofKind('EndpointSlice'), (slice) =>
    keyOf(namespaceOf(slice), textAt(slice, 'metadata', 'labels', 'kubernetes.io/service-name')),
  );
  const pods = Map.groupBy(
    index
      .ofKind('Pod')
      .map((pod) => ({ namespace: namespaceOf(pod), labels: textMapAt(pod, 'metadata', 'labels'), pod })),
    ({ namespace }) => namespace,
  );
  return index.ofKind('Service').map((service) => {
    const endpoints = index.find('Endpoints', namespaceOf(service), nameOf(service));
    if (endpoints) {
      const ready = objectsAt(endpoints, 'subsets').reduce((sum, one) => sum + objectsAt(one, 'addresses').length, 0);
      return { ...service, readyEndpoints: ready };
    }
    const own = slices.get(keyOf(namespaceOf(service), nameOf(service)));
    if (own) {
      const ready = own.flatMap((slice) => objectsAt(slice, 'endpoints'));
      return { ...service, readyEndpoints: ready.filter((one) => objectAt(one, 'conditions')?.ready !== false).length };
    }
    const entries = Object.entries(textMapAt(service, 'spec', 'selector'));
    if (entries.length === 0) return service;
    const behind = (pods.get(namespaceOf(service)) ?? []).filter(({ labels }) =>
      entries.every(([key, value]) => labels[key] === value),
    );
    if (behind.length === 0) return service;
    return { ...service, readyEndpoints: behind.filter(({ pod }) => isReady(pod)).length };
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
