'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactElement, type ReactNode, useLayoutEffect, useRef } from 'react';

/** Beyond this many lines only those in view are in the page. Below, all are: they print, and the browser's own search finds them. */
const VIRTUAL_FROM = 600;
const LINE_PX = 20;

export interface LineListProps {
  readonly count: number;
  readonly label: string;
  readonly className: string;
  readonly wraps: boolean;
  /** The class and the content of a line, from 0. */
  readonly line: (index: number) => { readonly className: string; readonly content: ReactNode };
  /** The line to bring into view; each new `key` does it again. */
  readonly target: { readonly index: number; readonly key: string } | null;
}

/** Numbered lines in a box of their own, from ten to a million. Scrolling to a line never moves the page. */
export function LineList(props: LineListProps): ReactElement {
  return props.count > VIRTUAL_FROM ? <VirtualLines {...props} /> : <PlainLines {...props} />;
}

function boxClass({ className, wraps }: LineListProps, isVirtual: boolean): string {
  return `log ${className}${wraps ? '' : ' nowrap'}${isVirtual ? ' virtual' : ''}`;
}

function PlainLines(props: LineListProps): ReactElement {
  const { count, label, line, target } = props;
  const box = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is what asks for it
  useLayoutEffect(() => {
    if (target === null || box.current === null) return;
    const element = box.current.querySelector<HTMLElement>(`[data-line="${target.index}"]`);
    if (element) box.current.scrollTop = element.offsetTop - box.current.clientHeight / 3;
  }, [target?.key]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className={boxClass(props, false)} aria-label={label} tabIndex={0} ref={box}>
      <ol>
        {Array.from({ length: count }, (_, index) => {
          const { className, content } = line(index);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
            <li key={index} className={className} data-line={index}>
              {content}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function VirtualLines(props: LineListProps): ReactElement {
  const { count, label, line, target } = props;
  const box = useRef<HTMLElement>(null);
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_PX,
    overscan: 20,
    initialRect: { width: 800, height: 600 },
    initialOffset: target === null ? 0 : Math.max(0, target.index - 10) * LINE_PX,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is what asks for it
  useLayoutEffect(() => {
    if (target !== null) virtualizer.scrollToIndex(target.index, { align: 'center' });
  }, [target?.key]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className={boxClass(props, true)} aria-label={label} tabIndex={0} ref={box}>
      <ol style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((item) => {
          const { className, content } = line(item.index);
          return (
            <li
              key={item.key}
              className={className}
              data-line={item.index}
              data-index={item.index}
              ref={virtualizer.measureElement}
              aria-setsize={count}
              aria-posinset={item.index + 1}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              {content}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
