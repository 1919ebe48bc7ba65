import type { Loop } from '@/lib/contract/loop';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import type { EpochMs } from '@/lib/domain/time';
import type { LoopEntry } from './loop-entry';

/** The window in which the kubelet starts the replica again, and when it will be overdue; null where none is coming. */
export function nextRestartOf(
  _entry: LoopEntry,
  _pod: PodSnapshot,
  _now: EpochMs,
): { window: NonNullable<Loop['nextRestart']>; overdueAt: EpochMs | null } | null {
  return null;
}
