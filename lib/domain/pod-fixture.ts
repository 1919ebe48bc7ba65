import type { ContainerSnapshot, ContainerState, ContainerType, PodSnapshot, Termination } from './pod-snapshot';
import { type EpochMs, parseKubeTime } from './time';

/** An instant of the fixture day, 2026-03-01, from `HH:MM:SS`. Tests only. */
export function at(clock: string): EpochMs {
  const instant = parseKubeTime(`2026-03-01T${clock}Z`);
  if (instant === null) throw new RangeError(`not a time of day: ${clock}`);
  return instant;
}

/** A container that waits with a reason. Tests only. */
export function waiting(reason: string, message = ''): ContainerState {
  return { kind: 'waiting', reason, message };
}

/** A container that runs since an instant. Tests only. */
export function running(startedAt: EpochMs | null = at('12:00:00')): ContainerState {
  return { kind: 'running', startedAt };
}

/** The end of a run; exit 1 with reason Error unless told otherwise. Tests only. */
export function ended(over: Partial<Termination> = {}): Termination {
  const exitCode = over.exitCode ?? 1;
  return {
    exitCode,
    signal: 0,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    message: '',
    startedAt: at('11:59:58'),
    finishedAt: at('12:00:00'),
    containerId: 'containerd://0000',
    ...over,
  };
}

/** A container that shows the end of its newest run in `state`. Tests only. */
export function terminated(over: Partial<Termination> = {}): ContainerState {
  return { kind: 'terminated', ...ended(over) };
}

/** A container status; running, ready and never restarted unless told otherwise. Tests only. */
export function container(over: Partial<ContainerSnapshot> = {}): ContainerSnapshot {
  const state = over.state ?? running();
  return {
    name: 'app',
    type: 'app',
    image: 'registry.example/app:1',
    containerId: '',
    restartCount: 0,
    ready: state.kind === 'running',
    started: state.kind === 'running',
    state,
    lastTermination: null,
    ...over,
  };
}

/**
 * A pod of a Deployment around the given containers, which are sorted into init and app by their type. Counts follow the
 * containers given. Tests only.
 */
export function pod(containers: readonly ContainerSnapshot[], over: Partial<PodSnapshot> = {}): PodSnapshot {
  const of = (...types: ContainerType[]) => containers.filter((c) => types.includes(c.type));
  return {
    uid: 'uid-web-0',
    namespace: 'shop',
    name: 'web-7d4b9c-x2x1z',
    createdAt: at('11:00:00'),
    deletedAt: null,
    owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-7d4b9c', uid: 'uid-rs' },
    templateHash: '7d4b9c',
    nodeName: 'node-1',
    restartPolicy: 'Always',
    phase: 'Running',
    reason: '',
    message: '',
    conditions: [],
    appCount: of('app').length,
    initCount: of('init', 'sidecar').length,
    sidecarCount: of('sidecar').length,
    init: of('init', 'sidecar'),
    app: of('app'),
    specContainers: containers.map(({ name, type, image }) => ({ name, type, image })),
    ...over,
  };
}

/** A pod condition without texts. Tests only. */
export function condition(type: string, status: string, reason = ''): PodSnapshot['conditions'][number] {
  return { type, status, reason, message: '', at: null };
}
