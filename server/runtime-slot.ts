import { UnloopError } from '@/lib/domain/unloop-error';
import type { Config } from './config';
import type { ClusterTarget } from './kubernetes/cluster-targets';
import type { ClusterPipeline } from './pipeline/cluster-pipeline';
import type { Store } from './store/store';

/** What runs in this process. */
export interface Runtime {
  readonly config: Config;
  readonly store: Store;
  readonly targets: readonly ClusterTarget[];
  readonly pipelines: ReadonlyMap<string, ClusterPipeline>;
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

/** Gives the running runtime; throws UnloopError `internal` before it started. */
export function runtime(): Runtime {
  const { runtime: found } = runtimeSlot();
  if (!found) throw new UnloopError('internal', 'Unloop is still starting', 'Try again in a second.');
  return found;
}

/** Gives the pipeline of a cluster; throws UnloopError `not-found` that names the clusters there are. */
export function pipelineOf(cluster: string): ClusterPipeline {
  const { pipelines } = runtime();
  const found = pipelines.get(cluster);
  if (found) return found;
  throw new UnloopError(
    'not-found',
    `there is no cluster "${cluster}"`,
    `Configured: ${[...pipelines.keys()].join(', ')}.`,
  );
}
