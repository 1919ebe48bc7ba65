import { countOf } from '@/lib/format/count';

/** What differs between the list as it stands and as it should stand. */
export interface PendingChanges {
  readonly added: number;
  readonly removed: number;
  /** The fewest rows that would have to be moved. */
  readonly moved: number;
  readonly total: number;
}

/** Compares two orders of ids. Each id occurs once in a list. O(n log n). */
export function pendingChanges(shown: readonly string[], wanted: readonly string[]): PendingChanges {
  if (shown === wanted) return { added: 0, removed: 0, moved: 0, total: 0 };
  const places = new Map(shown.map((id, index) => [id, index]));
  const kept: number[] = [];
  for (const id of wanted) {
    const place = places.get(id);
    if (place !== undefined) kept.push(place);
  }
  const added = wanted.length - kept.length;
  const removed = shown.length - kept.length;
  const moved = kept.length - longestRising(kept);
  return { added, removed, moved, total: added + removed + moved };
}

/** Length of the longest rising subsequence: rows that may stay while the others move around them. */
function longestRising(places: readonly number[]): number {
  const ends: number[] = [];
  for (const place of places) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) < place) low = middle + 1;
      else high = middle;
    }
    ends[low] = place;
  }
  return ends.length;
}

/** The kinds of change in words: `1 new loop, 2 moves`. */
export function pendingWords({ added, removed, moved }: PendingChanges): string {
  return [
    added > 0 ? countOf(added, 'new loop') : '',
    removed > 0 ? countOf(removed, 'loop leaves', 'loops leave') : '',
    moved > 0 ? countOf(moved, 'move') : '',
  ]
    .filter((words) => words !== '')
    .join(', ');
}
