import type { Clock } from '@/server/demo/clock';
import type {
  Condition,
  ContainerStatus,
  PodSpec,
  PodStatus,
  StateUnion,
  TerminatedState,
} from '@/server/demo/kube-types';
import { createRandom } from '@/server/demo/random';
import { type ContainerSlot, deadInstance, type Instance, isRunning, shouldRestart } from './container-slot';

/** `metav1.Time` of an instance that never started, as containerd reports it (crash-semantics 12). */
const NEVER_STARTED = '1970-01-01T00:00:00Z';

export interface StatusInput {
  readonly spec: PodSpec;
  readonly slots: readonly ContainerSlot[];
  readonly previous: PodStatus;
  readonly startTime: string;
  readonly hostIP: string;
  readonly podIP: string;
  readonly hasSandbox: boolean;
}

function terminated(instance: Instance, clock: Clock): TerminatedState {
  return {
    exitCode: instance.exitCode,
    reason: instance.reason,
    ...(instance.message === '' ? {} : { message: instance.message }),
    startedAt: instance.startedAt === null ? NEVER_STARTED : clock.stamp(instance.startedAt),
    finishedAt: instance.finishedAt === null ? null : clock.stamp(instance.finishedAt),
    containerID: instance.id,
  };
}

function imageId(image: string): string {
  const name = image.replace(/:[^:/]+$/, '');
  return `${name}@sha256:${createRandom(image).hex(64)}`;
}

function stateOf(slot: ContainerSlot, input: StatusInput, clock: Clock): { state: StateUnion; lastState: StateUnion } {
  const { current, previous, waiting } = slot;
  const last = (instance: Instance | null): StateUnion =>
    instance === null ? {} : { terminated: terminated(instance, clock) };

  if (current && isRunning(slot)) {
    return {
      state: { running: { startedAt: clock.stamp(current.startedAt ?? clock.now) } },
      lastState: last(previous),
    };
  }
  if (waiting && shouldRestart(slot, input.spec.restartPolicy)) {
    const { reason, message } = waiting;
    return { state: { waiting: message === '' ? { reason } : { reason, message } }, lastState: last(current) };
  }
  // A finished init container keeps its count and loses its last state (crash-semantics 12).
  const isDone = slot.type === 'init' && current?.exitCode === 0;
  if (current) return { state: { terminated: terminated(current, clock) }, lastState: isDone ? {} : last(previous) };
  const hasInit = input.slots.some((one) => one.type !== 'app');
  return { state: { waiting: { reason: hasInit ? 'PodInitializing' : 'ContainerCreating' } }, lastState: {} };
}

function containerStatus(slot: ContainerSlot, input: StatusInput, clock: Clock): ContainerStatus {
  const isDoneInit = slot.type === 'init' && deadInstance(slot)?.exitCode === 0;
  return {
    name: slot.spec.name,
    image: slot.spec.image,
    imageID: slot.current ? imageId(slot.spec.image) : '',
    ...(slot.current ? { containerID: slot.current.id } : {}),
    restartCount: slot.restarts,
    ready: slot.isReady || isDoneInit,
    started: slot.isStarted,
    ...stateOf(slot, input, clock),
  };
}

/** The pod's phase (`getPhase` of `pkg/kubelet/kubelet_pods.go`). */
function phaseOf({ slots, spec }: StatusInput): string {
  const policy = spec.restartPolicy;
  for (const slot of slots) {
    if (slot.type !== 'init') continue;
    const dead = deadInstance(slot);
    if (dead?.exitCode === 0) continue;
    return dead && policy === 'Never' ? 'Failed' : 'Pending';
  }
  const apps = slots.filter((slot) => slot.type === 'app');
  if (apps.some((slot) => slot.current === null)) return 'Pending';
  if (apps.some((slot) => isRunning(slot) || shouldRestart(slot, policy))) return 'Running';
  return apps.every((slot) => slot.current?.exitCode === 0) ? 'Succeeded' : 'Failed';
}

function notReady(slots: readonly ContainerSlot[]): string {
  const names = slots.filter((slot) => slot.type !== 'init' && !slot.isReady).map((slot) => slot.spec.name);
  return names.length === 0 ? '' : `containers with unready status: [${names.join(' ')}]`;
}

function qosClass(spec: PodSpec): string {
  const resources = [...(spec.initContainers ?? []), ...spec.containers].map((container) => container.resources ?? {});
  if (resources.every(({ requests, limits }) => !requests && !limits)) return 'BestEffort';
  const isGuaranteed = resources.every(
    ({ requests, limits }) =>
      limits?.cpu !== undefined &&
      limits.memory !== undefined &&
      limits.cpu === (requests?.cpu ?? limits.cpu) &&
      limits.memory === (requests?.memory ?? limits.memory),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

function conditions(input: StatusInput, phase: string, clock: Clock): readonly Condition[] {
  const { slots, previous } = input;
  const init = slots.filter((slot) => slot.type !== 'app');
  const pending = init.filter((slot) =>
    slot.type === 'init' ? deadInstance(slot)?.exitCode !== 0 : !slot.isStarted && slot.current === null,
  );
  const isOver = phase === 'Succeeded' || phase === 'Failed';
  const unready = isOver ? '' : notReady(slots);
  const make = (type: string, isTrue: boolean, reason: string, message: string): Condition => {
    const status = isTrue ? 'True' : 'False';
    const before = previous.conditions?.find((condition) => condition.type === type);
    const unchanged = before?.status === status;
    return {
      type,
      status,
      observedGeneration: 1,
      lastProbeTime: null,
      lastTransitionTime: unchanged ? before.lastTransitionTime : clock.stamp(clock.now),
      ...(isTrue && reason !== 'PodCompleted' ? {} : { reason, ...(message === '' ? {} : { message }) }),
    };
  };
  const overReason = phase === 'Succeeded' ? 'PodCompleted' : phase === 'Failed' ? 'PodFailed' : 'ContainersNotReady';
  const isReady = !isOver && unready === '' && pending.length === 0;
  return [
    make('PodReadyToStartContainers', input.hasSandbox && !isOver, '', ''),
    make(
      'Initialized',
      pending.length === 0,
      phase === 'Succeeded' ? 'PodCompleted' : 'ContainersNotInitialized',
      pending.length === 0
        ? ''
        : `containers with incomplete status: [${pending.map((slot) => slot.spec.name).join(' ')}]`,
    ),
    make('Ready', isReady, overReason, unready),
    make('ContainersReady', isReady, overReason, unready),
    make('PodScheduled', true, '', ''),
  ];
}

/** Builds `status` of a pod from what the runtime and the kubelet's caches hold. App containers are sorted by name. */
export function buildPodStatus(input: StatusInput, clock: Clock): PodStatus {
  const phase = phaseOf(input);
  const init = input.slots.filter((slot) => slot.type !== 'app');
  const apps = input.slots
    .filter((slot) => slot.type === 'app')
    .sort((left, right) => (left.spec.name < right.spec.name ? -1 : 1));
  return {
    observedGeneration: 1,
    phase,
    conditions: conditions(input, phase, clock),
    hostIP: input.hostIP,
    hostIPs: [{ ip: input.hostIP }],
    ...(input.hasSandbox ? { podIP: input.podIP, podIPs: [{ ip: input.podIP }] } : {}),
    startTime: input.startTime,
    ...(init.length === 0 ? {} : { initContainerStatuses: init.map((slot) => containerStatus(slot, input, clock)) }),
    containerStatuses: apps.map((slot) => containerStatus(slot, input, clock)),
    qosClass: qosClass(input.spec),
  };
}
