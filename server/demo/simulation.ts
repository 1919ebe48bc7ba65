import type { EpochMs } from '@/lib/domain/time';
import { Clock } from './clock';
import { Cluster } from './cluster';
import { runCronJob } from './controllers/cron-job';
import { runDaemonSet } from './controllers/daemon-set';
import { DeploymentController } from './controllers/deployment';
import { runJob } from './controllers/job';
import { runStatefulSet } from './controllers/stateful-set';
import { expireEvents } from './events';
import { isPod, type KubeObject, type Pod } from './kube-types';
import { readContainerLog } from './kubelet/container-log';
import { buildNode, DEMO_NODES } from './nodes';
import { ObjectStore } from './object-store';
import { buildTemplate } from './pod-template';
import type { DemoConfigMap, DemoService, DemoWorkload, Scenario } from './workload';

const DAY_MS = 86_400_000;
/** How many changes of a resource a watch may resume over: some minutes of a busy demo. */
const KEPT_CHANGES = 2_000;
const CLUSTER_AGE_DAYS = 97;
/** Of a log of the past so many last lines are told. */
const PAST_LINES = 500;

function beginOf(workload: DemoWorkload): number {
  switch (workload.kind) {
    case 'Deployment':
      return workload.revisions[0]?.at ?? 0;
    case 'StatefulSet':
    case 'DaemonSet':
      return workload.revision.at;
    case 'CronJob':
      return workload.firstAt;
    case 'Job':
    case 'Pod':
      return workload.at;
  }
}

function install(cluster: Cluster, workload: DemoWorkload): void {
  const labels = { 'app.kubernetes.io/name': workload.name, ...workload.labels };
  const placement = workload.placement ?? [];
  switch (workload.kind) {
    case 'Deployment':
      new DeploymentController(cluster, workload);
      return;
    case 'StatefulSet':
      runStatefulSet(cluster, workload);
      return;
    case 'DaemonSet':
      runDaemonSet(cluster, workload);
      return;
    case 'CronJob':
      runCronJob(cluster, workload);
      return;
    case 'Job':
      runJob(cluster, { ...workload, labels, placement, owner: null, ended: () => {} });
      return;
    case 'Pod':
      cluster.createPod({
        namespace: workload.namespace,
        name: workload.name,
        isPrefix: false,
        owner: null,
        template: buildTemplate(workload.plan, labels),
        plan: workload.plan,
        nodeName: placement[0] ?? cluster.nextNode(),
      });
  }
}

/** Makes an object that no controller of the demo looks after. */
function putPlain(
  cluster: Cluster,
  resource: string,
  object: Omit<KubeObject, 'metadata'>,
  namespace: string | null,
  name: string,
  at: number,
  written: Readonly<Record<string, unknown>> = {},
): void {
  const { clock, store } = cluster;
  const before = store.get(resource, namespace ?? undefined, name);
  store.put(resource, {
    ...object,
    apiVersion: 'v1',
    kind: String(object.kind),
    metadata: {
      ...(before?.metadata ?? {
        name,
        ...(namespace === null ? {} : { namespace }),
        uid: cluster.random(`${resource}/${namespace}/${name}`).uuid(),
        creationTimestamp: clock.stamp(clock.openedAt + at),
        labels: namespace === null ? { 'kubernetes.io/metadata.name': name } : { 'app.kubernetes.io/name': name },
      }),
      ...written,
    },
  });
}

/** The field ownership that the API server keeps of a write, with its instant. */
function writtenBy(cluster: Cluster, data: Readonly<Record<string, string>>, at: number): Record<string, unknown> {
  const keys = Object.fromEntries(Object.keys(data).map((key) => [`f:${key}`, {}]));
  return {
    managedFields: [
      {
        manager: 'helm',
        operation: 'Update',
        apiVersion: 'v1',
        time: cluster.clock.stamp(cluster.clock.openedAt + at),
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { '.': {}, ...keys } },
      },
    ],
  };
}

function installConfigMap(cluster: Cluster, map: DemoConfigMap): void {
  const first = map.versions[0]?.at ?? 0;
  for (const { at, data } of map.versions) {
    cluster.clock.at(cluster.clock.openedAt + at, () => {
      const object = { apiVersion: 'v1', kind: 'ConfigMap', data };
      putPlain(cluster, 'configmaps', object, map.namespace, map.name, first, writtenBy(cluster, data, at));
    });
  }
}

