import { pluralOf } from '@/lib/domain/loop';
import { shellJoin } from '@/lib/format/shell';
import type { Evidence } from './evidence';
import type { PatchTarget, Step } from './verdict';

const SINGULAR: Readonly<Record<string, string>> = {
  deployments: 'deployment',
  statefulsets: 'statefulset',
  daemonsets: 'daemonset',
  jobs: 'job',
  cronjobs: 'cronjob',
  pods: 'pod',
  replicasets: 'replicaset',
  replicationcontrollers: 'replicationcontroller',
};

/** The workload as kubectl names it: `deployment/checkout`. */
export function workloadRef(evidence: Evidence): string {
  const { kind, name } = evidence.workload;
  const plural = pluralOf(kind);
  return `${SINGULAR[plural] ?? plural}/${name}`;
}

/** A kubectl command line in the workload's namespace, each word quoted for a shell. */
export function kubectl(evidence: Evidence, ...words: readonly string[]): string {
  return shellJoin(['kubectl', '-n', evidence.workload.namespace, ...words]);
}

/** Reads the log of the crashed run: of the one before, while another is alive (crash-semantics 3.8). */
export function logsCommand(evidence: Evidence): string {
  const { pod, container, status } = evidence;
  const previous = status.state.kind === 'running' && evidence.lastTermination ? ['--previous'] : [];
  return kubectl(evidence, 'logs', pod.name, '-c', container.name, ...previous, '--tail=200');
}

export function describeCommand(evidence: Evidence): string {
  return kubectl(evidence, 'describe', 'pod', evidence.pod.name);
}

const CAN_ROLL_BACK = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);
const HAS_TEMPLATE = new Set([...CAN_ROLL_BACK, 'ReplicaSet', 'ReplicationController', 'Job']);

/** A rollback step where the workload keeps revisions and an earlier one is known, else none. */
export function rollbackStep(evidence: Evidence, text: string): readonly Step[] {
  if (!CAN_ROLL_BACK.has(evidence.workload.kind) || !evidence.revision) return [];
  return [
    {
      kind: 'rollback',
      title: 'Roll back to the revision before',
      text,
      command: kubectl(evidence, 'rollout', 'undo', workloadRef(evidence)),
      doneWhen: 'the pods of the earlier revision are ready',
    },
  ];
}

export function patchTarget(evidence: Evidence): PatchTarget {
  const { kind, namespace, name } = evidence.workload;
  return { kind, namespace, name };
}

/** Wraps a change of the pod spec as the workload's patch body: in its template where it has one. */
export function templatePatch(evidence: Evidence, podSpec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { kind } = evidence.workload;
  if (kind === 'CronJob') return { spec: { jobTemplate: { spec: { template: { spec: podSpec } } } } };
  return HAS_TEMPLATE.has(kind) ? { spec: { template: { spec: podSpec } } } : { spec: podSpec };
}

/**
 * A strategic patch of this container's spec, as a step with its kubectl command.
 * @param change fields of the container, e.g. `{ resources: { limits: { memory: '1Gi' } } }`
 */
export function containerPatch(
  evidence: Evidence,
  change: Readonly<Record<string, unknown>>,
  words: { readonly title: string; readonly text: string; readonly doneWhen?: string },
): Step {
  const { container } = evidence;
  const list = container.type === 'app' ? 'containers' : 'initContainers';
  return specPatch(evidence, { [list]: [{ name: container.name, ...change }] }, words);
}

/** A strategic patch of the pod spec, as a step with its kubectl command. */
export function specPatch(
  evidence: Evidence,
  podSpec: Readonly<Record<string, unknown>>,
  words: { readonly title: string; readonly text: string; readonly doneWhen?: string },
): Step {
  const patch = templatePatch(evidence, podSpec);
  return {
    kind: 'patch',
    ...words,
    command: kubectl(evidence, 'patch', workloadRef(evidence), '--type', 'strategic', '-p', JSON.stringify(patch)),
    target: patchTarget(evidence),
    patchType: 'strategic',
    patch,
  };
}

/** A command to run, as a step. */
export function runStep(title: string, text: string, command: string, doneWhen?: string): Step {
  return { kind: 'run', title, text, command, ...(doneWhen !== undefined && { doneWhen }) };
}
