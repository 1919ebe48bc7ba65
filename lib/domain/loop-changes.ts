import type { EpochMs } from './time';

/**
 * What may start or end a loop: `rollout`, a new revision of the workload; `config`, another version of a ConfigMap that its
 * pods refer to; `image`, the image of a living pod; `pod-gone`, a pod that was deleted.
 */
export const CHANGE_KINDS = ['rollout', 'config', 'image', 'pod-gone'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** A change of a workload, or of what its pods refer to, at the instant at which it was made. */
export interface LoopChange {
  readonly kind: ChangeKind;
  readonly at: EpochMs;
  readonly text: string;
}

/** A change as it is recorded: `kind` may be of another version; `detail` is JSON text of the writer's own shape, or null. */
export interface RecordedChange {
  readonly kind: string;
  readonly at: EpochMs;
  /** In words: "image set to api:1.4.2". */
  readonly text: string;
  readonly detail: string | null;
}

/** Times are whole seconds, and a pod may crash in the second in which it was made. */
const ROUNDING_MS = 2_000;
/** What was changed longer ago than this before the first crash is hardly why. */
const BEFORE_START_MS = 6 * 3_600_000;
/** A rollout and the ConfigMap that goes with it are one act. */
const TOGETHER_MS = 10 * 60_000;

/** The changes that came before a loop's first crash and go together with the newest of them, oldest first. */
export function changesBeforeStart<C extends LoopChange>(changes: readonly C[], since: EpochMs): readonly C[] {
  const before = changes.filter(
    ({ kind, at }) => kind !== 'pod-gone' && at <= since + ROUNDING_MS && at >= since - BEFORE_START_MS,
  );
  return togetherWithNewest(before);
}

/**
 * The changes that came after the first crash and before the runs that hold began, with what goes together with the
 * newest, oldest first. `heldSince` is the start of the first run that held.
 */
export function changesBeforeEnd<C extends LoopChange>(
  changes: readonly C[],
  since: EpochMs,
  heldSince: EpochMs,
): readonly C[] {
  const between = changes.filter(
    ({ kind, at }) => kind !== 'pod-gone' && at > since + ROUNDING_MS && at <= heldSince + ROUNDING_MS,
  );
  return togetherWithNewest(between);
}

function togetherWithNewest<C extends LoopChange>(changes: readonly C[]): readonly C[] {
  const sorted = changes.toSorted((a, b) => a.at - b.at);
  const newest = sorted.at(-1);
  return newest === undefined ? [] : sorted.filter(({ at }) => newest.at - at <= TOGETHER_MS);
}
