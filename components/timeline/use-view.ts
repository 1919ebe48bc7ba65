'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import type { TimeSpan } from '@/lib/url/time-span';
import { inside, moved, revealing, zoomed } from './view';

/** A zoom that has come to rest goes into the address after this. */
const SETTLE_MS = 250;
const WHEEL_STEP = 0.0022;
const KEY_FACTOR = 0.5;

/** The part of the whole that is shown, and how to change it. */
export interface TimelineView {
  readonly view: TimeSpan;
  readonly isWhole: boolean;
  zoomBy(factor: number, at?: number): void;
  moveBy(share: number): void;
  show(span: TimeSpan): void;
  reveal(at: number): void;
  reset(): void;
  /** For an element as wide as the tracks, inside what is zoomed by Ctrl and wheel and moved by a sideways wheel. */
  readonly wheelRef: (element: HTMLElement | null) => (() => void) | undefined;
}

/** Holds the zoom while it changes; `zoom` is what the address says, null for the whole. */
export function useTimelineView(
  whole: TimeSpan,
  zoom: TimeSpan | null,
  onZoom: (zoom: TimeSpan | null) => void,
): TimelineView {
  const [local, setLocal] = useState(zoom);
  const [told, setTold] = useState(zoom);
  if (told?.from !== zoom?.from || told?.to !== zoom?.to) {
    setTold(zoom);
    setLocal(zoom);
  }
  const view = local === null ? whole : inside(local, whole);
  const latest = useRef({ view, whole });
  useEffect(() => {
    latest.current = { view, whole };
  });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const change = useCallback(
    (next: TimeSpan | null) => {
      const { whole: all } = latest.current;
      const isAll = next === null || next.to - next.from >= 0.995 * (all.to - all.from);
      const settled = isAll ? null : next;
      setLocal(settled);
      latest.current = { ...latest.current, view: settled ?? all };
      clearTimeout(timer.current);
      timer.current = setTimeout(() => onZoom(settled), SETTLE_MS);
    },
    [onZoom],
  );
  const zoomBy = useCallback(
    (factor: number, at?: number) => {
      const { view: from, whole: all } = latest.current;
      change(zoomed(from, all, factor, at ?? (from.from + from.to) / 2));
    },
    [change],
  );
  const wheelRef = useCallback(
    (element: HTMLElement | null) => {
      const lanes = element?.parentElement;
      if (!element || !lanes) return undefined;
      const onWheel = (event: WheelEvent) => {
        const { view: from, whole: all } = latest.current;
        const box = element.getBoundingClientRect();
        if (event.ctrlKey || event.metaKey) {
          event.preventDefault();
          const at = from.from + ((event.clientX - box.left) / box.width) * (from.to - from.from);
          change(zoomed(from, all, Math.exp(event.deltaY * WHEEL_STEP), at));
        } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY) && from.to - from.from < all.to - all.from) {
          event.preventDefault();
          change(moved(from, all, event.deltaX / box.width));
        }
      };
      // React listens passively, and a passive listener cannot keep the page from being zoomed as well.
      lanes.addEventListener('wheel', onWheel, { passive: false });
      return () => lanes.removeEventListener('wheel', onWheel);
    },
    [change],
  );
  return {
    view,
    isWhole: local === null,
    zoomBy,
    moveBy: useCallback((share) => change(moved(latest.current.view, latest.current.whole, share)), [change]),
    show: useCallback((span) => change(inside(span, latest.current.whole)), [change]),
    reveal: useCallback(
      (at) => {
        const { view: from, whole: all } = latest.current;
        if (from.to - from.from < all.to - all.from) change(revealing(from, all, at));
      },
      [change],
    ),
    reset: useCallback(() => change(null), [change]),
    wheelRef,
  };
}

/** By how much a press of plus or minus zooms. */
export const KEY_ZOOM = { in: KEY_FACTOR, out: 1 / KEY_FACTOR } as const;
