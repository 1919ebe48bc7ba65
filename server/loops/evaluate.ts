import type { Loop } from '@/lib/contract/loop';
import { containerOf } from '@/lib/domain/container-exits';
import { kubectlStatus } from '@/lib/domain/kubectl-status';
import { judgeLoop, type LoopStanding, type PreviousStanding } from '@/lib/domain/loop-state';
import type { NodeFactsByName } from '@/lib/domain/node-facts';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import { isFailingNow } from '@/lib/domain/replica-state';
import type { EpochMs } from '@/lib/domain/time';
import { startingChange } from '@/server/view/known-changes';
import { nextRestartOf } from '@/server/view/next-restart';
import { toRow } from '@/server/view/row';
import { allRuns } from '@/server/view/shown-loop';
import type { LoopEntry } from './loop-entry';

/** Ended loops stay listed this long; the store keeps them. */
const LISTED_MS = { recovered: 2 * 3_600_000, gone: 3_600_000 } as const;

/** How an entry stands now. */
export interface Evaluation {
  readonly standing: LoopStanding | null;
  /** null where it is no loop. */
  readonly row: Loop | null;
  /** The replica that the row speaks of; null where no pod is left. */
  readonly pod: PodSnapshot | null;
  readonly change: Loop['change'];
  /** When time alone may change the judgement, or null. */
  readonly nextCheckAt: EpochMs | null;
}

/** What an entry is judged by beside what is known of it. */
export interface EvaluationContext {
  readonly now: EpochMs;
  /** Minor version of the API server; undefined where it is not known. */
  readonly serverMinor: number | undefined;
  readonly nodes: NodeFactsByName;
}

interface Replica {
  readonly pod: PodSnapshot;
  readonly isFailing: boolean;
}

/** Judges an entry by its pods and runs and builds its row. Pure: nothing of the entry is changed and nobody is asked. */
export function evaluateEntry(entry: LoopEntry, pods: readonly PodSnapshot[], context: EvaluationContext): Evaluation {
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
  const replicas = pods.map((pod): Replica => {
    const container = containerOf(pod, entry.container);
    return { pod, isFailing: container !== null && isFailingNow(container, pod, now) };
  });
  const pod = worstOf(entry, replicas);
  if (!standing) return { standing, row: null, pod, change: entry.change, nextCheckAt };
  const failing = replicas.filter(({ isFailing }) => isFailing).map((replica) => replica.pod);
  const next = pod ? nextRestartOf(entry, pod, nodes, now) : null;
  const change = startingChange(entry.changes, standing.since) ?? entry.change;
  const row = toRow(entry, standing, {
    pod,
    replicas: { failing: standing.failingReplicas, total: standing.totalReplicas },
    failingNodes: (failing.length > 0 ? failing : pod ? [pod] : []).map((one) => one.nodeName),
    places: replicas
      .filter((one) => one.pod.deletedAt === null)
      .map((one) => ({ node: one.pod.nodeName, isFailing: one.isFailing })),
    nextRestart: next?.window ?? null,
    change,
    serverMinor,
    now,
  });
  const checks = [nextCheckAt, next?.overdueAt ?? null].filter((at) => at !== null);
  return { standing, row, pod, change, nextCheckAt: checks.length > 0 ? Math.min(...checks) : null };
}

/** Whether a loop that stands so is on the board: as long as it fails, and for a while after it ended. */
export function isOnBoard(standing: PreviousStanding | null, now: EpochMs): boolean {
  if (!standing) return false;
  if (standing.state !== 'recovered' && standing.state !== 'gone') return true;
  return now - (standing.enteredAt ?? standing.since) < LISTED_MS[standing.state];
}

/** The replica a row speaks of: alive before deleted, failing before well, then the one that restarted most, then the newest. */
function worstOf(entry: LoopEntry, replicas: readonly Replica[]): PodSnapshot | null {
  const [first, ...others] = replicas;
  if (!first) return null;
  let worst = first;
  for (const one of others) if (worse(entry, one, worst) > 0) worst = one;
  return worst.pod;
}

function worse(entry: LoopEntry, a: Replica, b: Replica): number {
  return (
    Number(a.pod.deletedAt === null) - Number(b.pod.deletedAt === null) ||
    Number(a.isFailing) - Number(b.isFailing) ||
    kubectlStatus(a.pod).restarts - kubectlStatus(b.pod).restarts ||
    Number(entry.runs.has(a.pod.uid)) - Number(entry.runs.has(b.pod.uid)) ||
    (a.pod.createdAt ?? 0) - (b.pod.createdAt ?? 0)
  );
}
