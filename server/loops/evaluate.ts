import type { Loop } from '@/lib/contract/loop';
import { containerOf } from '@/lib/domain/container-exits';
import { kubectlStatus } from '@/lib/domain/kubectl-status';
import { judgeLoop, type LoopStanding } from '@/lib/domain/loop-state';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import { isFailingNow } from '@/lib/domain/replica-state';
import type { EpochMs } from '@/lib/domain/time';
import type { NodeBackoff } from '@/server/pipeline/node-backoff';
import { nextRestartOf } from '@/server/view/next-restart';
import { toRow } from '@/server/view/row';
import { allRuns, type LoopEntry } from './loop-entry';

/** How an entry stands now. `row` is null where it is no loop; `pod` is the replica that the row speaks of. */
export interface Evaluation {
  readonly standing: LoopStanding | null;
  readonly row: Loop | null;
  readonly pod: PodSnapshot | null;
  readonly nextCheckAt: EpochMs | null;
}

/** The replica a row speaks of: failing before well, then the one that restarted most, then the newest. */
function spokenOf(entry: LoopEntry, pods: readonly PodSnapshot[], now: EpochMs): PodSnapshot | null {
  let best: PodSnapshot | null = null;
  let bestKey: readonly number[] = [];
  for (const pod of pods) {
    const container = containerOf(pod, entry.container);
    const hasRuns = entry.runs.has(pod.uid);
    const failing = container !== null && isFailingNow(container, pod, now);
    const key = [
      Number(pod.deletedAt === null),
      Number(failing),
      kubectlStatus(pod).restarts,
      Number(hasRuns),
      pod.createdAt ?? 0,
    ];
    const at = key.findIndex((value, i) => value !== (bestKey[i] ?? -1));
    if (best === null || (at >= 0 && (key[at] ?? 0) > (bestKey[at] ?? -1))) {
      best = pod;
      bestKey = key;
    }
  }
  return best;
}

/** Judges an entry by its pods and runs and builds its row. Pure: nothing of the entry is changed. */
export function evaluateEntry(
  entry: LoopEntry,
  pods: readonly PodSnapshot[],
  context: { readonly now: EpochMs; readonly serverMinor: number | undefined; readonly nodes: NodeBackoff },
): Evaluation {
  const { now, serverMinor, nodes } = context;
  const { standing, nextCheckAt } = judgeLoop({
    container: entry.container,
    pods,
    runs: allRuns(entry),
    troubles: entry.troubles,
    refusedAt: entry.failedCreate ? (entry.failedCreate.first ?? now) : null,
    now,
    previous: entry.current,
  });
  const pod = spokenOf(entry, pods, now);
  if (!standing) return { standing, row: null, pod, nextCheckAt };
  const isFailing = (one: PodSnapshot): boolean => {
    const container = containerOf(one, entry.container);
    return container !== null && isFailingNow(container, one, now);
  };
  const failing = pods.filter(isFailing);
  const next = pod ? nextRestartOf(entry, pod, nodes, now) : null;
  const row = toRow(entry, standing, {
    pod,
    replicas: { failing: standing.failingReplicas, total: standing.totalReplicas },
    failingNodes: (failing.length > 0 ? failing : pod ? [pod] : []).map((one) => one.nodeName),
    places: pods
      .filter((one) => one.deletedAt === null)
      .map((one) => ({ node: one.nodeName, isFailing: isFailing(one) })),
    nextRestart: next?.window ?? null,
    serverMinor,
    now,
  });
  const checks = [nextCheckAt, next?.overdueAt ?? null].filter((at) => at !== null);
  return { standing, row, pod, nextCheckAt: checks.length > 0 ? Math.min(...checks) : null };
}
