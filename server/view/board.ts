import type { Coverage, Loop, LoopsPage, Totals } from '@/lib/contract/loop';
import { type EpochMs, toInstant } from '@/lib/domain/time';
import type { Sight } from '@/lib/domain/viewer';
import { shownRows } from './shown-row';

/** States that count as looping now; a holding loop does not fail at this moment. */
const LOOPING = new Set<Loop['state']>(['starting', 'looping', 'came-back', 'slow']);

/** What the board needs beside its rows. */
export interface BoardContext {
  readonly now: EpochMs;
  readonly sequence: number;
  /** What of it concerns the viewer. */
  readonly coverage: readonly Coverage[];
  readonly podCounts: ReadonlyMap<string, number>;
  /** The last day's crashes by hour and category, of what the viewer sees. */
  readonly hours: { of(sight: Sight, now: EpochMs): Totals['crashesPerHour'] };
  /** Since when crashes are recorded; null where nothing has crashed. */
  readonly recordedSince: EpochMs | null;
  /** Loops that recovered in the last 24 h and are no longer listed, by namespace. */
  readonly recoveredUnlisted: ReadonlyMap<string, number>;
}

/** The numbers above the board, of the namespaces that the viewer may see and asked for. */
export function boardTotals(loops: Iterable<Loop>, sight: Sight, context: BoardContext): Totals {
  let looping = 0;
  let neverStarted = 0;
  let recovered = 0;
  let failing = 0;
  let total = 0;
  for (const loop of loops) {
    if (!sight.shows(loop.workload.namespace)) continue;
    if (loop.state === 'never-started') neverStarted++;
    else if (LOOPING.has(loop.state)) {
      looping++;
      failing += loop.replicas.failing;
      total += loop.replicas.total;
    } else if (loop.state === 'recovered') recovered++;
  }
  for (const [namespace, n] of context.recoveredUnlisted) if (sight.shows(namespace)) recovered += n;
  const counted = [...context.podCounts].filter(([namespace]) => sight.shows(namespace));
  return {
    looping,
    neverStarted,
    recovered24h: recovered,
    replicasFailing: failing,
    replicasTotal: total,
    pods: counted.reduce((sum, [, n]) => sum + n, 0),
    namespaces: counted.length,
    recordedSince: toInstant(context.recordedSince),
    crashesPerHour: context.hours.of(sight, context.now),
  };
}

/**
 * The whole answer of `GET …/loops`: rows and numbers of the namespaces that the viewer may see and asked for, names of all that they may
 * see.
 */
export function boardPage(loops: readonly Loop[], sight: Sight, context: BoardContext): LoopsPage {
  const perNamespace = new Map<string, number>();
  for (const namespace of context.podCounts.keys()) perNamespace.set(namespace, 0);
  for (const { workload } of loops)
    perNamespace.set(workload.namespace, (perNamespace.get(workload.namespace) ?? 0) + 1);
  return {
    cluster: sight.cluster,
    asOf: new Date(context.now).toISOString(),
    sequence: context.sequence,
    coverage: [...context.coverage],
    totals: boardTotals(loops, sight, context),
    namespaces: [...perNamespace]
      .filter(([name]) => sight.canSee(name, 'pods'))
      .map(([name, n]) => ({ name, loops: n }))
      .sort((a, b) => b.loops - a.loops || a.name.localeCompare(b.name)),
    loops: shownRows(loops, sight),
  };
}
