import type { EpochMs } from './time';

/** `sidecar` is an init container with `restartPolicy: Always` (native sidecar). */
export type ContainerType = 'init' | 'sidecar' | 'app';

/** One ended run of a container, as the kubelet reported it. `signal` is not filled by kubelets; derive it from the code. */
export interface Termination {
  readonly exitCode: number;
  readonly signal: number;
  readonly reason: string;
  readonly message: string;
  /** null where the runtime never knew (start errors, lost containers). Whole seconds. */
  readonly startedAt: EpochMs | null;
  readonly finishedAt: EpochMs | null;
  readonly containerId: string;
}

export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string }
  | { readonly kind: 'running'; readonly startedAt: EpochMs | null }
  | ({ readonly kind: 'terminated' } & Termination)
  | { readonly kind: 'none' };

/** The status of one container of a pod, projected from `status.containerStatuses` or `status.initContainerStatuses`. */
export interface ContainerSnapshot {
  readonly name: string;
  readonly type: ContainerType;
  /** `status.image`; empty before the kubelet reported. */
  readonly image: string;
  readonly containerId: string;
  readonly restartCount: number;
  readonly ready: boolean;
  readonly started: boolean | null;
  readonly state: ContainerState;
  readonly lastTermination: Termination | null;
}

/** One entry of `restartPolicyRules`: what follows an exit whose code is `In` or `NotIn` the given ones. */
export interface RestartRule {
  /** `Restart` or `RestartAllContainers`. */
  readonly action: string;
  readonly operator: string;
  readonly codes: readonly number[];
}

/** A container's own restart policy, which stands above the pod's. Rules are only heeded beside a policy. */
export interface ContainerRestart {
  readonly policy: string;
  readonly rules: readonly RestartRule[];
}

/** What is kept of a container of the spec. */
export interface SpecContainer {
  readonly name: string;
  readonly type: ContainerType;
  readonly image: string;
  /** Left out where the pod's restart policy decides, and for a sidecar without rules. */
  readonly restart?: ContainerRestart;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** The condition `type` of a pod where it is not True, or null. */
export interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly at: EpochMs | null;
}

/**
 * What Unloop keeps of a pod: the fields that STATUS, RESTARTS and loops are read from, copied out of the wire bytes
 * (core/v1 `generated.proto`). A healthy pod must stay under 1 KB: no labels, no annotations, no spec but what is here.
 */
export interface PodSnapshot {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: EpochMs | null;
  readonly deletedAt: EpochMs | null;
  /** The controlling owner reference, or null for a bare pod. */
  readonly owner: OwnerReference | null;
  /** Label `pod-template-hash`, or empty. */
  readonly templateHash: string;
  readonly nodeName: string;
  readonly restartPolicy: string;
  readonly phase: string;
  readonly reason: string;
  readonly message: string;
  /** PodScheduled, Initialized and Ready only; True conditions are kept without texts. */
  readonly conditions: readonly PodCondition[];
  /** Numbers of containers in the spec; statuses may lag behind. `initCount` includes sidecars. */
  readonly appCount: number;
  readonly initCount: number;
  readonly sidecarCount: number;
  /** Status order (sorted by name for app containers, spec order for init containers). */
  readonly init: readonly ContainerSnapshot[];
  readonly app: readonly ContainerSnapshot[];
  /** The spec's containers, also where no status exists yet. */
  readonly specContainers: readonly SpecContainer[];
}

/** A Kubernetes event, projected (core/v1 Event; crash-semantics 2.2). */
export interface EventSnapshot {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly involved: { readonly kind: string; readonly namespace: string; readonly name: string; readonly uid: string };
  /** From `involvedObject.fieldPath`, or empty. */
  readonly container: string;
  readonly first: EpochMs | null;
  readonly last: EpochMs | null;
  readonly count: number;
  readonly source: string;
  readonly host: string;
  /** True for "(combined from similar events): …": interior members may belong to other containers. */
  readonly aggregated: boolean;
}
