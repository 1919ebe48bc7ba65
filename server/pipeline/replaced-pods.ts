import type { TimelineLane } from '@/lib/contract/timeline';
import type { KnownChange } from './change-log';

/** A pod that went longer than this before or after its successor was made was not replaced by it. */
const APART_MS = 15 * 60_000;

/**
 * Puts each pod that was deleted into the lane of the one that came in its stead: of another revision (or of the same name, as in a
 * StatefulSet), made nearest to the deletion. A deleted pod with runs of its own keeps its own lane too: its crashes are the loop's.
 * `nameOf` gives the number of a revision by its hash.
 */
export function pairReplaced(
  lanes: readonly TimelineLane[],
  changes: readonly KnownChange[],
  nameOf: (hash: string) => string,
): readonly TimelineLane[] {
  const gone = changes
    .filter(({ kind, pod }) => kind === 'pod-gone' && !lanes.some((lane) => lane.pod === pod && lane.runs.length > 0))
    .map((change) => ({ change, revision: nameOf(change.hash) }));
  const taken = new Set<KnownChange>();
  const inTurn = lanes.toSorted((a, b) => (a.createdAt ?? '').localeCompare(b.createdAt ?? ''));
  const replacedOf = new Map<string, TimelineLane['replaced']>();
  for (const lane of inTurn) {
    if (lane.createdAt === null) continue;
    const made = Date.parse(lane.createdAt);
    const distance = (change: KnownChange) => Math.abs(change.at - made);
    const [nearest] = gone
      .filter(
        ({ change, revision }) => !taken.has(change) && distance(change) <= APART_MS && revision !== lane.revision,
      )
      .sort((a, b) => distance(a.change) - distance(b.change));
    if (!nearest) continue;
    taken.add(nearest.change);
    const { change, revision } = nearest;
    replacedOf.set(lane.podUid, {
      pod: change.pod,
      revision,
      createdAt: change.createdAt === null ? null : new Date(change.createdAt).toISOString(),
      deletedAt: new Date(change.at).toISOString(),
    });
  }
  return lanes.map((lane) => ({ ...lane, replaced: replacedOf.get(lane.podUid) ?? null }));
}
