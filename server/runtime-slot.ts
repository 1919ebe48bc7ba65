import { UnloopError } from '@/lib/domain/unloop-error';
import { canSeeCluster, type Viewer } from '@/lib/domain/viewer';
import type { Config } from './config';
import type { ClusterTarget } from './kubernetes/cluster-targets';
import type { CrashLog, CrashLogRequest } from './kubernetes/crash-log';
import type { BrokenRules } from './loops/broken-rules';
import type { LiveCluster } from './loops/live-cluster';
import type { Store } from './store/store';
import type { StreamHub } from './stream/hub';

/** A watched cluster, as far as it may be read. */
export interface WatchedCluster {
  readonly live: LiveCluster;
  readonly hub: StreamHub;
  readonly brokenRules: BrokenRules;
  /** How much was handled so far; `recorderLag` is what is not written yet. */
  readonly figures: () => {
    readonly podChanges: number;
    readonly events: number;
    readonly recorderLag: number;
    readonly lost: number;
  };
  /** Reads a log from the kubelet. Rejects with UnloopError `cluster-unreachable` where there is no connection. */
  readonly readLog: (request: CrashLogRequest, signal: AbortSignal) => Promise<CrashLog>;
}

/** What runs in this process. */
export interface Runtime {
  readonly config: Config;
  readonly store: Store;
  readonly targets: readonly ClusterTarget[];
  /** By cluster id, in the order of configuration. */
  readonly clusters: ReadonlyMap<string, WatchedCluster>;
  /** Ends open streams at shutdown. */
  readonly closers: Set<() => void>;
  readonly startedAt: number;
}

interface Slot {
  runtime: Runtime | null;
  starting: boolean;
}

const KEY = Symbol.for('unloop.runtime');

/** The one place of the process where the runtime is kept: routes and instrumentation are separate module graphs. */
export function runtimeSlot(): Slot {
  const shared = globalThis as unknown as Record<symbol, Slot | undefined>;
  shared[KEY] ??= { runtime: null, starting: false };
  return shared[KEY];
}

/** The running runtime; throws UnloopError `internal` before it started. */
export function runtime(): Runtime {
  const { runtime: found } = runtimeSlot();
  if (!found) throw new UnloopError('internal', 'Unloop is still starting', 'Try again in a second.');
  return found;
}

/** The watched clusters that the viewer may see, by id, in the order of configuration. */
export function clustersOf(viewer: Viewer): ReadonlyMap<string, WatchedCluster> {
  return new Map([...runtime().clusters].filter(([id]) => canSeeCluster(viewer, id)));
}

/** A watched cluster by its id; throws UnloopError `not-found` that names those that the viewer may see. */
export function clusterOf(viewer: Viewer, cluster: string): WatchedCluster {
  const clusters = clustersOf(viewer);
  const found = clusters.get(cluster);
  if (found) return found;
  throw new UnloopError(
    'not-found',
    `there is no cluster "${cluster}"`,
    `Configured: ${[...clusters.keys()].join(', ')}.`,
  );
}
