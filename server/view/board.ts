import type { Coverage, Loop, LoopsPage, Totals } from '@/lib/contract/loop';
import { type EpochMs, toInstant } from '@/lib/domain/time';

/** States that count as looping now; a holding loop does not fail at this moment. */
const LOOPING = new Set<Loop['state']>(['starting', 'looping', 'came-back', 'slow']);

/** What the board needs beside its rows. */
export interface BoardContext {
  readonly cluster: string;
  readonly now: EpochMs;
  readonly sequence: number;
  readonly coverage: readonly Coverage[];
  readonly podCounts: ReadonlyMap<string, number>;
  /** The last day's crashes by hour and category of these namespaces; null: of all. */
  readonly hours: { of(namespaces: readonly string[] | null, now: EpochMs): Totals['crashesPerHour'] };
  /** Since when crashes are recorded; null where nothing has crashed. */
  readonly recordedSince: EpochMs | null;
  /** Loops that recovered in the last 24 h and are no longer listed, by namespace. */
  readonly recoveredUnlisted: ReadonlyMap<string, number>;
}

function inNamespaces(namespaces: readonly string[] | null, namespace: string): boolean {
  return namespaces === null || namespaces.includes(namespace);
}

/** The numbers above the board, for the namespaces that the viewer asked for. */
export function boardTotals(
  loops: Iterable<Loop>,
  namespaces: readonly string[] | null,
  context: BoardContext,
): Totals {
  let looping = 0;
  let neverStarted = 0;
  let recovered = 0;
  let failing = 0;
  let total = 0;
  for (const loop of loops) {
    if (!inNamespaces(namespaces, loop.workload.namespace)) continue;
    if (loop.state === 'never-started') neverStarted++;
    else if (LOOPING.has(loop.state)) {
      looping++;
      failing += loop.replicas.failing;
      total += loop.replicas.total;
    } else if (loop.state === 'recovered') recovered++;
  }
  for (const [namespace, n] of context.recoveredUnlisted) if (inNamespaces(namespaces, namespace)) recovered += n;
  const counted = [...context.podCounts].filter(([namespace]) => inNamespaces(namespaces, namespace));
  return {
    looping,
    neverStarted,
    recovered24h: recovered,
    replicasFailing: failing,
    replicasTotal: total,
    pods: counted.reduce((sum, [, n]) => sum + n, 0),
    namespaces: counted.length,
    recordedSince: toInstant(context.recordedSince),
    crashesPerHour: context.hours.of(namespaces, context.now),
  };
}

/** The whole answer of `GET …/loops` for the namespaces that the viewer asked for. */
export function boardPage(
  loops: readonly Loop[],
  namespaces: readonly string[] | null,
  context: BoardContext,
): LoopsPage {
  const perNamespace = new Map<string, number>();
  for (const namespace of context.podCounts.keys()) perNamespace.set(namespace, 0);
  for (const { workload } of loops)
    perNamespace.set(workload.namespace, (perNamespace.get(workload.namespace) ?? 0) + 1);
  return {
    cluster: context.cluster,
    asOf: new Date(context.now).toISOString(),
    sequence: context.sequence,
    coverage: [...context.coverage],
    totals: boardTotals(loops, namespaces, context),
    namespaces: [...perNamespace]
      .map(([name, n]) => ({ name, loops: n }))
      .sort((a, b) => b.loops - a.loops || a.name.localeCompare(b.name)),
    loops: loops.filter((loop) => inNamespaces(namespaces, loop.workload.namespace)),
  };
}
