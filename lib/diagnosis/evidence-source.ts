import type { KubeObject, LogText, Part } from '@/lib/domain/collected';
import type { Run, Workload } from '@/lib/domain/loop';
import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import type { EpochMs } from '@/lib/domain/time';

export type { KubeObject, LogText, Part } from '@/lib/domain/collected';

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
