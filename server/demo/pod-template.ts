import type { ContainerSpec, PodSpec, ProbeSpec } from './kube-types';
import type { PodPlan } from './workload';

/** A pod template as it stands in workloads and, completed, in pods. */
export interface PodTemplate {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: PodSpec;
}

function completeProbe(probe: ProbeSpec): ProbeSpec {
  const { httpGet } = probe;
  return {
    ...probe,
    ...(httpGet ? { httpGet: { scheme: 'HTTP', ...httpGet } } : {}),
    timeoutSeconds: probe.timeoutSeconds ?? 1,
    periodSeconds: probe.periodSeconds ?? 10,
    successThreshold: probe.successThreshold ?? 1,
    failureThreshold: probe.failureThreshold ?? 3,
  };
}

/** Fills in what the API server fills in (`pkg/apis/core/v1/defaults.go`). */
function completeContainer(spec: ContainerSpec): ContainerSpec {
  const { livenessProbe, readinessProbe, startupProbe } = spec;
  return {
    imagePullPolicy: spec.image.endsWith(':latest') ? 'Always' : 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...spec,
    resources: spec.resources ?? {},
    ...(livenessProbe ? { livenessProbe: completeProbe(livenessProbe) } : {}),
    ...(readinessProbe ? { readinessProbe: completeProbe(readinessProbe) } : {}),
    ...(startupProbe ? { startupProbe: completeProbe(startupProbe) } : {}),
  };
}

/** The pod template of a plan. */
export function buildTemplate(plan: PodPlan, labels: Readonly<Record<string, string>>): PodTemplate {
  const account = plan.serviceAccount ?? 'default';
  return {
    metadata: { labels, ...(plan.annotations ? { annotations: plan.annotations } : {}) },
    spec: {
      ...(plan.volumes ? { volumes: plan.volumes } : {}),
      ...(plan.initContainers ? { initContainers: plan.initContainers.map(completeContainer) } : {}),
      containers: plan.containers.map(completeContainer),
      restartPolicy: plan.restartPolicy ?? 'Always',
      terminationGracePeriodSeconds: plan.graceSeconds ?? 30,
      dnsPolicy: 'ClusterFirst',
      ...(account === 'default' ? {} : { serviceAccountName: account, serviceAccount: account }),
      securityContext: plan.securityContext ?? {},
      schedulerName: 'default-scheduler',
      ...plan.extra,
    },
  };
}

/** The spec of a pod made from a template: the service account's token volume and the default tolerations added. */
export function admitPodSpec(spec: PodSpec, tokenSuffix: string): PodSpec {
  const name = `kube-api-access-${tokenSuffix}`;
  const mount = { name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
  const withToken = (container: ContainerSpec): ContainerSpec => ({
    ...container,
    volumeMounts: [...(container.volumeMounts ?? []), mount],
  });
  const tolerate = (key: string): Readonly<Record<string, unknown>> => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  });
  const token = {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 420,
    },
  };
  return {
    serviceAccountName: 'default',
    serviceAccount: 'default',
    preemptionPolicy: 'PreemptLowerPriority',
    priority: 0,
    enableServiceLinks: true,
    ...spec,
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(withToken) } : {}),
    containers: spec.containers.map(withToken),
    volumes: [...(spec.volumes ?? []), token],
    tolerations: [
      ...((spec.tolerations as readonly unknown[] | undefined) ?? []),
      tolerate('node.kubernetes.io/not-ready'),
      tolerate('node.kubernetes.io/unreachable'),
    ],
  };
}
