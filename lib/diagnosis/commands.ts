import { recoverAfterMs } from '@/lib/domain/loop-state';
import type { Evidence, ServiceEvidence } from './evidence';
import { longestLifetime } from './run-statistics';
import { kubectlIn, refWord } from './steps/command-of';
import type { DoneCondition, SingleCondition } from './steps/condition';
import { fieldChanges } from './steps/field-changes';
import type { ObjectRef, Operation } from './steps/operation';
import type { Step } from './verdict';

/** What a step says of itself, whatever its operation. */
export interface StepWords {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly done?: DoneCondition;
}

/** A step with its operation. `done` belongs to every operation that changes something. */
export function step(id: string, title: string, text: string, operation: Operation, done?: DoneCondition): Step {
  return { id, title, text, operation, ...(done !== undefined && { done }) };
}

/** Done when a run outlives those before by as much as a recovered loop must. */
export function outlives(evidence: Evidence): SingleCondition {
  return { kind: 'run-outlives', ms: recoverAfterMs(longestLifetime(evidence) ?? 0) };
}

/** Done when the container is ready for as long as a recovered loop must run. */
export function staysReady(evidence: Evidence): SingleCondition {
  return { kind: 'container-ready', ms: recoverAfterMs(longestLifetime(evidence) ?? 0) };
}

/** Done by what no object of the cluster shows. `text` is a clause that follows "Done when". */
export function seenByPerson(text: string): SingleCondition {
  return { kind: 'seen-by-person', text };
}

/** The workload as kubectl names it: `deployment/checkout`. */
export function workloadRef(evidence: Evidence): string {
  return refWord(evidence.workload);
}

/** Reads something with kubectl in the workload's namespace. */
export function kubectl(evidence: Evidence, ...words: readonly string[]): Operation {
  return command(...kubectlIn(evidence.workload.namespace), ...words);
}

/** Reads something with a command of the reader's machine, or with kubectl in the cluster's scope. */
export function command(...words: readonly string[]): Extract<Operation, { kind: 'run' }> {
  const [first = 'kubectl', ...rest] = words;
  return { kind: 'run', words: [first, ...rest] };
}

/** Reads the log of the crashed run: of the one before, while another is alive (crash-semantics 3.8). */
export function logsCommand(evidence: Evidence): Operation {
  const { pod, container, status } = evidence;
  const previous = status.state.kind === 'running' && evidence.lastTermination ? ['--previous'] : [];
  return kubectl(evidence, 'logs', pod.name, '-c', container.name, ...previous, '--tail=200');
}

export function describeCommand(evidence: Evidence): Operation {
  return kubectl(evidence, 'describe', 'pod', evidence.pod.name);
}

/** A step that describes the node of the pod; none where the pod has no node. */
export function describeNodeStep(evidence: Evidence, words: StepWords): readonly Step[] {
  const { nodeName } = evidence.pod;
  return nodeName === '' ? [] : [{ ...words, operation: command('kubectl', 'describe', 'node', nodeName) }];
}

/** Opens the workload in an editor. */
export function editWorkload(evidence: Evidence): Operation {
  return { kind: 'edit', target: workloadTarget(evidence) };
}

/** Opens a ConfigMap or Secret of the workload's namespace in an editor. */
export function editObject(evidence: Evidence, kind: string, name: string): Operation {
  return { kind: 'edit', target: { kind, namespace: evidence.workload.namespace, name } };
}

/** Starts the workload's pods anew; a bare pod is deleted, nothing can restart it. */
export function restartWorkload(evidence: Evidence): Operation {
  const { kind, namespace, name } = evidence.workload;
  return kind === 'Pod' ? deletePod(evidence) : { kind: 'restart', target: { kind, namespace, name } };
}

export function deletePod({ pod }: Evidence): Operation {
  return { kind: 'delete-pod', namespace: pod.namespace, pod: pod.name };
}

const CAN_ROLL_BACK = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);
const HAS_TEMPLATE = new Set([...CAN_ROLL_BACK, 'ReplicaSet', 'ReplicationController', 'Job']);

