import type { Loop } from '@/lib/contract/loop';
import { LOOP_STATES } from '@/lib/domain/loop';
import { compareWorst } from '@/lib/domain/order-loops';
import type { Sort, SortKey } from '@/lib/url/board';

type Compare = (a: Loop, b: Loop) => number;

const by =
  (text: (loop: Loop) => string): Compare =>
  (a, b) => {
    const left = text(a);
    const right = text(b);
    return left < right ? -1 : left > right ? 1 : 0;
  };

const COMPARE: Readonly<Record<SortKey, Compare>> = {
  state: (a, b) => LOOP_STATES.indexOf(a.state) - LOOP_STATES.indexOf(b.state),
  ns: by((loop) => loop.workload.namespace),
  workload: by((loop) => `${loop.workload.name}\0${loop.container}`),
  cause: by((loop) => loop.verdict?.what.toLowerCase() ?? ''),
  status: by((loop) => loop.status),
  restarts: (a, b) => a.restarts - b.restarts,
  next: by((loop) => loop.nextRestart?.from ?? ''),
  failing: (a, b) => a.replicas.failing - b.replicas.failing,
  since: by((loop) => loop.since),
  change: by((loop) => loop.change?.text ?? ''),
};

interface Direction {
  /** The direction that the first press gives. */
  readonly first: Sort;
  /** For the line above the list, ascending and descending. */
  readonly words: readonly [string, string];
}

/** How each column sorts: where it starts, and how the list is then called. */
export const SORTING: Readonly<Record<SortKey, Direction>> = {
  state: { first: 'state', words: ['by state', 'by state, backwards'] },
  ns: { first: 'ns', words: ['by namespace', 'by namespace, backwards'] },
  workload: { first: 'workload', words: ['by name', 'by name, backwards'] },
  cause: { first: 'cause', words: ['by cause', 'by cause, backwards'] },
  status: { first: 'status', words: ['by status', 'by status, backwards'] },
  restarts: { first: '-restarts', words: ['fewest restarts first', 'most restarts first'] },
  next: { first: 'next', words: ['next restart first', 'next restart last'] },
  failing: { first: '-failing', words: ['fewest failing first', 'most failing first'] },
  since: { first: '-since', words: ['oldest first', 'newest first'] },
  change: { first: 'change', words: ['by change', 'by change, backwards'] },
};

/** The column of a sort, and whether it runs downwards. */
export function readSort(sort: Sort): { key: SortKey; isDescending: boolean } {
  const isDescending = sort.startsWith('-');
  return { key: (isDescending ? sort.slice(1) : sort) as SortKey, isDescending };
}

/** The sort after a press on a column: its first direction, then the other, then none (worst first). */
export function nextSort(current: Sort | null, key: SortKey): Sort | null {
  const { first } = SORTING[key];
  const other: Sort = first === key ? `-${key}` : key;
  if (current === first) return other;
  return current === other ? null : first;
}

/** The words for an order: `worst first`, `most restarts first`. */
export function sortWords(sort: Sort | null): string {
  if (sort === null) return 'worst first';
  const { key, isDescending } = readSort(sort);
  return SORTING[key].words[isDescending ? 1 : 0];
}

/** The loops in the chosen order, as a new list; equal ones stand worst first. */
export function sortLoops(loops: readonly Loop[], sort: Sort | null): Loop[] {
  if (sort === null) return [...loops].sort(compareWorst);
  const { key, isDescending } = readSort(sort);
  const compare = COMPARE[key];
  const isEmpty = (loop: Loop): boolean => EMPTY[key]?.(loop) ?? false;
  return [...loops].sort(
    (a, b) =>
      Number(isEmpty(a)) - Number(isEmpty(b)) || (isDescending ? compare(b, a) : compare(a, b)) || compareWorst(a, b),
  );
}

/** What has no value in a column stands last in both directions. */
const EMPTY: Partial<Record<SortKey, (loop: Loop) => boolean>> = {
  cause: (loop) => loop.verdict === null,
  next: (loop) => loop.nextRestart === null,
  change: (loop) => loop.change === null,
};
