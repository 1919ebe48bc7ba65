import type { KubeObject, Part } from '@/lib/domain/collected';
import type { Workload } from '@/lib/domain/loop';
import type { EventSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';
import { redactObject, redactTogether } from '@/lib/domain/redact/objects';
import { toInstant } from '@/lib/domain/time';
import { withDeadline } from './deadline';
import { decodeEvent } from './decode-event';
import { guardedRead, READ_DEADLINE_MS, ReadCache } from './guarded-read';
import { Interner } from './intern';
import { asList, asRecord, asText } from './json-field';
import type { KubeClient } from './kube-client';
import { KubeError } from './kube-error';
import { lastWriteOf } from './last-write';
import { ACCEPT_LIST, readList } from './list-stream';
import { toEventSnapshot } from './to-event-snapshot';

/** API path and plural of the workload kinds that can be read. */
const KINDS: Readonly<Record<string, readonly [path: string, plural: string]>> = {
  Deployment: ['/apis/apps/v1', 'deployments'],
  ReplicaSet: ['/apis/apps/v1', 'replicasets'],
  StatefulSet: ['/apis/apps/v1', 'statefulsets'],
  DaemonSet: ['/apis/apps/v1', 'daemonsets'],
  Job: ['/apis/batch/v1', 'jobs'],
  CronJob: ['/apis/batch/v1', 'cronjobs'],
  ReplicationController: ['/api/v1', 'replicationcontrollers'],
};
const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';
const KEEP_MS = 30_000;
/** An owner never changes its own owner. */
const KEEP_OWNER_MS = 3_600_000;
const EVENTS_MAX = 200;
const NAMES_MAX = 20;

/**
 * Reads what a diagnosis needs, object by object, as JSON. Each read has its own deadline of 5 s and gives the thing or the reason
 * in words why there is none; nothing throws. Secrets are never read, and
 * credentials in what is read are withheld. Answers that many loops share are kept for 30 s.
 */
export class EvidenceReader {
  readonly #client: KubeClient;
  readonly #shared = new ReadCache<Part<KubeObject>>(KEEP_MS, 2_000);
  readonly #sharedLists = new ReadCache<Part<readonly KubeObject[]>>(KEEP_MS, 500);
  readonly #workloads = new ReadCache<Workload>(KEEP_OWNER_MS, 20_000);
  readonly #intern = new Interner();

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** The pod as it is now, never from the cache. */
  async pod(namespace: string, name: string): Promise<Part<KubeObject>> {
    return await this.#object(`pod ${name}`, 'get on pods', `/api/v1/namespaces/${enc(namespace)}/pods/${enc(name)}`);
  }

  /** The node, without its list of images. */
  async node(name: string): Promise<Part<KubeObject>> {
    return await this.#shared.get(`node/${name}`, async () => {
      const part = await this.#object(`node ${name}`, 'get on nodes', `/api/v1/nodes/${enc(name)}`);
      if ('missing' in part) return part;
      const { images: _, ...status } = asRecord(part.value.status);
      return { value: { ...part.value, status } };
    });
  }

  /** The workload object itself. */
  async owner(workload: Workload): Promise<Part<KubeObject>> {
    const { kind, namespace, name } = workload;
    if (kind === 'Pod') return { missing: 'the pod has no owner' };
    const known = KINDS[kind];
    if (!known) return { missing: `${kind} ${name}: owners of this kind are not read` };
    const [path, plural] = known;
    return await this.#shared.get(
      `${plural}/${namespace}/${name}`,
      async () =>
        await this.#object(
          `${kind} ${name}`,
          `get on ${plural}`,
          `${path}/namespaces/${enc(namespace)}/${plural}/${enc(name)}`,
        ),
    );
  }

  /**
   * ReplicaSets of a Deployment or ControllerRevisions of a StatefulSet or DaemonSet, any order. `owner` is the workload object,
   * whose selector and UID say which are its own.
   */
  async revisions(workload: Workload, owner: KubeObject): Promise<Part<readonly KubeObject[]>> {
    const { kind, namespace, name } = workload;
    const plural = kind === 'Deployment' ? 'replicasets' : 'controllerrevisions';
    if (kind !== 'Deployment' && kind !== 'StatefulSet' && kind !== 'DaemonSet') {
      return { missing: `a ${kind} keeps no revisions` };
    }
    const uid = asText(asRecord(owner.metadata).uid);
    const selector = selectorText(asRecord(owner.spec).selector);
    return await this.#sharedLists.get(`revisions/${namespace}/${kind}/${name}`, async () => {
      const part = await this.#list(
        `revisions of ${kind} ${name}`,
        `list on ${plural}`,
        `/apis/apps/v1/namespaces/${enc(namespace)}/${plural}?limit=100${selector ? `&labelSelector=${enc(selector)}` : ''}`,
      );
      if ('missing' in part) return part;
      return { value: part.value.filter((each) => controllerOf(each)?.uid === uid) };
    });
  }

  /**
   * Those of the named ConfigMaps that exist, each with `changedAt`, the last write of its data, where that is kept. Missing as a
   * whole where any of them could not be asked for.
   */
  async configMaps(namespace: string, names: readonly string[]): Promise<Part<readonly KubeObject[]>> {
    return await this.#named('ConfigMap', 'configmaps', namespace, names);
  }

  /** PersistentVolumeClaims by name; those that do not exist are left out. */
  async claims(namespace: string, names: readonly string[]): Promise<Part<readonly KubeObject[]>> {
    return await this.#named('PersistentVolumeClaim', 'persistentvolumeclaims', namespace, names);
  }

  /** Services of a namespace; where endpoint slices may be listed each carries `readyEndpoints`, a number. */
  async services(namespace: string): Promise<Part<readonly KubeObject[]>> {
    return await this.#sharedLists.get(`services/${namespace}`, async () => {
      const [services, slices] = await Promise.all([
        this.#list(
          `services of ${namespace}`,
          'list on services',
          `/api/v1/namespaces/${enc(namespace)}/services?limit=500`,
        ),
        this.#list(
          `endpoints of ${namespace}`,
          'list on endpointslices',
          `/apis/discovery.k8s.io/v1/namespaces/${enc(namespace)}/endpointslices?limit=1000`,
        ),
      ]);
      if ('missing' in services || 'missing' in slices) return services;
      const ready = readyAddresses(slices.value);
      return {
        value: services.value.map((service) => ({
          ...service,
          readyEndpoints: ready.get(asText(asRecord(service.metadata).name))?.size ?? 0,
        })),
      };
    });
  }

  /** NetworkPolicies of a namespace. */
  async policies(namespace: string): Promise<Part<readonly KubeObject[]>> {
    return await this.#sharedLists.get(
      `policies/${namespace}`,
      async () =>
        await this.#list(
          `network policies of ${namespace}`,
          'list on networkpolicies',
          `/apis/networking.k8s.io/v1/namespaces/${enc(namespace)}/networkpolicies?limit=500`,
        ),
    );
  }

  /** Events about the objects with these UIDs, at most 200 of each, any type. */
  async events(namespace: string, uids: readonly string[]): Promise<Part<readonly EventSnapshot[]>> {
    return await guardedRead(`events in ${namespace}`, 'list on events', async (signal) => {
      const lists = await Promise.all([...new Set(uids)].map((uid) => this.#eventsOf(namespace, uid, signal)));
      return lists.flat();
    });
  }

  /**
   * The top owner of a pod: ReplicaSet → Deployment (or whatever owns it), Job → CronJob, by reading the owner's metadata.
   * Where that is not permitted or gone, the guess. Never throws.
   */
  async resolveWorkload(pod: PodSnapshot): Promise<Workload> {
    const { owner } = pod;
    if (!owner || (owner.kind !== 'ReplicaSet' && owner.kind !== 'Job')) return guessWorkload(pod);
    const known = KINDS[owner.kind];
    if (!known) return guessWorkload(pod);
    const [path, plural] = known;
    const url = `${path}/namespaces/${enc(pod.namespace)}/${plural}/${enc(owner.name)}`;
    try {
      return await this.#workloads.get(`${pod.namespace}/${owner.kind}/${owner.name}/${owner.uid}`, async () => {
        const answer = await withDeadline(READ_DEADLINE_MS, null, (signal) =>
          this.#client.json('GET', url, { accept: METADATA, signal }),
        );
        const above = controllerOf(asRecord(answer));
        const { kind, name } = above ?? owner;
        return { kind, namespace: pod.namespace, name };
      });
    } catch {
      // Forbidden, gone or too late: the guess is right for everything the built-in controllers make.
      return guessWorkload(pod);
    }
  }

  async #eventsOf(namespace: string, uid: string, signal: AbortSignal): Promise<EventSnapshot[]> {
    const found: EventSnapshot[] = [];
    const selector = encodeURIComponent(`involvedObject.uid=${uid}`);
    const stream = await this.#client.open(
      'GET',
      `/api/v1/namespaces/${enc(namespace)}/events?fieldSelector=${selector}&limit=${EVENTS_MAX}`,
      { accept: ACCEPT_LIST, signal },
    );
    const codec = {
      fromBytes: (bytes: Buffer, start: number, end: number) => decodeEvent(bytes, this.#intern, start, end),
      fromJson: (value: unknown) => toEventSnapshot(value, this.#intern),
    };
    await readList(stream, codec, (event) => found.push(event), signal);
    return found;
  }

  async #object(what: string, right: string, path: string): Promise<Part<KubeObject>> {
    return await guardedRead(what, right, async (signal) =>
      redactObject(asRecord(await this.#client.json('GET', path, { signal }))),
    );
  }

  async #list(what: string, right: string, path: string): Promise<Part<readonly KubeObject[]>> {
    return await guardedRead(what, right, async (signal) => {
      const { items, kind, apiVersion } = asRecord(await this.#client.json('GET', path, { signal }));
      // Members of a list carry neither: what they are stands once on the list (`ReplicaSetList`).
      const ofOne = /^(.+)List$/.exec(asText(kind))?.[1];
      const type = ofOne === undefined ? {} : { apiVersion: asText(apiVersion), kind: ofOne };
      return redactTogether(asList(items).map((item) => ({ ...type, ...asRecord(item) })));
    });
  }

  async #named(
    kind: string,
    plural: string,
    namespace: string,
    names: readonly string[],
  ): Promise<Part<readonly KubeObject[]>> {
    const asked = [...new Set(names)].slice(0, NAMES_MAX);
    const parts = await Promise.all(
      asked.map((name) =>
        guardedRead(`${kind} ${name}`, `get on ${plural}`, async (signal) => {
          try {
            const path = `/api/v1/namespaces/${enc(namespace)}/${plural}/${enc(name)}`;
            const object = asRecord(await this.#client.json('GET', path, { signal }));
            const changedAt = toInstant(lastWriteOf(object));
            return { ...redactObject(object), ...(changedAt === null ? {} : { changedAt }) };
          } catch (error) {
            if (error instanceof KubeError && error.status === 404) return null;
            throw error;
          }
        }),
      ),
    );
    const found: KubeObject[] = [];
    for (const part of parts) {
      if ('missing' in part) return part;
      if (part.value) found.push({ kind, ...part.value });
    }
    return { value: found };
  }
}

/**
 * Names the workload of a pod from what the pod itself says: a ReplicaSet's name ends in the pod's template hash, a CronJob's Jobs end
 * in the scheduled minute. Right for what the built-in controllers make; `resolveWorkload` settles the rest.
 */
export function guessWorkload(pod: PodSnapshot): Workload {
  const { namespace, owner, templateHash } = pod;
  // The mirror pod of a static pod is owned by its node.
  if (!owner || owner.kind === 'Node') return { kind: 'Pod', namespace, name: pod.name };
  if (owner.kind === 'ReplicaSet' && templateHash !== '' && owner.name.endsWith(`-${templateHash}`)) {
    return { kind: 'Deployment', namespace, name: owner.name.slice(0, -templateHash.length - 1) };
  }
  const scheduled = owner.kind === 'Job' ? /^(.+)-\d{8,}$/.exec(owner.name)?.[1] : undefined;
  if (scheduled) return { kind: 'CronJob', namespace, name: scheduled };
  return { kind: owner.kind, namespace, name: owner.name };
}

function enc(text: string): string {
  return encodeURIComponent(text);
}

function controllerOf(object: KubeObject): { kind: string; name: string; uid: string } | null {
  for (const each of asList(asRecord(object.metadata).ownerReferences)) {
    const { controller, kind, name, uid } = asRecord(each);
    if (controller === true) return { kind: asText(kind), name: asText(name), uid: asText(uid) };
  }
  return null;
}

/** A LabelSelector in the query syntax; requirements that have none there are left out, the UID decides anyway. */
function selectorText(selector: unknown): string {
  const { matchLabels, matchExpressions } = asRecord(selector);
  const parts = Object.entries(asRecord(matchLabels)).map(([key, value]) => `${key}=${asText(value)}`);
  for (const each of asList(matchExpressions)) {
    const { key, operator, values } = asRecord(each);
    const list = asList(values).map(asText).join(',');
    if (operator === 'In') parts.push(`${asText(key)} in (${list})`);
    else if (operator === 'NotIn') parts.push(`${asText(key)} notin (${list})`);
    else if (operator === 'Exists') parts.push(asText(key));
    else if (operator === 'DoesNotExist') parts.push(`!${asText(key)}`);
  }
  return parts.join(',');
}

/** Ready addresses by service name; an address may stand in several slices. */
function readyAddresses(slices: readonly KubeObject[]): ReadonlyMap<string, ReadonlySet<string>> {
  const ready = new Map<string, Set<string>>();
  for (const slice of slices) {
    const service = asText(asRecord(asRecord(slice.metadata).labels)['kubernetes.io/service-name']);
    const addresses = ready.get(service) ?? new Set<string>();
    ready.set(service, addresses);
    for (const each of asList(slice.endpoints)) {
      const endpoint = asRecord(each);
      if (asRecord(endpoint.conditions).ready === false) continue;
      for (const address of asList(endpoint.addresses)) addresses.add(asText(address));
    }
  }
  return ready;
}
