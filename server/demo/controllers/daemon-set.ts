import type { Cluster } from '@/server/demo/cluster';
import type { KubeObject } from '@/server/demo/kube-types';
import { DEMO_NODES } from '@/server/demo/nodes';
import { buildTemplate } from '@/server/demo/pod-template';
import type { DemoDaemonSet } from '@/server/demo/workload';
import { isReady } from './replica-set';
import { createRevision } from './revision-history';

/** The DaemonSet controller for one DaemonSet: a pod on each node, or on each of `placement`. */
export function runDaemonSet(cluster: Cluster, set: DemoDaemonSet): void {
  const labels = { 'app.kubernetes.io/name': set.name, ...set.labels };
  const template = buildTemplate(set.revision, labels);
  let object = cluster.store.put<KubeObject>('daemonsets', {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: {
      name: set.name,
      namespace: set.namespace,
      uid: cluster.random(`daemonset/${set.namespace}/${set.name}`).uuid(),
      generation: set.revision.revision,
      creationTimestamp: cluster.clock.stamp(cluster.clock.now),
      labels,
    },
    spec: {
      selector: { matchLabels: { 'app.kubernetes.io/name': set.name } },
      template,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      revisionHistoryLimit: 10,
    },
    status: {},
  });
  const { hash } = createRevision(cluster, object, template, set.revision.revision);
  const podLabels = {
    ...labels,
    'controller-revision-hash': hash,
    'pod-template-generation': String(set.revision.revision),
  };
  const nodes = set.placement ?? DEMO_NODES.map((node) => node.name);
  for (const nodeName of nodes) {
    const pod = cluster.createPod({
      namespace: set.namespace,
      name: `${set.name}-`,
      isPrefix: true,
      owner: object,
      template: buildTemplate(set.revision, podLabels),
      plan: set.revision,
      nodeName,
    });
    cluster.event('daemonset-controller', object, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
  }
  const reconcile = (): void => {
    const ready = cluster.podsOf(object).filter(isReady).length;
    const status = {
      currentNumberScheduled: nodes.length,
      numberMisscheduled: 0,
      desiredNumberScheduled: nodes.length,
      numberReady: ready,
      observedGeneration: set.revision.revision,
      updatedNumberScheduled: nodes.length,
      ...(ready === 0 ? {} : { numberAvailable: ready }),
      ...(ready === nodes.length ? {} : { numberUnavailable: nodes.length - ready }),
    };
    if (JSON.stringify(status) === JSON.stringify(object.status)) return;
    object = cluster.store.put('daemonsets', { ...object, status });
  };
  cluster.watchPods(object.metadata.uid, reconcile);
  reconcile();
}
