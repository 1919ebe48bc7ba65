import type { Cancel } from '@/server/demo/clock';
import type { ContainerSpec } from '@/server/demo/kube-types';
import type { Attempt } from '@/server/demo/program';

/** One created container of the runtime: one life. Simulated milliseconds. */
export interface Instance {
  readonly id: string;
  readonly seed: number;
  /** null where the runtime failed to start it. */
  readonly startedAt: number | null;
  readonly attempt: Extract<Attempt, { kind: 'run' | 'start-error' }>;
  /** When it ends by itself, or null. */
  readonly endsAt: number | null;
  finishedAt: number | null;
  exitCode: number;
  reason: string;
  message: string;
  /** False once the runtime removed it, log file included (crash-semantics 3.8). */
  isKept: boolean;
}

/** A container of a pod, as its pod worker keeps it. */
export interface ContainerSlot {
  readonly spec: ContainerSpec;
  readonly type: 'init' | 'sidecar' | 'app';
  /** Newest instance, running or dead. */
  current: Instance | null;
  /** The one before it. */
  previous: Instance | null;
  /** Instances made after the first one. */
  restarts: number;
  /** True between the decision to start and the start. */
  isStarting: boolean;
  isStarted: boolean;
  isReady: boolean;
  /** The kubelet's reason cache: why it is not running. */
  waiting: { readonly reason: string; readonly message: string } | null;
  /** What ends with the instance: its own end and its probes. */
  cancels: Cancel[];
}

/** Makes the slots of a pod: init containers and sidecars in spec order, then the others. */
export function makeSlots(
  initContainers: readonly ContainerSpec[],
  containers: readonly ContainerSpec[],
): readonly ContainerSlot[] {
  const slot = (spec: ContainerSpec, type: ContainerSlot['type']): ContainerSlot => ({
    spec,
    type,
    current: null,
    previous: null,
    restarts: 0,
    isStarting: false,
    isStarted: false,
    isReady: false,
    waiting: null,
    cancels: [],
  });
  return [
    ...initContainers.map((spec) => slot(spec, spec.restartPolicy === 'Always' ? 'sidecar' : 'init')),
    ...containers.map((spec) => slot(spec, 'app')),
  ];
}

/** True while an instance of the container is alive. */
export function isRunning(slot: ContainerSlot): boolean {
  return slot.current !== null && slot.current.finishedAt === null;
}

/** The dead newest instance, or null while it runs or before the first one. */
export function deadInstance(slot: ContainerSlot): Instance | null {
  return slot.current !== null && slot.current.finishedAt !== null ? slot.current : null;
}

/** True where the container's policy restarts it after its last exit (crash-semantics 1.10). */
export function shouldRestart(slot: ContainerSlot, podPolicy: 'Always' | 'OnFailure' | 'Never'): boolean {
  const dead = deadInstance(slot);
  if (!dead) return slot.current === null;
  if (slot.type === 'sidecar') return true;
  if (slot.type === 'init') return dead.exitCode !== 0 && podPolicy !== 'Never';
  return podPolicy === 'Always' || (podPolicy === 'OnFailure' && dead.exitCode !== 0);
}

/** The containers that ought to be started now, in order (`computePodActions` of kuberuntime). */
export function containersToStart(
  slots: readonly ContainerSlot[],
  podPolicy: 'Always' | 'OnFailure' | 'Never',
): readonly ContainerSlot[] {
  const due: ContainerSlot[] = [];
  for (const slot of slots) {
    if (slot.type === 'app') continue;
    if (slot.type === 'sidecar') {
      if (!isRunning(slot)) due.push(slot);
      // What follows a sidecar waits for its first start only.
      if (slot.current === null || (isRunning(slot) && !slot.isStarted)) return due.filter((one) => !one.isStarting);
      continue;
    }
    const dead = deadInstance(slot);
    if (dead?.exitCode === 0) continue;
    if (!isRunning(slot) && shouldRestart(slot, podPolicy)) due.push(slot);
    return due.filter((one) => !one.isStarting);
  }
  for (const slot of slots) {
    if (slot.type === 'app' && !isRunning(slot) && shouldRestart(slot, podPolicy)) due.push(slot);
  }
  return due.filter((one) => !one.isStarting);
}

/** A text that is the same as long as the container's status is. */
export function describeSlot(slot: ContainerSlot): string {
  const { current, previous, restarts, isStarted, isReady, waiting } = slot;
  return [
    current?.id,
    current?.finishedAt,
    previous?.id,
    restarts,
    isStarted,
    isReady,
    waiting?.reason,
    waiting?.message,
  ].join('|');
}
