import type { Cluster } from '@/server/demo/cluster';
import type { KubeObject } from '@/server/demo/kube-types';
import { buildTemplate } from '@/server/demo/pod-template';
import type { DemoStatefulSet } from '@/server/demo/workload';
import { isReady } from './replica-set';
import { createRevision } from './revision-history';

/** Creates the claims of one pod of a StatefulSet. */
function createClaims(cluster: Cluster, set: DemoStatefulSet, ordinal: number): void {
  for (const claim of set.claims ?? []) {
    const name = `${claim.name}-${set.name}-${ordinal}`;
    const random = cluster.random(`claim/${set.namespace}/${name}`);
    const uid = random.uuid();
    const object = cluster.store.put('persistentvolumeclaims', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name,
        namespace: set.namespace,
        uid,
        creationTimestamp: cluster.clock.stamp(cluster.clock.now),
        labels: { 'app.kubernetes.io/name': set.name },
        ...(claim.isBound ? { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } } : {}),
      },
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: claim.size } },
        storageClassName: claim.storageClass,
        volumeMode: 'Filesystem',
        ...(claim.isBound ? { volumeName: `pvc-${uid}` } : {}),
      },
      status: claim.isBound
        ? { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: claim.size } }
        : { phase: 'Pending' },
    });
    if (!claim.isBound) tellProvisioning(cluster, object, claim.storageClass);
  }
}

/** The volume controller repeats itself every 15 s; said here at the pace at which the events reach the API. */
function tellProvisioning(cluster: Cluster, claim: KubeObject, storageClass: string): void {
  const message = `storageclass.storage.k8s.io "${storageClass}" not found`;
  cluster.event('persistentvolume-controller', claim, 'Warning', 'ProvisioningFailed', message);
  cluster.clock.after(300_000, () => tellProvisioning(cluster, claim, storageClass));
}

/** The StatefulSet controller for one StatefulSet: pods by number, each after the one before it is ready. */
export function runStatefulSet(cluster: Cluster, set: DemoStatefulSet): void {
  const labels = { 'app.kubernetes.io/name': set.name, ...set.labels };
  const volumes = [
    ...(set.revision.volumes ?? []),
    ...(set.claims ?? []).map((claim) => ({ name: claim.name, persistentVolumeClaim: { claimName: claim.name } })),
  ];
  const template = buildTemplate(set.revision, labels);
  let object = cluster.store.put<KubeObject>('statefulsets', {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      name: set.name,
      namespace: set.namespace,
      uid: cluster.random(`statefulset/${set.namespace}/${set.name}`).uuid(),
      generation: set.revision.revision,
      creationTimestamp: cluster.clock.stamp(cluster.clock.now),
      labels,
    },
    spec: {
      replicas: set.replicas,
      selector: { matchLabels: { 'app.kubernetes.io/name': set.name } },
      template,
      serviceName: set.name,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 10,
      ...(set.claims
        ? {
            volumeClaimTemplates: set.claims.map((claim) => ({
              apiVersion: 'v1',
              kind: 'PersistentVolumeClaim',
              metadata: { name: claim.name },
              spec: {
                accessModes: ['ReadWriteOnce'],
                resources: { requests: { storage: claim.size } },
                storageClassName: claim.storageClass,
              },
            })),
          }
        : {}),
    },
    status: {},
  });
  const { name: revisionName, hash } = createRevision(cluster, object, template, set.revision.revision);

  const reconcile = (): void => {
    const pods = cluster.podsOf(object);
    const ready = pods.filter(isReady).length;
    if (pods.length === ready && pods.length < set.replicas) {
      const ordinal = pods.length;
      createClaims(cluster, set, ordinal);
      const podLabels = {
        ...labels,
        'controller-revision-hash': `${set.name}-${hash}`,
        'statefulset.kubernetes.io/pod-name': `${set.name}-${ordinal}`,
        'apps.kubernetes.io/pod-index': String(ordinal),
      };
      const claimed = volumes.map((volume) =>
        'persistentVolumeClaim' in volume
          ? { ...volume, persistentVolumeClaim: { claimName: `${volume.name}-${set.name}-${ordinal}` } }
          : volume,
      );
      const pod = cluster.createPod({
        namespace: set.namespace,
        name: `${set.name}-${ordinal}`,
        isPrefix: false,
        owner: object,
        template: buildTemplate({ ...set.revision, volumes: claimed }, podLabels),
        plan: set.revision,
        nodeName: set.placement?.[ordinal % set.placement.length] ?? cluster.nextNode(),
      });
      const text = `create Pod ${pod.metadata.name} in StatefulSet ${set.name} successful`;
      cluster.event('statefulset-controller', object, 'Normal', 'SuccessfulCreate', text);
    }
    const status = {
      observedGeneration: set.revision.revision,
      replicas: cluster.podsOf(object).length,
      ...(ready === 0 ? {} : { readyReplicas: ready }),
      availableReplicas: ready,
      currentReplicas: pods.length,
      updatedReplicas: pods.length,
      currentRevision: revisionName,
      updateRevision: revisionName,
      collisionCount: 0,
    };
    if (JSON.stringify(status) === JSON.stringify(object.status)) return;
    object = cluster.store.put('statefulsets', { ...object, status });
  };
  cluster.watchPods(object.metadata.uid, reconcile);
  reconcile();
}
