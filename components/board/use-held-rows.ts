import { useMemo, useState } from 'react';
import type { Loop } from '@/lib/contract/loop';
import { type PendingChanges, pendingChanges } from './pending-changes';

export interface HeldRows {
  /** The rows to show: newest content, in the order that is held. */
  readonly rows: readonly Loop[];
  readonly pending: PendingChanges;
  /** Takes the waiting order and rows over. */
  readonly apply: () => void;
}

/**
 * Keeps the order and the set of rows still while `isHeld`; what a row shows changes all the same. `wanted` is the list as it
 * should stand, `known` every row by id. A new `view` (filter, order, namespaces) is the reader's own wish and applies at once.
 */
export function useHeldRows(
  wanted: readonly Loop[],
  known: ReadonlyMap<string, Loop>,
  isHeld: boolean,
  view: string,
): HeldRows {
  const [held, setHeld] = useState({ view, order: wanted });
  const isFree = !isHeld || held.view !== view;
  if (isFree && (held.order !== wanted || held.view !== view)) setHeld({ view, order: wanted });

  const order = isFree ? wanted : held.order;
  const rows = useMemo(() => order.map((loop) => known.get(loop.id) ?? loop), [order, known]);
  const pending = useMemo(
    () =>
      pendingChanges(
        order.map((loop) => loop.id),
        wanted.map((loop) => loop.id),
      ),
    [order, wanted],
  );
  return { rows, pending, apply: () => setHeld({ view, order: wanted }) };
}
