import type { Run, Workload } from '@/lib/domain/loop';
import type {
  ContainerState,
  ContainerType,
  EventSnapshot,
  PodCondition,
  Termination,
} from '@/lib/domain/pod-snapshot';
import type { EpochMs } from '@/lib/domain/time';

/** One line of a log. `no` counts from 1 in the text that is held; `at` is the kubelet's timestamp where it was asked for. */
export interface LogLine {
  readonly no: number;
  readonly at: EpochMs | null;
  readonly text: string;
}

/** A log as it was kept: head and tail, with what lies between left out. Escape sequences and NULs removed from `text`. */
export interface LogEvidence {
  /** `first`: of the first recorded crash; `message`: the container's termination message, where no log is held. */
  readonly which: 'previous' | 'current' | 'first' | 'message';
  readonly lines: readonly LogLine[];
  /** Lines left out between head and tail, or 0. The gap stands before line `gapBefore`. */
  readonly skippedLines: number;
  readonly gapBefore: number | null;
}

/** A probe of a container, defaults filled in (crash-semantics 4.1). Durations in seconds. */
export interface ProbeEvidence {
  readonly handler: 'http' | 'tcp' | 'grpc' | 'exec' | 'none';
  readonly scheme: string;
  readonly path: string;
  /** Number, or the name of a container port. */
  readonly port: string;
  readonly command: readonly string[];
  readonly initialDelay: number;
  readonly period: number;
  readonly timeout: number;
  readonly failureThreshold: number;
  readonly grace: number | null;
}

export interface EnvEvidence {
  readonly name: string;
  /** Literal value, credentials redacted on the server; null where it comes from elsewhere. */
  readonly value: string | null;
  readonly from: {
    readonly kind: 'ConfigMap' | 'Secret' | 'field' | 'resource';
    readonly name: string;
    readonly key: string;
    readonly optional: boolean;
  } | null;
}

export interface MountEvidence {
  readonly volume: string;
  readonly path: string;
  readonly subPath: string;
  readonly readOnly: boolean;
}

export interface VolumeEvidence {
  readonly name: string;
  /** `configMap`, `secret`, `emptyDir`, `persistentVolumeClaim`, `hostPath`, `projected`, … as in the pod spec. */
  readonly kind: string;
  /** Name of the object it refers to (claim, ConfigMap, Secret, host path), or empty. */
  readonly ref: string;
  readonly optional: boolean;
  readonly sizeLimit: string;
  readonly medium: string;
}

/** The container's spec. `index` is its place in `spec.containers` or `spec.initContainers`, for field paths. */
export interface ContainerEvidence {
  readonly name: string;
  readonly type: ContainerType;
  readonly index: number;
  readonly image: string;
  readonly imagePullPolicy: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly workingDir: string;
  readonly env: readonly EnvEvidence[];
  readonly envFrom: readonly {
    readonly kind: 'ConfigMap' | 'Secret';
    readonly name: string;
    readonly prefix: string;
    readonly optional: boolean;
  }[];
  readonly ports: readonly {
    readonly name: string;
    readonly containerPort: number;
    readonly protocol: string;
    readonly hostPort: number | null;
  }[];
  readonly mounts: readonly MountEvidence[];
  /** As written in the spec (`512Mi`, `200m`), null where absent. */
  readonly resources: {
    readonly memoryRequest: string | null;
    readonly memoryLimit: string | null;
    readonly cpuLimit: string | null;
  };
  readonly liveness: ProbeEvidence | null;
  readonly readiness: ProbeEvidence | null;
  readonly startup: ProbeEvidence | null;
  /** What the hook does, in one line: its command as JSON, or `GET <port><path>`. Credentials redacted; null without a hook. */
  readonly postStart: string | null;
  readonly preStop: string | null;
  /** Container level over pod level. null where not set. */
  readonly security: {
    readonly runAsUser: number | null;
    readonly runAsGroup: number | null;
    readonly runAsNonRoot: boolean | null;
    readonly readOnlyRootFilesystem: boolean | null;
    readonly privileged: boolean | null;
    readonly allowPrivilegeEscalation: boolean | null;
    readonly addCapabilities: readonly string[];
    readonly dropCapabilities: readonly string[];
    readonly seccompProfile: string | null;
  };
  readonly restartPolicy: string | null;
}

/** The pod around the container. */
export interface PodEvidence {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly createdAt: EpochMs | null;
  readonly deletedAt: EpochMs | null;
  readonly nodeName: string;
  readonly phase: string;
  readonly reason: string;
  readonly message: string;
  readonly restartPolicy: string;
  readonly conditions: readonly PodCondition[];
  readonly grace: number;
  readonly hostNetwork: boolean;
  readonly enableServiceLinks: boolean;
  readonly serviceAccountName: string;
  readonly automountToken: boolean | null;
  readonly imagePullSecrets: readonly string[];
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Required node affinity: terms of which one must hold, each with expressions that must all hold. */
  readonly nodeAffinity: readonly (readonly {
    readonly key: string;
    readonly operator: string;
    readonly values: readonly string[];
  }[])[];
  readonly fsGroup: number | null;
  readonly volumes: readonly VolumeEvidence[];
  readonly initContainers: readonly ContainerEvidence[];
  readonly containers: readonly ContainerEvidence[];
  /** Statuses by container name, init containers included. */
  readonly statuses: Readonly<Record<string, StatusEvidence>>;
}

