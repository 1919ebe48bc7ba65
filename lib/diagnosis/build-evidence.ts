import type { Run } from '@/lib/domain/loop';
import type { Termination } from '@/lib/domain/pod-snapshot';
import { redactValue } from '@/lib/domain/redact/text';
import { buildConditions, buildPod, buildStatus, NO_STATUS } from './build-pod';
import { buildEgressPolicies } from './build-policies';
import { buildRevision } from './build-revision';
import type {
  ClaimEvidence,
  ContainerEvidence,
  Evidence,
  EvidencePart,
  LogEvidence,
  NodeEvidence,
  OwnerEvidence,
  ReferencedObject,
  ServiceEvidence,
  SiblingEvidence,
  StatusEvidence,
} from './evidence';
import type { EvidenceSource, KubeObject, LogText, Part } from './evidence-source';
import { isLostLog, toLogLines } from './log/to-log-lines';
import { numberAt, objectAt, objectsAt, textAt, textMapAt, textOrNullAt, textsAt } from './read-object';

type Missing = Partial<Record<EvidencePart, string>>;

/** What was read, or null after noting why it is absent. */
function take<T, U>(part: Part<T>, name: EvidencePart, missing: Missing, read: (value: T) => U | null): U | null {
  if ('missing' in part) {
    missing[name] = part.missing;
    return null;
  }
  return read(part.value);
}

function takeLog(part: Part<LogText>, name: EvidencePart, which: LogEvidence['which'], missing: Missing) {
  return take(part, name, missing, (text) => {
    if (!isLostLog(text)) return toLogLines(text, which);
    missing[name] = 'The node no longer has this log: the kubelet removed it with the container.';
    return null;
  });
}

function buildNode(raw: KubeObject): NodeEvidence {
  const info = objectAt(raw, 'status', 'nodeInfo');
  return {
    name: textAt(raw, 'metadata', 'name'),
    architecture: textAt(info, 'architecture'),
    operatingSystem: textAt(info, 'operatingSystem'),
    kubeletVersion: textAt(info, 'kubeletVersion'),
    containerRuntime: textAt(info, 'containerRuntimeVersion'),
    conditions: buildConditions(raw.status),
    labels: textMapAt(raw, 'metadata', 'labels'),
  };
}

function buildSibling(raw: KubeObject, container: string): SiblingEvidence {
  const statuses = [
    ...objectsAt(raw, 'status', 'initContainerStatuses'),
    ...objectsAt(raw, 'status', 'containerStatuses'),
  ];
  const own = statuses.find((status) => textAt(status, 'name') === container);
  const status = own ? buildStatus(own) : NO_STATUS;
  return {
    podName: textAt(raw, 'metadata', 'name'),
    nodeName: textAt(raw, 'spec', 'nodeName'),
    templateHash: templateHash(raw),
    ready: status.ready,
    restartCount: status.restartCount,
    imageId: status.imageId,
  };
}

function templateHash(pod: KubeObject): string {
  return (
    textAt(pod, 'metadata', 'labels', 'pod-template-hash') ||
    textAt(pod, 'metadata', 'labels', 'controller-revision-hash')
  );
}

function buildOwner(raw: KubeObject): OwnerEvidence {
  return {
    kind: textAt(raw, 'kind'),
    name: textAt(raw, 'metadata', 'name'),
    uid: textAt(raw, 'metadata', 'uid'),
    replicas: numberAt(raw, 'spec', 'replicas'),
    strategy: textAt(raw, 'spec', 'strategy', 'type') || textAt(raw, 'spec', 'updateStrategy', 'type'),
    conditions: buildConditions(raw.status),
  };
}

function buildReference(raw: KubeObject): ReferencedObject {
  const isSecret = raw.kind === 'Secret';
  const data = objectAt(raw, 'data');
  const listed = textsAt(raw, 'keys');
  const keys = [...Object.keys(data ?? {}), ...Object.keys(objectAt(raw, 'binaryData') ?? {}), ...listed];
  return {
    kind: isSecret ? 'Secret' : 'ConfigMap',
    name: textAt(raw, 'metadata', 'name'),
    exists: true,
    keys: keys.length > 0 || data ? keys : isSecret && !Array.isArray(raw.keys) ? null : [],
    data: isSecret
      ? null
      : Object.fromEntries(Object.entries(textMapAt(raw, 'data')).map(([key, text]) => [key, redactValue(key, text)])),
    type: textAt(raw, 'type'),
  };
}

/** Every ConfigMap and Secret a pod names, with those that were not found marked as absent. */
function withAbsent(found: readonly ReferencedObject[], named: readonly ReferencedObject[]): ReferencedObject[] {
  const has = (one: ReferencedObject) => found.some((other) => other.kind === one.kind && other.name === one.name);
  return [...found, ...named.filter((one) => !has(one))];
}

function namedBy(containers: readonly ContainerEvidence[], source: EvidenceSource): ReferencedObject[] {
  const names = new Map<string, ReferencedObject>();
  const note = (kind: 'ConfigMap' | 'Secret', name: string) => {
    if (name)
      names.set(`${kind}/${name}`, {
        kind,
        name,
        exists: kind === 'Secret' ? null : false,
        keys: null,
        data: null,
        type: '',
      });
  };
  for (const container of containers) {
    for (const from of container.envFrom) note(from.kind, from.name);
    for (const { from } of container.env) {
      if (from?.kind === 'ConfigMap' || from?.kind === 'Secret') note(from.kind, from.name);
    }
  }
  for (const volume of objectsAt(source.pod, 'spec', 'volumes')) {
    note('ConfigMap', textAt(volume, 'configMap', 'name'));
    note('Secret', textAt(volume, 'secret', 'secretName'));
  }
  return [...names.values()];
}

