'use client';

import { defaultRangeExtractor, type Range, useWindowVirtualizer } from '@tanstack/react-virtual';
import {
  type ReactElement,
  type Ref,
  useCallback,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { Loop } from '@/lib/contract/loop';
import { LoopRow, type LoopRowProps } from './loop-row';
import { SPACER } from './roles';

/** A row of the table, and a card at 390 px; measured once seen. */
const ROW_PX = 36;
const CARD_PX = 153;
const CARDS = '(max-width: 760px)';
const OVERSCAN = 12;
/** Rows come and go in small blocks: a table is laid out anew whenever one does. */
const BLOCK = 4;

export interface VirtualRowsProps {
  readonly loops: readonly Loop[];
  readonly columnCount: number;
  readonly toRow: (loop: Loop) => LoopRowProps;
}

/** The rows near the view of a long list. A row above and one below take the place of all the others. */
export function VirtualRows({ loops, columnCount, toRow }: VirtualRowsProps): ReactElement {
  const top = useRef<HTMLTableRowElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    if (top.current) setOffset(top.current.getBoundingClientRect().top + window.scrollY);
  }, []);
  const hasCards = useSyncExternalStore(onWidth, isNarrow, isNarrow);
  // The virtualizer works its thousands of places out anew whenever one of its functions is another.
  const getItemKey = useCallback((index: number) => loops[index]?.id ?? index, [loops]);
  const virtualizer = useWindowVirtualizer({
    count: loops.length,
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
      <Spacer ref={top} height={before} columnCount={columnCount} />
      {items.map(({ index, key }) => {
        const loop = loops[index];
        return loop ? (
          <LoopRow
            key={key}
            {...toRow(loop)}
            index={index}
            // Only cards differ in height.
            {...(hasCards ? { measure: virtualizer.measureElement } : {})}
          />
        ) : null;
      })}
      <Spacer height={after} columnCount={columnCount} />
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

function Spacer({
  height,
  columnCount,
  ref,
}: {
  height: number;
  columnCount: number;
  ref?: Ref<HTMLTableRowElement>;
}): ReactElement {
  return (
    <tr {...SPACER} ref={ref}>
      <td colSpan={columnCount} style={{ height: Math.max(0, height) }} />
    </tr>
  );
}
