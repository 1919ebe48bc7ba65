import type { ContainerType } from '@/lib/domain/pod-snapshot';
import { redactArgs } from '@/lib/domain/redact/objects';
import { redactText, redactValue } from '@/lib/domain/redact/text';
import type { ContainerEvidence, EnvEvidence, MountEvidence, ProbeEvidence } from './evidence';
import type { KubeObject } from './evidence-source';
import { booleanAt, numberAt, objectAt, objectsAt, textAt, textOrNullAt, textsAt } from './read-object';

/** Reads a probe with the defaults of the API filled in (crash-semantics 4.1), or null where none is set. */
function buildProbe(raw: KubeObject | null): ProbeEvidence | null {
  if (!raw) return null;
  const http = objectAt(raw, 'httpGet');
  const tcp = objectAt(raw, 'tcpSocket');
  const grpc = objectAt(raw, 'grpc');
  const exec = objectAt(raw, 'exec');
  return {
    handler: http ? 'http' : tcp ? 'tcp' : grpc ? 'grpc' : exec ? 'exec' : 'none',
    scheme: http ? textAt(http, 'scheme') || 'HTTP' : '',
    path: http ? textAt(http, 'path') || '/' : '',
    port: textAt(http ?? tcp ?? grpc, 'port'),
    command: shownCommand(exec),
    initialDelay: numberAt(raw, 'initialDelaySeconds') ?? 0,
    period: numberAt(raw, 'periodSeconds') ?? 10,
    timeout: numberAt(raw, 'timeoutSeconds') ?? 1,
    failureThreshold: numberAt(raw, 'failureThreshold') ?? 3,
    grace: numberAt(raw, 'terminationGracePeriodSeconds'),
  };
}

function shownCommand(raw: KubeObject | null): readonly string[] {
  const command = textsAt(raw, 'command');
  return redactArgs(command, command[0] ?? '');
}

function buildEnv(raw: KubeObject): EnvEvidence {
  const name = textAt(raw, 'name');
  const source = objectAt(raw, 'valueFrom');
  if (!source) return { name, value: redactValue(name, textAt(raw, 'value')), from: null };
  const configMap = objectAt(source, 'configMapKeyRef');
  const secret = objectAt(source, 'secretKeyRef');
  const field = objectAt(source, 'fieldRef');
  const ref = configMap ?? secret;
  if (ref) {
    return {
      name,
      value: null,
      from: {
        kind: configMap ? 'ConfigMap' : 'Secret',
        name: textAt(ref, 'name'),
        key: textAt(ref, 'key'),
        optional: booleanAt(ref, 'optional') ?? false,
      },
    };
  }
  const key = field ? textAt(field, 'fieldPath') : textAt(source, 'resourceFieldRef', 'resource');
  return { name, value: null, from: { kind: field ? 'field' : 'resource', name: '', key, optional: false } };
}

function buildEnvFrom(raw: KubeObject): ContainerEvidence['envFrom'] {
  const configMap = objectAt(raw, 'configMapRef');
  const ref = configMap ?? objectAt(raw, 'secretRef');
  if (!ref) return [];
  return [
    {
      kind: configMap ? 'ConfigMap' : 'Secret',
      name: textAt(ref, 'name'),
      prefix: textAt(raw, 'prefix'),
      optional: booleanAt(ref, 'optional') ?? false,
    },
  ];
}

function buildMount(raw: KubeObject): MountEvidence {
  return {
    volume: textAt(raw, 'name'),
    path: textAt(raw, 'mountPath'),
    subPath: textAt(raw, 'subPath') || textAt(raw, 'subPathExpr'),
    readOnly: booleanAt(raw, 'readOnly') ?? false,
  };
}

function buildHook(raw: KubeObject | null): string | null {
  if (!raw) return null;
  const http = objectAt(raw, 'httpGet');
  if (http)
    return redactText(`${textAt(http, 'scheme') || 'HTTP'} GET :${textAt(http, 'port')}${textAt(http, 'path') || '/'}`);
  const exec = objectAt(raw, 'exec');
  return exec ? JSON.stringify(shownCommand(exec)) : Object.keys(raw).join(', ');
}

function buildSecurity(raw: KubeObject, podSpec: KubeObject): ContainerEvidence['security'] {
  const own = objectAt(raw, 'securityContext') ?? {};
  const pod = objectAt(podSpec, 'securityContext') ?? {};
  return {
    runAsUser: numberAt(own, 'runAsUser') ?? numberAt(pod, 'runAsUser'),
    runAsGroup: numberAt(own, 'runAsGroup') ?? numberAt(pod, 'runAsGroup'),
    runAsNonRoot: booleanAt(own, 'runAsNonRoot') ?? booleanAt(pod, 'runAsNonRoot'),
    readOnlyRootFilesystem: booleanAt(own, 'readOnlyRootFilesystem'),
    privileged: booleanAt(own, 'privileged'),
    allowPrivilegeEscalation: booleanAt(own, 'allowPrivilegeEscalation'),
    addCapabilities: textsAt(own, 'capabilities', 'add'),
    dropCapabilities: textsAt(own, 'capabilities', 'drop'),
    seccompProfile: textOrNullAt(own, 'seccompProfile', 'type') ?? textOrNullAt(pod, 'seccompProfile', 'type'),
  };
}

/** Reads one container of a pod spec. `index` is its place in its list; `podSpec` gives the pod-level security defaults. */
export function buildContainer(
  raw: KubeObject,
  index: number,
  isInit: boolean,
  podSpec: KubeObject,
): ContainerEvidence {
  const restartPolicy = textOrNullAt(raw, 'restartPolicy');
  const type: ContainerType = isInit ? (restartPolicy === 'Always' ? 'sidecar' : 'init') : 'app';
  return {
    name: textAt(raw, 'name'),
    type,
    index,
    image: textAt(raw, 'image'),
    imagePullPolicy: textAt(raw, 'imagePullPolicy'),
    command: shownCommand(raw),
    args: redactArgs(textsAt(raw, 'args'), textsAt(raw, 'command')[0] ?? textsAt(raw, 'args')[0] ?? ''),
    workingDir: textAt(raw, 'workingDir'),
    env: objectsAt(raw, 'env').map(buildEnv),
    envFrom: objectsAt(raw, 'envFrom').flatMap(buildEnvFrom),
    ports: objectsAt(raw, 'ports').map((port) => ({
      name: textAt(port, 'name'),
      containerPort: numberAt(port, 'containerPort') ?? 0,
      protocol: textAt(port, 'protocol') || 'TCP',
      hostPort: numberAt(port, 'hostPort'),
    })),
    mounts: objectsAt(raw, 'volumeMounts').map(buildMount),
    resources: {
      memoryRequest: textOrNullAt(raw, 'resources', 'requests', 'memory'),
      memoryLimit: textOrNullAt(raw, 'resources', 'limits', 'memory'),
      cpuLimit: textOrNullAt(raw, 'resources', 'limits', 'cpu'),
    },
    liveness: buildProbe(objectAt(raw, 'livenessProbe')),
    readiness: buildProbe(objectAt(raw, 'readinessProbe')),
    startup: buildProbe(objectAt(raw, 'startupProbe')),
    postStart: buildHook(objectAt(raw, 'lifecycle', 'postStart')),
    preStop: buildHook(objectAt(raw, 'lifecycle', 'preStop')),
    security: buildSecurity(raw, podSpec),
    restartPolicy,
  };
}
