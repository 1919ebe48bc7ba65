import { keptContainerId } from '@/lib/domain/loop';
import type { ContainerState, PodCondition, Termination } from '@/lib/domain/pod-snapshot';
import { parseKubeTime } from '@/lib/domain/time';
import { buildContainer } from './build-container';
import type { PodEvidence, StatusEvidence, VolumeEvidence } from './evidence';
import type { KubeObject } from './evidence-source';
import { booleanAt, numberAt, objectAt, objectsAt, textAt, textMapAt, textsAt } from './read-object';

/** Reads `terminated` of a container state, or null. */
function buildTermination(raw: KubeObject | null): Termination | null {
  if (!raw) return null;
  return {
    exitCode: numberAt(raw, 'exitCode') ?? 0,
    signal: numberAt(raw, 'signal') ?? 0,
    reason: textAt(raw, 'reason'),
    message: textAt(raw, 'message'),
    startedAt: parseKubeTime(textAt(raw, 'startedAt')),
    finishedAt: parseKubeTime(textAt(raw, 'finishedAt')),
    containerId: keptContainerId(textAt(raw, 'containerID')),
  };
}

function buildState(raw: KubeObject | null): ContainerState {
  const waiting = objectAt(raw, 'waiting');
  if (waiting) return { kind: 'waiting', reason: textAt(waiting, 'reason'), message: textAt(waiting, 'message') };
  const running = objectAt(raw, 'running');
  if (running) return { kind: 'running', startedAt: parseKubeTime(textAt(running, 'startedAt')) };
  const terminated = buildTermination(objectAt(raw, 'terminated'));
  return terminated ? { kind: 'terminated', ...terminated } : { kind: 'none' };
}

/** Reads one container status. */
export function buildStatus(raw: KubeObject): StatusEvidence {
  return {
    state: buildState(objectAt(raw, 'state')),
    lastTermination: buildTermination(objectAt(raw, 'lastState', 'terminated')),
    restartCount: numberAt(raw, 'restartCount') ?? 0,
    ready: booleanAt(raw, 'ready') ?? false,
    started: booleanAt(raw, 'started'),
    image: textAt(raw, 'image'),
    imageId: textAt(raw, 'imageID'),
  };
}

/** What stands in for a status before the kubelet reported one. */
export const NO_STATUS: StatusEvidence = {
  state: { kind: 'none' },
  lastTermination: null,
  restartCount: 0,
  ready: false,
  started: null,
  image: '',
  imageId: '',
};

/** Reads the conditions of a status. */
export function buildConditions(status: unknown): readonly PodCondition[] {
  return objectsAt(status, 'conditions').map((raw) => ({
    type: textAt(raw, 'type'),
    status: textAt(raw, 'status'),
    reason: textAt(raw, 'reason'),
    message: textAt(raw, 'message'),
    at: parseKubeTime(textAt(raw, 'lastTransitionTime')),
  }));
}

const REF_KEYS: Readonly<Record<string, string>> = {
  configMap: 'name',
  secret: 'secretName',
  persistentVolumeClaim: 'claimName',
  hostPath: 'path',
  csi: 'driver',
  nfs: 'server',
};

function buildVolume(raw: KubeObject): VolumeEvidence {
  const kind = Object.keys(raw).find((key) => key !== 'name') ?? '';
  const source = objectAt(raw, kind);
  return {
    name: textAt(raw, 'name'),
    kind,
    ref: textAt(source, REF_KEYS[kind] ?? 'name'),
    optional: booleanAt(source, 'optional') ?? false,
    sizeLimit: textAt(source, 'sizeLimit'),
    medium: textAt(source, 'medium'),
  };
}

/** Reads the pod around a container. */
export function buildPod(raw: KubeObject): PodEvidence {
  const spec = objectAt(raw, 'spec') ?? {};
  const status = objectAt(raw, 'status') ?? {};
  const statuses = [...objectsAt(status, 'initContainerStatuses'), ...objectsAt(status, 'containerStatuses')];
  return {
    namespace: textAt(raw, 'metadata', 'namespace'),
    name: textAt(raw, 'metadata', 'name'),
    uid: textAt(raw, 'metadata', 'uid'),
    createdAt: parseKubeTime(textAt(raw, 'metadata', 'creationTimestamp')),
    deletedAt: parseKubeTime(textAt(raw, 'metadata', 'deletionTimestamp')),
    nodeName: textAt(spec, 'nodeName'),
    phase: textAt(status, 'phase'),
    reason: textAt(status, 'reason'),
    message: textAt(status, 'message'),
    restartPolicy: textAt(spec, 'restartPolicy') || 'Always',
    conditions: buildConditions(status),
    grace: numberAt(spec, 'terminationGracePeriodSeconds') ?? 30,
    hostNetwork: booleanAt(spec, 'hostNetwork') ?? false,
    enableServiceLinks: booleanAt(spec, 'enableServiceLinks') ?? true,
    serviceAccountName: textAt(spec, 'serviceAccountName') || 'default',
    automountToken: booleanAt(spec, 'automountServiceAccountToken'),
    imagePullSecrets: objectsAt(spec, 'imagePullSecrets').map((secret) => textAt(secret, 'name')),
    nodeSelector: textMapAt(spec, 'nodeSelector'),
    nodeAffinity: objectsAt(
      spec,
      'affinity',
      'nodeAffinity',
      'requiredDuringSchedulingIgnoredDuringExecution',
      'nodeSelectorTerms',
    ).map((term) =>
      objectsAt(term, 'matchExpressions').map((one) => ({
        key: textAt(one, 'key'),
        operator: textAt(one, 'operator'),
        values: textsAt(one, 'values'),
      })),
    ),
    fsGroup: numberAt(spec, 'securityContext', 'fsGroup'),
    volumes: objectsAt(spec, 'volumes').map(buildVolume),
    initContainers: objectsAt(spec, 'initContainers').map((item, index) => buildContainer(item, index, true, spec)),
    containers: objectsAt(spec, 'containers').map((item, index) => buildContainer(item, index, false, spec)),
    statuses: Object.fromEntries(statuses.map((item) => [textAt(item, 'name'), buildStatus(item)])),
  };
}
