import type { Loop } from '@/lib/contract/loop';
import { containerOf } from '@/lib/domain/container-exits';
import { type NextRestart, nextRestart } from '@/lib/domain/next-restart';
import { backoffOf, type NodeFactsByName } from '@/lib/domain/node-facts';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import type { EpochMs } from '@/lib/domain/time';
import type { ShownLoop } from './shown-loop';

type Restarting = Pick<ShownLoop, 'container' | 'runs' | 'announced'>;

/** When the kubelet starts the replica again; null where no restart is coming. */
export function restartOf(
  loop: Restarting,
  pod: PodSnapshot,
  nodes: NodeFactsByName,
  now: EpochMs,
): NextRestart | null {
  const container = containerOf(pod, loop.container);
  if (!container) return null;
  return nextRestart({
    pod,
    container,
    runs: loop.runs.get(pod.uid) ?? [],
    backoff: { ...backoffOf(nodes, pod.nodeName), announced: loop.announced },
    now,
  });
}

/** The window in which the kubelet starts the replica again, and when it will be overdue; null where no restart is coming. */
export function nextRestartOf(
  loop: Restarting,
  pod: PodSnapshot,
  nodes: NodeFactsByName,
  now: EpochMs,
): { readonly window: NonNullable<Loop['nextRestart']>; readonly overdueAt: EpochMs | null } | null {
  const next = restartOf(loop, pod, nodes, now);
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
