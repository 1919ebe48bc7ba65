/** Objects for tests, in JSON as an API server answers. */

export interface SamplePod extends Readonly<Record<string, unknown>> {
  readonly metadata: Record<string, unknown> & { name: string; namespace: string; uid: string };
  readonly spec: Record<string, unknown>;
  readonly status: Record<string, unknown>;
}

/** A pod of a Deployment with one container in a crash loop. */
export function crashingPod(name = 'web-5d9c7b8f6d-abcde', namespace = 'shop', restartCount = 3): SamplePod {
  return {
    metadata: {
      name,
      namespace,
      uid: `uid-${namespace}-${name}`,
      resourceVersion: '100',
      creationTimestamp: '2026-11-25T10:00:00Z',
      labels: { app: 'web', 'pod-template-hash': '5d9c7b8f6d' },
      annotations: { note: 'x'.repeat(300) },
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Other', name: 'no-controller', uid: 'o-0' },
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d9c7b8f6d', uid: 'rs-1', controller: true },
      ],
    },
    spec: {
      nodeName: 'node-1',
      restartPolicy: 'Always',
      initContainers: [
        { name: 'migrate', image: 'shop/migrate:1' },
        { name: 'proxy', image: 'mesh/proxy:2', restartPolicy: 'Always' },
      ],
      containers: [
        { name: 'app', image: 'shop/web:1' },
        { name: 'log-shipper', image: 'shop/shipper:1' },
      ],
    },
    status: {
      phase: 'Running',
      conditions: [
        { type: 'PodReadyToStartContainers', status: 'True', lastTransitionTime: '2026-11-25T10:00:01Z' },
        { type: 'Initialized', status: 'True', lastTransitionTime: '2026-11-25T10:00:03Z' },
        {
          type: 'Ready',
          status: 'False',
          reason: 'ContainersNotReady',
          message: 'containers with unready status: [app]',
          lastTransitionTime: '2026-11-25T10:00:04Z',
        },
        { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-11-25T10:00:00Z' },
      ],
      initContainerStatuses: [
        {
          name: 'migrate',
          image: 'shop/migrate:1',
          containerID: 'containerd://m1',
          restartCount: 0,
          ready: true,
          started: false,
          state: {
            terminated: {
              exitCode: 0,
              reason: 'Completed',
              startedAt: '2026-11-25T10:00:01Z',
              finishedAt: '2026-11-25T10:00:02Z',
              containerID: 'containerd://m1',
            },
          },
          lastState: {},
        },
        {
          name: 'proxy',
          image: 'mesh/proxy:2',
          containerID: 'containerd://p1',
          restartCount: 0,
          ready: true,
          started: true,
          state: { running: { startedAt: '2026-11-25T10:00:03Z' } },
          lastState: {},
        },
      ],
      containerStatuses: [
        {
          name: 'app',
          image: 'shop/web:1',
          imageID: 'shop/web@sha256:1',
          containerID: 'containerd://a3',
          restartCount,
          ready: false,
          started: false,
          state: {
            waiting: {
              reason: 'CrashLoopBackOff',
              message: `back-off 40s restarting failed container=app pod=${name}_${namespace}(x)`,
            },
          },
          lastState: {
            terminated: {
              exitCode: -532462766,
              reason: 'Error',
              message: 'Übergabe fehlgeschlagen ✗',
              startedAt: '2026-11-25T10:05:00Z',
              finishedAt: '2026-11-25T10:05:02Z',
              containerID: 'containerd://a3',
            },
          },
        },
        {
          name: 'log-shipper',
          image: 'shop/shipper:1',
          containerID: 'containerd://l1',
          restartCount: 0,
          ready: true,
          started: true,
          state: { running: { startedAt: '2026-11-25T10:00:04Z' } },
          lastState: {},
        },
      ],
    },
  };
}

/** A pod that runs; its projection is as small as projections get. */
export function healthyPod(name: string, namespace = 'shop'): SamplePod {
  const pod = crashingPod(name, namespace, 0);
  return {
    ...pod,
    spec: { ...pod.spec, initContainers: [] },
    status: {
      phase: 'Running',
      conditions: ['PodScheduled', 'Initialized', 'Ready'].map((type) => ({ type, status: 'True' })),
      containerStatuses: ['app', 'log-shipper'].map((container) => ({
        name: container,
        image: 'shop/web:1',
        containerID: `containerd://${Buffer.from(`${name}${container}`).toString('hex').padEnd(64, '0').slice(0, 64)}`,
        restartCount: 0,
        ready: true,
        started: true,
        state: { running: { startedAt: '2026-11-25T10:00:04Z' } },
        lastState: {},
      })),
    },
  };
}

/** An event of the kubelet about a container of that pod. */
export function backOffEvent(
  pod: SamplePod,
  uid = 'e-1',
  count = 4,
): Record<string, unknown> & { metadata: Record<string, unknown> } {
  return {
    metadata: {
      name: `${pod.metadata.name}.${uid}`,
      namespace: pod.metadata.namespace,
      uid,
      resourceVersion: '7',
      creationTimestamp: '2026-11-25T10:01:00Z',
    },
    involvedObject: {
      kind: 'Pod',
      namespace: pod.metadata.namespace,
      name: pod.metadata.name,
      uid: pod.metadata.uid,
      fieldPath: 'spec.containers{app}',
    },
    reason: 'BackOff',
    message: 'Back-off restarting failed container app',
    source: { component: 'kubelet', host: 'node-1' },
    firstTimestamp: '2026-11-25T10:01:00Z',
    lastTimestamp: '2026-11-25T10:05:03Z',
    count,
    type: 'Warning',
    reportingComponent: 'kubelet',
  };
}
