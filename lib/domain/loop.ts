import type { ContainerType } from './pod-snapshot';

/** The states of a loop (design: words). `never-started`: no crash, no restart; `slow`: fails steadily, too rarely for a back-off. */
export const LOOP_STATES = [
  'starting',
  'looping',
  'holding',
  'recovered',
  'came-back',
  'gone',
  'never-started',
  'slow',
] as const;
export type LoopState = (typeof LOOP_STATES)[number];

/** The top owner of a pod. `kind` is the Kubernetes kind: Deployment, StatefulSet, DaemonSet, Job, CronJob, Pod or a custom owner's. */
export interface Workload {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Workload kinds and the plurals that URLs and the API use. A map, since kinds are names from the cluster. */
export const PLURALS: ReadonlyMap<string, string> = new Map([
  ['Deployment', 'deployments'],
  ['StatefulSet', 'statefulsets'],
  ['DaemonSet', 'daemonsets'],
  ['Job', 'jobs'],
  ['CronJob', 'cronjobs'],
  ['Pod', 'pods'],
  ['ReplicaSet', 'replicasets'],
  ['ReplicationController', 'replicationcontrollers'],
]);

/** The URL segment of a workload kind: the known plural, or the lower-cased kind of a custom owner. */
export function pluralOf(kind: string): string {
  return PLURALS.get(kind) ?? kind.toLowerCase();
}

/** Identity of a loop: one container of one workload, over all replicas and revisions. */
export function loopId(workload: Workload, container: string): string {
  return `${pluralOf(workload.kind)}/${workload.namespace}/${workload.name}/${container}`;
}

/** The namespace of a loop, by its id; empty for what is no id. */
export function namespaceOfLoop(id: string): string {
  return id.split('/')[1] ?? '';
}

/** One recorded run of one container. Identity (`id`) = pod UID + container + containerID, so a relist doubles nothing. */
export interface Run {
  readonly id: string;
  readonly loopId: string;
  readonly podUid: string;
  readonly podName: string;
  readonly namespace: string;
  readonly container: string;
  readonly containerType: ContainerType;
  readonly containerId: string;
  /** 0 for the first run of the pod's container, then `restartCount` at that run. */
  readonly restartIndex: number;
  /** Epoch milliseconds, whole seconds as the kubelet writes them; null where unknown. */
  readonly startedAt: number | null;
  /** null while it runs. */
  readonly finishedAt: number | null;
  readonly exitCode: number | null;
  readonly reason: string;
  readonly message: string;
  readonly nodeName: string;
  readonly image: string;
  /** Restarts known to have happened before this run and after the previous recorded one, never seen. */
  readonly missedBefore: number;
  /** When Unloop saw the end of this run; null while it runs. */
  readonly observedAt: number | null;
}

/**
 * Characters that are kept of a container's ID: the runtime's scheme and at least 25 of 64 hexadecimal digits. Two IDs of one pod that
 * agree so far do not occur, and 50,000 pods are spared some megabytes.
 */
export const CONTAINER_ID_LENGTH = 40;

/** A container's ID as it is kept everywhere. */
export function keptContainerId(id: string): string {
  return id.slice(0, CONTAINER_ID_LENGTH);
}

/** The stable identity of a run. Start errors may lack a container ID: then the finish time or restart index stands in. */
export function runId(podUid: string, container: string, containerId: string, fallback: string): string {
  const short = containerId.replace(/^[a-z0-9.+-]+:\/\//, '').slice(0, 16);
  return `${podUid}.${container}.${short || fallback}`;
}