function installService(cluster: Cluster, service: DemoService, index: number): void {
  const clusterIP = service.clusterIP ?? `10.96.${12 + Math.floor(index / 200)}.${20 + (index % 200)}`;
  const spec = {
    type: 'ClusterIP',
    clusterIP,
    clusterIPs: [clusterIP],
    selector: { 'app.kubernetes.io/name': service.app },
    ports: [{ port: service.port, protocol: 'TCP', targetPort: service.targetPort ?? service.port }],
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
  };
  const object = { apiVersion: 'v1', kind: 'Service', spec, status: { loadBalancer: {} } };
  putPlain(cluster, 'services', object, service.namespace, service.name, -30 * DAY_MS);
}

/** Called with a pod of the past as it was at an instant (epoch milliseconds), and with a way to read its logs at that instant. */
export type PastWatcher = (pod: Pod, at: EpochMs, readLog: (container: string, previous: boolean) => string) => void;

/** A reader of one pod's logs, stamped; empty where the kubelet has none. */
function logReader(cluster: Cluster, pod: Pod): (container: string, previous: boolean) => string {
  return (container, previous) => {
    const worker = cluster.worker(pod.metadata.uid);
    const slot = worker?.slots.find((one) => one.spec.name === container);
    if (!worker || !slot) return '';
    const options = { previous, timestamps: true, tailLines: PAST_LINES, limitBytes: null, since: null };
    const answer = readContainerLog(worker, slot, options, cluster.clock);
    return answer.kind === 'text' ? answer.text : '';
  };
}

/** A cluster with its past: everything up to the opening has already happened. */
export interface Simulation {
  readonly cluster: Cluster;
  /** Lets happen what is due at a real instant. */
  catchUp(wallNow: EpochMs): void;
  /** The real instant of the next thing to happen, or null. */
  nextAt(): EpochMs | null;
}

/** Builds the cluster of the given stories, and lives through their past up to `openedAt`. Equal options give equal clusters. */
export function createSimulation(options: {
  openedAt: EpochMs;
  seed: number;
  speed: number;
  scenarios: readonly Scenario[];
  /** Told of each pod of the past as it was then. */
  onPast?: PastWatcher;
}): Simulation {
  const { openedAt, seed, speed, scenarios } = options;
  const workloads = scenarios.flatMap((scenario) => scenario.workloads);
  const configMaps = scenarios.flatMap((scenario) => scenario.configMaps ?? []);
  const begins = [0, ...workloads.map(beginOf), ...configMaps.flatMap((map) => map.versions.map((one) => one.at))];
  const clock = new Clock({ beginAt: openedAt + Math.min(...begins), openedAt, speed });
  // Versions follow real time, so that a client that outlives one demo cluster finds its version too old in the next.
  const store = new ObjectStore({ firstVersion: Math.floor(openedAt / 100) - 200_000, keptChanges: KEPT_CHANGES });
  expireEvents(store, clock);
  const cluster = new Cluster({ clock, store, seed });

  for (const node of DEMO_NODES) store.put('nodes', buildNode(node, clock, CLUSTER_AGE_DAYS));
  const namespaces = new Set(['default', 'kube-system', ...workloads.map((workload) => workload.namespace)]);
  for (const name of namespaces) {
    const object = {
      apiVersion: 'v1',
      kind: 'Namespace',
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    };
    putPlain(cluster, 'namespaces', object, null, name, -CLUSTER_AGE_DAYS * DAY_MS);
  }
  for (const map of configMaps) installConfigMap(cluster, map);
  const services = scenarios.flatMap((scenario) => scenario.services ?? []);
  for (const [index, service] of services.entries()) installService(cluster, service, index);
  for (const workload of workloads) clock.at(openedAt + beginOf(workload), () => install(cluster, workload));

  const endOfPast = store.subscribe('pods', ({ next }) => {
    if (next && options.onPast && isPod(next)) options.onPast(next, clock.wall(clock.now), logReader(cluster, next));
  });
  clock.runUntil(openedAt);
  endOfPast();
  store.compact(Math.floor(openedAt / 100));
  return {
    cluster,
    catchUp: (wallNow) => clock.runUntil(clock.simulated(wallNow)),
    nextAt: () => {
      const at = clock.nextAt();
      return at === null ? null : clock.wall(at);
    },
  };
}
