import type { Loop } from '@/lib/contract/loop';
import { parseBackoffMessage } from '@/lib/domain/backoff-message';
import { containerOf } from '@/lib/domain/container-exits';
import { type NextRestart, nextRestart } from '@/lib/domain/next-restart';
import type { ContainerSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';
import type { EpochMs } from '@/lib/domain/time';
import type { LoopEntry } from '@/server/loops/loop-entry';
import type { NodeBackoff } from '@/server/pipeline/node-backoff';

/** The delay that the kubelet names after a run, with that run's id; null where the status names none. */
export function announcedDelay(
  entry: LoopEntry,
  pod: PodSnapshot,
  container: ContainerSnapshot,
): { runId: string; delayMs: number } | null {
  if (container.state.kind !== 'waiting') return null;
  const delayMs = parseBackoffMessage(container.state.message);
  const run = entry.runs.get(pod.uid)?.findLast((one) => one.exitCode !== null);
  return delayMs === null || !run ? null : { runId: run.id, delayMs };
}

/** Gives when the kubelet starts the replica again; null where no restart is coming. */
export function restartOf(entry: LoopEntry, pod: PodSnapshot, nodes: NodeBackoff, now: EpochMs): NextRestart | null {
  const container = containerOf(pod, entry.container);
  if (!container) return null;
  return nextRestart({
    pod,
    container,
    runs: entry.runs.get(pod.uid) ?? [],
    backoff: { ...nodes.optionsOf(pod.nodeName), announced: entry.announced },
    now,
  });
}

/** The window in which the kubelet starts the replica again, and when it will be overdue; null where no restart is coming. */
export function nextRestartOf(
  entry: LoopEntry,
  pod: PodSnapshot,
  nodes: NodeBackoff,
  now: EpochMs,
): { readonly window: NonNullable<Loop['nextRestart']>; readonly overdueAt: EpochMs | null } | null {
  const next = restartOf(entry, pod, nodes, now);
  if (!next) return null;
  return {
    window: {
      from: new Date(next.earliestAt).toISOString(),
      to: new Date(next.latestAt).toISOString(),
      overdue: next.isOverdue,
    },
    overdueAt: next.isOverdue ? null : next.latestAt + 1,
  };
}