/** A rollback step where the workload keeps revisions and an earlier one is known, else none. */
export function rollbackStep(evidence: Evidence, text: string): readonly Step[] {
  if (!CAN_ROLL_BACK.has(evidence.workload.kind) || !evidence.revision) return [];
  const operation: Operation = { kind: 'rollback', target: workloadTarget(evidence) };
  return [step('roll-back', 'Roll back to the revision before', text, operation, staysReady(evidence))];
}

/** The workload as the target of an operation. */
export function workloadTarget(evidence: Evidence): ObjectRef {
  const { kind, namespace, name } = evidence.workload;
  return { kind, namespace, name };
}

/** Tells whether a change of the workload reaches its pods through a template. */
export function hasTemplate({ workload }: Evidence): boolean {
  return workload.kind === 'CronJob' || HAS_TEMPLATE.has(workload.kind);
}

/** Wraps a change of the pod as the workload's patch body: in its template where it has one. */
function templatePatch(evidence: Evidence, pod: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (!hasTemplate(evidence)) return { ...pod };
  const inTemplate = { spec: { template: pod } };
  return evidence.workload.kind === 'CronJob' ? { spec: { jobTemplate: inTemplate } } : inTemplate;
}

/**
 * A patch of one object.
 * @param fill words within the values that the reader puts in
 */
export function patch(
  target: ObjectRef,
  body: Readonly<Record<string, unknown>>,
  patchType: 'strategic' | 'merge' = 'strategic',
  fill: readonly string[] = [],
): Operation {
  const [first, ...rest] = fieldChanges(body);
  if (first === undefined) throw new TypeError(`a patch of ${target.kind} ${target.name} changes nothing`);
  return { kind: 'patch', target, patchType, changes: [first, ...rest], fill };
}

/**
 * A strategic patch of this container's spec, as a step.
 * @param change fields of the container, e.g. `{ resources: { limits: { memory: '1Gi' } } }`
 */
export function containerPatch(
  evidence: Evidence,
  change: Readonly<Record<string, unknown>>,
  words: StepWords,
  fill: readonly string[] = [],
): Step {
  const { container } = evidence;
  const list = container.type === 'app' ? 'containers' : 'initContainers';
  return specPatch(evidence, { [list]: [{ name: container.name, ...change }] }, words, fill);
}

/** A strategic patch of the pod spec, as a step. */
export function specPatch(
  evidence: Evidence,
  podSpec: Readonly<Record<string, unknown>>,
  words: StepWords,
  fill: readonly string[] = [],
): Step {
  const body = templatePatch(evidence, { spec: podSpec });
  return { ...words, operation: patch(workloadTarget(evidence), body, 'strategic', fill) };
}

/** A merge patch of the pod's metadata, as an operation. */
export function podMetadataPatch(evidence: Evidence, metadata: Readonly<Record<string, unknown>>): Operation {
  return patch(workloadTarget(evidence), templatePatch(evidence, { metadata }), 'merge');
}

/** Lists the variables of the container with what each comes from. */
export function listVariables(evidence: Evidence): Operation {
  return kubectl(evidence, 'set', 'env', workloadRef(evidence), '-c', evidence.container.name, '--list');
}

/** Lists the addresses behind a Service. */
export function endpointSlices({ namespace, name }: Pick<ServiceEvidence, 'namespace' | 'name'>): Operation {
  return command('kubectl', '-n', namespace, 'get', 'endpointslices', '-l', `kubernetes.io/service-name=${name}`);
}

/** Tries a TCP connection from a pod of its own in the same namespace, three seconds long; the pod goes afterwards. */
export function tryConnection(evidence: Evidence, host: string, port: string): Operation {
  const pod = ['unloop-probe', '--rm', '-it', '--restart=Never', '--image=busybox:1.36'];
  return kubectl(evidence, 'run', ...pod, '--', 'nc', '-vz', '-w', '3', host, port);
}

/** Keeps new pods off a node. */
export function cordonNode(name: string): Operation {
  return patch({ kind: 'Node', namespace: '', name }, { spec: { unschedulable: true } });
}