function buildService(raw: KubeObject, pod: KubeObject): ServiceEvidence {
  const selector = Object.entries(textMapAt(raw, 'spec', 'selector'));
  const labels = textMapAt(pod, 'metadata', 'labels');
  return {
    isOwn: selector.length > 0 && selector.every(([key, value]) => labels[key] === value),
    name: textAt(raw, 'metadata', 'name'),
    namespace: textAt(raw, 'metadata', 'namespace'),
    ports: objectsAt(raw, 'spec', 'ports').map((port) => ({
      name: textAt(port, 'name'),
      port: numberAt(port, 'port') ?? 0,
    })),
    clusterIP: textAt(raw, 'spec', 'clusterIP'),
    readyEndpoints: numberAt(raw, 'readyEndpoints'),
  };
}

function buildClaim(raw: KubeObject): ClaimEvidence {
  return {
    name: textAt(raw, 'metadata', 'name'),
    phase: textAt(raw, 'status', 'phase'),
    storageClass: textOrNullAt(raw, 'spec', 'storageClassName') ?? '',
    accessModes: textsAt(raw, 'spec', 'accessModes'),
  };
}

/** The newest ended run: `state.terminated` is newer than `lastState.terminated` (crash-semantics 3.7). */
function newestTermination(status: StatusEvidence, runs: readonly Run[]): Termination | null {
  if (status.state.kind === 'terminated') return status.state;
  if (status.lastTermination) return status.lastTermination;
  const run = runs.findLast((one) => one.finishedAt !== null && one.exitCode !== null);
  if (!run || run.exitCode === null) return null;
  const { exitCode, reason, message, startedAt, finishedAt, containerId } = run;
  return { exitCode, signal: 0, reason, message, startedAt, finishedAt, containerId };
}

function messageLog(termination: Termination | null): LogEvidence | null {
  if (!termination?.message.trim()) return null;
  return toLogLines({ head: termination.message, tail: '', skippedLines: 0, stamped: false }, 'message');
}

const hasText = (log: LogEvidence | null): log is LogEvidence =>
  log?.lines.some((line) => line.text.trim() !== '') ?? false;

/**
 * The evidence that rules read from raw objects and log texts. Never throws for odd objects: what cannot be read is
 * absent. A container that the pod does not name reads as an empty one.
 */
export function buildEvidence(source: EvidenceSource): Evidence {
  const missing: Missing = {};
  const pod = buildPod(source.pod);
  const containers = [...pod.initContainers, ...pod.containers];
  const container =
    containers.find((one) => one.name === source.container) ??
    buildPod({
      spec: { containers: [{ name: source.container }] },
    }).containers[0];
  if (!container) throw new RangeError(`no container ${source.container}`);
  const status = pod.statuses[container.name] ?? NO_STATUS;
  const lastTermination = newestTermination(status, source.runs);
  if (!lastTermination) missing.lastTermination = 'No run of this container has ended yet.';

  const isAlive = status.state.kind === 'running';
  let previousLog = takeLog(source.previousLog, 'previousLog', 'previous', missing);
  const currentLog = takeLog(source.currentLog, 'currentLog', 'current', missing);
  const firstLog = takeLog(source.firstLog, 'firstLog', 'first', missing);
  // While it waits, the kubelet answers the newest ended run for the current log (crash-semantics 3.8).
  if (!hasText(previousLog) && !isAlive && lastTermination && hasText(currentLog)) {
    previousLog = currentLog;
    delete missing.previousLog;
  }
  const log = [previousLog, currentLog, messageLog(lastTermination)].find(hasText) ?? previousLog ?? currentLog;
  if (!log) missing.log = missing.previousLog ?? missing.currentLog ?? 'No log is held.';

  const events = take(source.events, 'events', missing, (list) =>
    list.toSorted((a, b) => (a.last ?? 0) - (b.last ?? 0)),
  );
  const node = take(source.node, 'node', missing, buildNode);
  const siblings = take(source.siblings, 'siblings', missing, (list) =>
    list.map((pod) => buildSibling(pod, container.name)),
  );
  const owner = take(source.owner, 'owner', missing, buildOwner);
  const revision = take(source.revisions, 'revision', missing, (list) => {
    const built = buildRevision(list, templateHash(source.pod));
    if (!built) missing.revision = 'There is no earlier revision to compare with.';
    return built;
  });
  const references = take(source.references, 'references', missing, (list) =>
    withAbsent(list.map(buildReference), namedBy(containers, source)),
  );
  const services = take(source.services, 'services', missing, (list) =>
    list.map((one) => buildService(one, source.pod)),
  );
  const claims = take(source.claims, 'claims', missing, (list) => list.map(buildClaim));
  const policies = take(source.policies, 'policies', missing, (list) => buildEgressPolicies(list, source.pod));

  return {
    now: source.now,
    cluster: source.cluster,
    workload: source.workload,
    pod,
    container,
    status,
    runs: source.runs,
    missing,
    ...(lastTermination && { lastTermination }),
    ...(previousLog && { previousLog }),
    ...(currentLog && { currentLog }),
    ...(firstLog && { firstLog }),
    ...(log && { log }),
    ...(events && { events }),
    ...(node && { node }),
    ...(siblings && { siblings }),
    ...(owner && { owner }),
    ...(revision && { revision }),
    ...(references && { references }),
    ...(services && { services }),
    ...(claims && { claims }),
    ...(policies && { policies }),
  };
}
