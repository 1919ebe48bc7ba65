import type { NodeFactsByName } from '@/lib/domain/node-facts';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import type { WatchState } from '@/lib/domain/watch-state';
import type { ClusterTarget } from '@/server/kubernetes/cluster-targets';
import type { DayHours } from '@/server/loops/day-hours';
import type { LiveCluster, Unwritten } from '@/server/loops/live-cluster';
import type { LoopEntry } from '@/server/loops/loop-entry';
import type { LoopTable } from '@/server/loops/loop-table';
import type { PodCensus } from '@/server/loops/pod-census';
import type { Store } from '@/server/store/store';
import type { Connection } from './connection';
import type { CrashHours } from './crash-hours';
import type { FirstList } from './first-list';
import { historyWords } from './history-words';
import type { LogQueue } from './log-queue';
import type { NodeKnowledge } from './node-knowledge';
import type { Recorder } from './recorder';
import type { Replicas } from './replicas';

/** The parts of a pipeline that hold what is read. */
export interface LiveParts {
  readonly connection: Connection;
  readonly table: LoopTable;
  readonly census: PodCensus;
  readonly replicas: Replicas;
  readonly firstList: FirstList;
  readonly nodes: NodeKnowledge;
  readonly crashHours: CrashHours;
  readonly store: Store;
  readonly recorder: Recorder;
  readonly logs: LogQueue;
}

/** What the parts of a pipeline know at the moment of asking. */
export class LiveView implements LiveCluster {
  readonly #parts: LiveParts;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  get target(): ClusterTarget {
    return this.#parts.connection.target;
  }

  get version(): string | null {
    return this.#parts.connection.version;
  }

  get serverMinor(): number | undefined {
    return this.#parts.connection.serverMinor;
  }

  get watchStates(): readonly WatchState[] {
    return this.#parts.connection.states();
  }

  get isSynced(): boolean {
    return this.#parts.firstList.isComplete;
  }

  get entries(): Iterable<LoopEntry> {
    return this.#parts.table.all();
  }

  get pods(): ReadonlyMap<string, PodSnapshot> {
    return this.#parts.connection.pods;
  }

  get podCounts(): ReadonlyMap<string, number> {
    return this.#parts.census.namespaces;
  }

  get nodes(): NodeFactsByName {
    return this.#parts.nodes.facts;
  }

  get hours(): DayHours {
    return this.#parts.crashHours.hours;
  }

  get recordedSince(): number | null {
    return this.#parts.crashHours.recordedSince;
  }

  get historyTrouble(): string | null {
    return historyWords(this.#parts, this.target.source === 'demo');
  }

  get unwritten(): Unwritten {
    const { recorder, logs } = this.#parts;
    return { run: (id) => recorder.run(id), runs: () => recorder.runs(), log: (runId) => logs.get(runId) };
  }

  podsOf(entry: LoopEntry): readonly PodSnapshot[] {
    return this.#parts.replicas.of(entry);
  }
}
