'use client';

import { defaultRangeExtractor, type Range, useWindowVirtualizer } from '@tanstack/react-virtual';
import {
  Fragment,
  type ReactElement,
  type Ref,
  useCallback,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { BoardItem } from './group-loops';
import { SPACER } from './roles';

/** A row of the table, and a card at 390 px; measured once seen. */
const ROW_PX = 36;
const CARD_PX = 153;
const CARDS = '(max-width: 760px)';
const OVERSCAN = 12;
/** Rows come and go in small blocks: a table is laid out anew whenever one does. */
const BLOCK = 4;

/** What a row gets of the list that it stands in: its place from 0, and what measures it, where heights differ. */
export interface RowPlace {
  readonly index: number;
  readonly measure?: Ref<HTMLTableRowElement>;
}

export interface VirtualRowsProps {
  readonly items: readonly BoardItem[];
  readonly toRow: (item: BoardItem, place: RowPlace) => ReactElement;
}

/** The rows near the view of a long list. A row above and one below take the place of all the others. */
export function VirtualRows({ items: all, toRow }: VirtualRowsProps): ReactElement {
  const top = useRef<HTMLTableRowElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    if (top.current) setOffset(top.current.getBoundingClientRect().top + window.scrollY);
  }, []);
  const hasCards = useSyncExternalStore(onWidth, isNarrow, isNarrow);
  // The virtualizer works its thousands of places out anew whenever one of its functions is another.
  const getItemKey = useCallback((index: number) => all[index]?.id ?? index, [all]);
  const virtualizer = useWindowVirtualizer({
    count: all.length,
    estimateSize: hasCards ? cardHeight : rowHeight,
    getItemKey,
    overscan: OVERSCAN,
    scrollMargin: offset,
    rangeExtractor: inBlocks,
    useFlushSync: false,
  });
  const items = virtualizer.getVirtualItems();
  const before = (items[0]?.start ?? offset) - offset;
  const after = virtualizer.getTotalSize() - ((items.at(-1)?.end ?? offset) - offset);
  return (
    <>
      <Spacer ref={top} height={before} />
      {items.map(({ index, key }) => {
        const item = all[index];
        if (!item) return null;
        // Rows are of one height, cards and what opens between rows are not.
        const isMeasured = hasCards || item.kind === 'places';
        return (
          <Fragment key={key}>
            {toRow(item, { index, ...(isMeasured ? { measure: virtualizer.measureElement } : {}) })}
          </Fragment>
        );
      })}
      <Spacer height={after} />
    </>
  );
}

function cardHeight(): number {
  return CARD_PX;
}

function rowHeight(): number {
  return ROW_PX;
}

function isNarrow(): boolean {
  return window.matchMedia(CARDS).matches;
}

function onWidth(listener: () => void): () => void {
  const query = window.matchMedia(CARDS);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

function inBlocks(range: Range): number[] {
  const startIndex = Math.floor(range.startIndex / BLOCK) * BLOCK;
  const endIndex = Math.min(range.count - 1, Math.ceil((range.endIndex + 1) / BLOCK) * BLOCK - 1);
  return defaultRangeExtractor({ ...range, startIndex, endIndex });
}

function Spacer({ height, ref }: { height: number; ref?: Ref<HTMLTableRowElement> }): ReactElement {
  return (
    <tr {...SPACER} ref={ref}>
      <td style={{ height: Math.max(0, height) }} />
    </tr>
  );
}
