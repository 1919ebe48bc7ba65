import type { LoopState } from './loop';

/** States of a loop that fails now, in the order of the words: these are "looping now". */
export const FAILING_STATES = ['starting', 'looping', 'came-back', 'slow'] as const satisfies readonly LoopState[];

/** What the order of the board looks at. `since` is any text or number that sorts by time (ISO-8601 UTC, epoch ms). */
export interface OrderedLoop {
  readonly id: string;
  readonly state: LoopState;
  readonly replicas: { readonly failing: number; readonly total: number };
  readonly since: string | number;
}

const RANK: Readonly<Record<LoopState, number>> = {
  starting: 0,
  looping: 0,
  'came-back': 0,
  slow: 0,
  'never-started': 0,
  holding: 1,
  recovered: 2,
  gone: 3,
};

/** True where every replica of the loop fails: nothing serves. */
export function isNotServing(loop: Pick<OrderedLoop, 'state' | 'replicas'>): boolean {
  return RANK[loop.state] === 0 && loop.replicas.total > 0 && loop.replicas.failing >= loop.replicas.total;
}

/**
 * Compares two loops, worse first: failing before holding before recovered before gone; not serving before serving;
 * many failing replicas before one; new before old; the id last, so that equal rows keep their places.
 */
export function compareWorst(a: OrderedLoop, b: OrderedLoop): number {
  return (
    RANK[a.state] - RANK[b.state] ||
    Number(isNotServing(b)) - Number(isNotServing(a)) ||
    b.replicas.failing - a.replicas.failing ||
    compareNewer(a.since, b.since) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

function compareNewer(a: string | number, b: string | number): number {
  return a > b ? -1 : a < b ? 1 : 0;
}

/** The loops worst first, as a new list. */
export function orderLoops<L extends OrderedLoop>(loops: readonly L[]): L[] {
  return [...loops].sort(compareWorst);
}
