import { useMemo, useState } from 'react';
import type { Loop } from '@/lib/contract/loop';
import { type PendingChanges, pendingChanges } from './pending-changes';

export interface HeldRows {
  /** The rows to show, in the order that is held, each as it was when that order was taken. */
  readonly order: readonly Loop[];
  readonly pending: PendingChanges;
  /** Takes the waiting order and rows over. */
  readonly apply: () => void;
}

/**
 * Keeps the order and the set of rows still while `isHeld`. `wanted` is the list as it should stand. A new `view` (filter, order,
 * namespaces) is the reader's own wish and applies at once.
 */
export function useHeldRows(wanted: readonly Loop[], isHeld: boolean, view: string): HeldRows {
  const [held, setHeld] = useState({ view, order: wanted });
  const isFree = !isHeld || held.view !== view;
  if (isFree && (held.order !== wanted || held.view !== view)) setHeld({ view, order: wanted });

  const order = isFree ? wanted : held.order;
  const pending = useMemo(
    () =>
      pendingChanges(
        order.map((loop) => loop.id),
        wanted.map((loop) => loop.id),
      ),
    [order, wanted],
  );
  return { order, pending, apply: () => setHeld({ view, order: wanted }) };
}
