import { keptContainerId } from '@/lib/domain/loop';
import type {
  ContainerSnapshot,
  ContainerState,
  ContainerType,
  OwnerReference,
  PodCondition,
  PodSnapshot,
  RestartRule,
  SpecContainer,
  Termination,
} from '@/lib/domain/pod-snapshot';
import { redactText } from '@/lib/domain/redact/text';
import { parseKubeTime } from '@/lib/domain/time';
import { sharedRunning } from './decode-pod';
import { type Interner, KEPT_CONDITIONS, MESSAGE_BYTES_MAX, shareConditions, trueCondition } from './intern';
import { asInt, asList, asRecord, asText } from './json-field';
import { cutString } from './wire';

/**
 * The PodSnapshot of a core/v1 Pod in JSON: the same values as `decodePod` gives for the same object in protobuf.
 * Absent and ill-typed fields count as empty; it never throws.
 */
export function toPodSnapshot(pod: unknown, intern: Interner): PodSnapshot {
  const { metadata, spec, status } = asRecord(pod);
  const meta = asRecord(metadata);
  const specFields = asRecord(spec);
  const statusFields = asRecord(status);
  const init = asList(specFields.initContainers).map((container) => toSpecContainer(container, true, intern));
  const app = asList(specFields.containers).map((container) => toSpecContainer(container, false, intern));
  const sidecars = new Set(init.filter((container) => container.type === 'sidecar').map((container) => container.name));
  const conditions: PodCondition[] = [];
  for (const each of asList(statusFields.conditions)) {
    const condition = toCondition(asRecord(each), intern);
    if (condition) conditions.push(condition);
  }
  const initStatuses = asList(statusFields.initContainerStatuses).map((each) =>
    toContainerSnapshot(asRecord(each), undefined, intern, (name) => (sidecars.has(name) ? 'sidecar' : 'init')),
  );
  const appStatuses: ContainerSnapshot[] = [];
  for (const each of asList(statusFields.containerStatuses)) {
    appStatuses.push(toContainerSnapshot(asRecord(each), appStatuses[0], intern, () => 'app'));
  }
  const owner = toOwner(asList(meta.ownerReferences), intern);
  return {
    uid: asText(meta.uid),
    namespace: intern.string(asText(meta.namespace)),
    name: asText(meta.name),
    createdAt: parseKubeTime(asText(meta.creationTimestamp)),
    deletedAt: parseKubeTime(asText(meta.deletionTimestamp)),
    owner,
    templateHash: intern.string(asText(asRecord(meta.labels)['pod-template-hash'])),
    nodeName: intern.string(asText(specFields.nodeName)),
    restartPolicy: intern.string(asText(specFields.restartPolicy)),
    phase: intern.string(asText(statusFields.phase)),
    reason: intern.string(asText(statusFields.reason)),
    message: redactText(cutString(asText(statusFields.message), MESSAGE_BYTES_MAX)),
    conditions: shareConditions(conditions),
    appCount: app.length,
    initCount: init.length,
    sidecarCount: sidecars.size,
    init: initStatuses,
    app: appStatuses,
    specContainers: intern.specContainers([...init, ...app], owner?.uid ?? ''),
  };
}

function toOwner(references: readonly unknown[], intern: Interner): OwnerReference | null {
  for (const each of references) {
    const { controller, apiVersion, kind, name, uid } = asRecord(each);
    if (controller === true) return intern.owner(asText(apiVersion), asText(kind), asText(name), asText(uid));
  }
  return null;
}

function toSpecContainer(container: unknown, isInit: boolean, intern: Interner): SpecContainer {
  const { name, image, restartPolicy, restartPolicyRules } = asRecord(container);
  const rules = asList(restartPolicyRules).map((rule): RestartRule => {
    const { action, exitCodes } = asRecord(rule);
    const { operator, values } = asRecord(exitCodes);
    return { action: asText(action), operator: asText(operator), codes: asList(values).map(asInt) };
  });
  return intern.specContainer(
    intern.string(asText(name)),
    intern.string(asText(image)),
    isInit,
    asText(restartPolicy),
    rules,
  );
}

function toCondition(condition: Readonly<Record<string, unknown>>, intern: Interner): PodCondition | null {
  const type = intern.string(asText(condition.type));
  if (!KEPT_CONDITIONS.has(type)) return null;
  const status = intern.string(asText(condition.status));
  if (status === 'True') return trueCondition(type);
  return {
    type,
    status,
    reason: intern.string(asText(condition.reason)),
    message: redactText(cutString(asText(condition.message), MESSAGE_BYTES_MAX)),
    at: parseKubeTime(asText(condition.lastTransitionTime)),
  };
}

function toContainerSnapshot(
  status: Readonly<Record<string, unknown>>,
  neighbour: ContainerSnapshot | undefined,
  intern: Interner,
  typeOf: (name: string) => ContainerType,
): ContainerSnapshot {
  const name = intern.string(asText(status.name));
  const last = asRecord(status.lastState).terminated;
  return {
    name,
    type: typeOf(name),
    image: intern.string(asText(status.image)),
    containerId: keptContainerId(asText(status.containerID)),
    restartCount: asInt(status.restartCount),
    ready: status.ready === true,
    started: typeof status.started === 'boolean' ? status.started : null,
    state: sharedRunning(toState(asRecord(status.state), intern), neighbour),
    lastTermination: last ? toTermination(asRecord(last), intern) : null,
  };
}

function toState(state: Readonly<Record<string, unknown>>, intern: Interner): ContainerState {
  if (state.terminated) return { kind: 'terminated', ...toTermination(asRecord(state.terminated), intern) };
  if (state.running) return { kind: 'running', startedAt: parseKubeTime(asText(asRecord(state.running).startedAt)) };
  if (state.waiting) {
    const waiting = asRecord(state.waiting);
    return {
      kind: 'waiting',
      reason: intern.string(asText(waiting.reason)),
      message: redactText(cutString(asText(waiting.message), MESSAGE_BYTES_MAX)),
    };
  }
  return { kind: 'none' };
}

function toTermination(terminated: Readonly<Record<string, unknown>>, intern: Interner): Termination {
  return {
    exitCode: asInt(terminated.exitCode),
    signal: asInt(terminated.signal),
    reason: intern.string(asText(terminated.reason)),
    message: redactText(cutString(asText(terminated.message), MESSAGE_BYTES_MAX)),
    startedAt: parseKubeTime(asText(terminated.startedAt)),
    finishedAt: parseKubeTime(asText(terminated.finishedAt)),
    containerId: keptContainerId(asText(terminated.containerID)),
  };
}
