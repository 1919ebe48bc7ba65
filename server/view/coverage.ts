import type { Cluster } from '@/lib/contract/cluster';
import type { Coverage } from '@/lib/contract/loop';
import { toInstant } from '@/lib/domain/time';
import { canSee, type Viewer } from '@/lib/domain/viewer';
import type { WatchState } from '@/lib/domain/watch-state';

/** The namespace of a watch over the whole cluster. */
const WHOLE_CLUSTER = '*';

/** A cluster as it is configured. */
export interface ConfiguredCluster {
  readonly id: string;
  /** Address of the API server; empty where the configuration does not even tell that. */
  readonly server: string;
  readonly source: 'kubeconfig' | 'in-cluster' | 'demo';
  /** What is wrong with the configuration, where, and what to do; null where the cluster can be tried. */
  readonly problem: string | null;
}

/** Watches of namespaces that the viewer may see, and those of the whole cluster, of kinds that they may see. */
export function watchesSeenBy(viewer: Viewer, cluster: string, states: readonly WatchState[]): readonly WatchState[] {
  return states.filter(({ namespace, resource }) =>
    canSee(viewer, { cluster, namespace: namespace === WHOLE_CLUSTER ? null : namespace, kind: resource }),
  );
}

/** One line of coverage: what is watched where, and how it stands. */
export function coverageLine(state: WatchState): Coverage {
  return {
    resource: state.resource,
    namespace: state.namespace,
    state: state.state,
    text: state.text,
    since: new Date(state.since).toISOString(),
  };
}

/**
 * Sums the watches of a cluster up. Pods decide: without pods nothing is seen. A watch that never got an answer is
 * `unreachable`, one that had is `stale`.
 */
export function clusterStatus(
  target: ConfiguredCluster,
  states: readonly WatchState[],
  version: string | null,
  /** What is wrong with the history, in words; null where nothing is. */
  history: string | null,
): Cluster {
  const base = { id: target.id, server: target.server, version, demo: target.source === 'demo' };
  if (target.problem !== null)
    return { ...base, state: 'misconfigured', reason: `${target.problem} Unloop looks again every few seconds.` };
  const pods = states.filter((s) => s.resource === 'pods');
  const worst =
    pods.find((s) => s.state === 'stale') ??
    (pods.length > 0 && pods.every((s) => s.state === 'forbidden') ? pods[0] : undefined) ??
    pods.find((s) => s.state === 'connecting' || s.state === 'syncing');
  if (worst) {
    const unreachable = worst.attempt > 0 && worst.lastHeardAt === null && worst.state !== 'forbidden';
    const nextTryAt = toInstant(worst.nextTryAt);
    return { ...base, state: unreachable ? 'unreachable' : worst.state, reason: worst.text || null, nextTryAt };
  }
  if (pods.length === 0) return { ...base, state: 'connecting', reason: null };
  const partly = states.find((s) => s.state !== 'live');
  return { ...base, state: 'live', reason: history ?? (partly ? partly.text || null : null) };
}

/** The line of a cluster in which nothing that the viewer may see is watched. */
export function unwatchedStatus({ id, server, source }: ConfiguredCluster, version: string | null): Cluster {
  const reason = 'None of the namespaces that you may see is watched. Ask who runs Unloop to add them.';
  return { id, server, version, demo: source === 'demo', state: 'forbidden', reason };
}
