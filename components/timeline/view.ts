import type { TimeSpan } from '@/lib/url/time-span';

/** A view never shows less than this, in milliseconds: times are whole seconds. */
const SHORTEST_MS = 10_000;
/** About how many pixels a track has on a usual screen: decides what is too close to be drawn one by one. */
const TRACK_PX = 1000;

/** A view of the same length, or cut to the whole, that lies inside the whole. */
export function inside(view: TimeSpan, whole: TimeSpan): TimeSpan {
  const length = Math.min(view.to - view.from, whole.to - whole.from);
  const from = Math.min(Math.max(view.from, whole.from), whole.to - length);
  return { from, to: from + length };
}

/** The view after zooming by a factor (below 1 comes closer), with the instant `at` kept where it is. */
export function zoomed(view: TimeSpan, whole: TimeSpan, factor: number, at: number): TimeSpan {
  const length = Math.min(Math.max((view.to - view.from) * factor, SHORTEST_MS), whole.to - whole.from);
  const share = (Math.min(Math.max(at, view.from), view.to) - view.from) / (view.to - view.from);
  return inside({ from: at - share * length, to: at + (1 - share) * length }, whole);
}

/** The view moved by a share of its length. */
export function moved(view: TimeSpan, whole: TimeSpan, share: number): TimeSpan {
  const by = (view.to - view.from) * share;
  return inside({ from: view.from + by, to: view.to + by }, whole);
}

/** The view moved just so far that an instant is well inside it. */
export function revealing(view: TimeSpan, whole: TimeSpan, at: number): TimeSpan {
  const margin = (view.to - view.from) * 0.08;
  if (at >= view.from + margin && at <= view.to - margin) return view;
  const by = at < view.from + margin ? at - view.from - margin : at - view.to + margin;
  return inside({ from: view.from + by, to: view.to + by }, whole);
}

/** The length of about one pixel in milliseconds, a power of two of a second, so that paths are made anew only by doubling. */
export function grainOf(view: TimeSpan): number {
  const exact = (view.to - view.from) / TRACK_PX / 1000;
  return 1000 * 2 ** Math.ceil(Math.log2(Math.max(exact, 2 ** -6)));
}

/**
 * The stretch around a view that is worth drawing: the view with at least its own length on either side, in steps, so that
 * what is drawn stays the same while one moves a little.
 */
export function drawnAround(view: TimeSpan): TimeSpan {
  const step = 2 ** Math.ceil(Math.log2(Math.max(1, view.to - view.from)));
  return { from: (Math.floor(view.from / step) - 1) * step, to: (Math.ceil(view.to / step) + 1) * step };
}

/** Where an instant stands in a view, in percent; outside of 0 to 100 where it is not in view. */
export function percentIn(view: TimeSpan, at: number): number {
  return Math.round(((at - view.from) / (view.to - view.from)) * 100_000) / 1000;
}
