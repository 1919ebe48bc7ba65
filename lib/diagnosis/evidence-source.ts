import type { Run, Workload } from '@/lib/domain/loop';
import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import type { EpochMs } from '@/lib/domain/time';

/** A Kubernetes object as JSON, unread. Readers must tolerate absent and ill-typed fields. */
export type KubeObject = Readonly<Record<string, unknown>>;

/** A part that was collected, or the sentence that says why it was not. */
export type Part<T> = { readonly value: T } | { readonly missing: string };

/** A log text as kept: head and tail of the stream with the number of lines left out between them. */
export interface LogText {
  readonly head: string;
  /** Empty where the head holds everything. */
  readonly tail: string;
  readonly skippedLines: number;
  /** True where each line starts with the kubelet's RFC 3339 timestamp and one space (`timestamps=true`). */
  readonly stamped: boolean;
}

/**
 * What `buildEvidence` reads: raw objects and texts, from a live cluster or from a capture alike. Objects are whole JSON
 * objects; Secrets carry metadata, type and key names only (their values are dropped where they are read).
 */
export interface EvidenceSource {
  readonly now: EpochMs;
  readonly cluster: string;
  readonly workload: Workload;
  readonly container: string;
  readonly pod: KubeObject;
  readonly runs: readonly Run[];
  readonly previousLog: Part<LogText>;
  readonly currentLog: Part<LogText>;
  readonly firstLog: Part<LogText>;
  readonly events: Part<readonly EventSnapshot[]>;
  readonly node: Part<KubeObject>;
  /** Other pods of the workload. */
  readonly siblings: Part<readonly KubeObject[]>;
  /** The workload object itself. */
  readonly owner: Part<KubeObject>;
  /** ReplicaSets or ControllerRevisions of the workload, any order. */
  readonly revisions: Part<readonly KubeObject[]>;
  /** ConfigMaps and Secrets (names, types and keys) that the pod refers to and that exist. */
  readonly references: Part<readonly KubeObject[]>;
  readonly services: Part<readonly KubeObject[]>;
  readonly claims: Part<readonly KubeObject[]>;
  /** NetworkPolicies of the pod's namespace. */
  readonly policies: Part<readonly KubeObject[]>;
}