/** The container's status at the moment of collection. */
export interface StatusEvidence {
  readonly state: ContainerState;
  readonly lastTermination: Termination | null;
  readonly restartCount: number;
  readonly ready: boolean;
  readonly started: boolean | null;
  readonly image: string;
  readonly imageId: string;
}

export interface NodeEvidence {
  readonly name: string;
  readonly architecture: string;
  readonly operatingSystem: string;
  readonly kubeletVersion: string;
  readonly containerRuntime: string;
  readonly conditions: readonly PodCondition[];
  readonly labels: Readonly<Record<string, string>>;
}

/** A replica of the same workload and container, for comparison. */
export interface SiblingEvidence {
  readonly podName: string;
  readonly nodeName: string;
  readonly templateHash: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly imageId: string;
}

/** A configuration object the pod refers to. Of a Secret only existence, type and key names are known, never a value. */
export interface ReferencedObject {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  /** null where it could not be asked for. */
  readonly exists: boolean | null;
  readonly keys: readonly string[] | null;
  /** ConfigMap data for configuration checks, credentials redacted; null for Secrets and where not permitted. */
  readonly data: Readonly<Record<string, string>> | null;
  readonly type: string;
}

export interface ServiceEvidence {
  readonly name: string;
  readonly namespace: string;
  readonly ports: readonly { readonly name: string; readonly port: number }[];
  readonly clusterIP: string;
  /** True where its selector picks this pod: then the pod itself is what stands behind it. */
  readonly isOwn: boolean;
  /** Ready addresses behind it; null where not known. */
  readonly readyEndpoints: number | null;
}

/** A NetworkPolicy that selects the pod and restricts what it may open. */
export interface EgressPolicyEvidence {
  readonly name: string;
  /** One of these must allow a connection; without any nothing leaves. Whom a rule lets through to is not kept. */
  readonly rules: readonly {
    /** From one port to another, both included; `from` null for a port by name. Empty: every port. */
    readonly ports: readonly { readonly protocol: string; readonly from: number | null; readonly to: number | null }[];
  }[];
}

export interface ClaimEvidence {
  readonly name: string;
  readonly phase: string;
  readonly storageClass: string;
  readonly accessModes: readonly string[];
}

/** The owner as far as it matters to rules. */
export interface OwnerEvidence {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly replicas: number | null;
  readonly strategy: string;
  readonly conditions: readonly PodCondition[];
}

/** Difference of the pod template between the revision that ran and the one that fails. */
export interface RevisionEvidence {
  readonly number: string;
  readonly at: EpochMs | null;
  /** Paths in the pod template that changed, with both values as text. Credentials redacted. */
  readonly changes: readonly { readonly path: string; readonly before: string; readonly after: string }[];
}

/**
 * Everything collected about one container of one pod. A part that is absent has its reason in `missing`.
 * Rules see this and nothing else.
 */
export interface Evidence {
  readonly now: EpochMs;
  readonly cluster: string;
  readonly workload: Workload;
  readonly pod: PodEvidence;
  readonly container: ContainerEvidence;
  readonly status: StatusEvidence;
  /** The newest ended run, whether it stands in `state` or in `lastState`. */
  readonly lastTermination?: Termination;
  /** Ended and running runs of this container over the pod's life, oldest first, as far as recorded. */
  readonly runs: readonly Run[];
  /** Log of the newest ended run. */
  readonly previousLog?: LogEvidence;
  /** Log of the run that is alive, or of the newest one where nothing else is. */
  readonly currentLog?: LogEvidence;
  /** Log of the first recorded crash, where it differs from the newest. */
  readonly firstLog?: LogEvidence;
  /**
   * The log that tells of the newest failure: of the newest ended run, else of the live one, else the termination
   * message. What rules read.
   */
  readonly log?: LogEvidence;
  /** Events of the pod and its owners, oldest first. */
  readonly events?: readonly EventSnapshot[];
  readonly node?: NodeEvidence;
  readonly siblings?: readonly SiblingEvidence[];
  readonly owner?: OwnerEvidence;
  readonly revision?: RevisionEvidence;
  readonly references?: readonly ReferencedObject[];
  readonly services?: readonly ServiceEvidence[];
  readonly claims?: readonly ClaimEvidence[];
  /** NetworkPolicies that restrict what the pod may open; empty where none does. */
  readonly policies?: readonly EgressPolicyEvidence[];
  /** Why a part is absent, in a sentence with its remedy where one exists. */
  readonly missing: Readonly<Partial<Record<EvidencePart, string>>>;
}

/** The parts that can be absent. */
export type EvidencePart =
  | 'lastTermination'
  | 'previousLog'
  | 'currentLog'
  | 'firstLog'
  | 'log'
  | 'events'
  | 'node'
  | 'siblings'
  | 'owner'
  | 'revision'
  | 'references'
  | 'services'
  | 'claims'
  | 'policies';
