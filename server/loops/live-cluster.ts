import type { Cluster } from '@/lib/contract/cluster';
import type { Coverage, Loop, LoopsPage, Totals } from '@/lib/contract/loop';
import type { Run } from '@/lib/domain/loop';
import type { NodeFactsByName } from '@/lib/domain/node-facts';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import type { EpochMs } from '@/lib/domain/time';
import type { Sight, Viewer } from '@/lib/domain/viewer';
import type { WatchState } from '@/lib/domain/watch-state';
import type { StoredLog } from '@/server/store/store';
import { type BoardContext, boardPage, boardTotals } from '@/server/view/board';
import {
  type ConfiguredCluster,
  clusterStatus,
  coverageLine,
  unwatchedStatus,
  watchesSeenBy,
} from '@/server/view/coverage';
import type { DayHours } from './day-hours';
import type { LoopEntry } from './loop-entry';

const DAY_MS = 86_400_000;

/** One watched cluster as those who read see it: what is known now. Reading changes nothing and asks nobody. */
export interface LiveCluster {
  readonly target: ConfiguredCluster;
  /** The API server's version, or null until it answered. */
  readonly version: string | null;
  /** 34 of "v1.34.2"; undefined until it answered. */
  readonly serverMinor: number | undefined;
  readonly watchStates: readonly WatchState[];
  /** True once every pod of the first list was seen. */
  readonly isSynced: boolean;
  readonly entries: Iterable<LoopEntry>;
  /** Every known pod by UID. */
  readonly pods: ReadonlyMap<string, PodSnapshot>;
  podsOf(entry: LoopEntry): readonly PodSnapshot[];
  /** Namespaces that have pods, with their number. */
  readonly podCounts: ReadonlyMap<string, number>;
  /** What is known of the restart back-off of the nodes on which something fails. */
  readonly nodes: NodeFactsByName;
  readonly hours: DayHours;
  /** Since when ends of runs are recorded, as far as they are held; null where nothing has ended. */
  readonly recordedSince: EpochMs | null;
  /** What is wrong with the history (it cannot be written, or lives in memory) and why, in words; null where nothing is. */
  readonly historyTrouble: string | null;
  readonly unwritten: Unwritten;
}

/** What waits to be written into the history. */
export interface Unwritten {
  run(id: string): Run | undefined;
  runs(): Iterable<Run>;
  log(runId: string): StoredLog | undefined;
}

/** The cluster's line in the list of clusters, from the watches that concern the viewer. */
export function statusOf(cluster: LiveCluster, viewer: Viewer): Cluster {
  const { target, watchStates, version, historyTrouble } = cluster;
  const seen = watchesSeenBy(viewer, target.id, watchStates);
  if (watchStates.length > 0 && seen.length === 0) return unwatchedStatus(target, version);
  return clusterStatus(target, seen, version, historyTrouble);
}

/** How the cluster as a whole stands, for who runs Unloop: from all its watches. */
export function wholeStatusOf({ target, watchStates, version, historyTrouble }: LiveCluster): Cluster {
  return clusterStatus(target, watchStates, version, historyTrouble);
}

/** What is watched of the cluster, and what cannot be seen, as far as it concerns the viewer. */
export function coverageOf(cluster: LiveCluster, viewer: Viewer): readonly Coverage[] {
  return watchesSeenBy(viewer, cluster.target.id, cluster.watchStates).map(coverageLine);
}

/** The board as it is seen, in no order. `sequence` is that of the stream's newest frame. */
export function boardOf(cluster: LiveCluster, sight: Sight, sequence: number): LoopsPage {
  return boardPage([...rowsOf(cluster)], sight, contextOf(cluster, sight.viewer, sequence));
}

/** What the stream says beside rows: the numbers above the board, and how the cluster stands. */
export function streamView(cluster: LiveCluster): {
  readonly totals: (sight: Sight) => Totals;
  readonly status: (viewer: Viewer) => { readonly coverage: readonly Coverage[]; readonly cluster: Cluster };
} {
  return {
    totals: (sight) => boardTotals(rowsOf(cluster), sight, contextOf(cluster, sight.viewer, 0)),
    status: (viewer) => ({ coverage: coverageOf(cluster, viewer), cluster: statusOf(cluster, viewer) }),
  };
}

/** Rows that stand on the board, of all namespaces. */
export function* rowsOf(cluster: LiveCluster): Generator<Loop> {
  for (const entry of cluster.entries) if (entry.isListed && entry.row) yield entry.row;
}

function contextOf(cluster: LiveCluster, viewer: Viewer, sequence: number): BoardContext {
  const now = Date.now();
  const recoveredUnlisted = new Map<string, number>();
  for (const { isListed, current, workload } of cluster.entries) {
    if (isListed || current?.state !== 'recovered' || (current.enteredAt ?? 0) < now - DAY_MS) continue;
    recoveredUnlisted.set(workload.namespace, (recoveredUnlisted.get(workload.namespace) ?? 0) + 1);
  }
  return {
    now,
    sequence,
    coverage: coverageOf(cluster, viewer),
    podCounts: cluster.podCounts,
    hours: cluster.hours,
    recordedSince: cluster.recordedSince,
    recoveredUnlisted,
  };
}
