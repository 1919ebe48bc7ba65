import type { TimelineLane } from '@/lib/contract/timeline';
import type { KnownChange } from './known-changes';

/** A pod that went longer than this before or after its successor was made was not replaced by it. */
const APART_MS = 15 * 60_000;

interface GonePod {
  readonly pod: string;
  readonly revision: string;
  readonly createdAt: string | null;
  readonly deletedAt: string;
}

/**
 * Puts each pod that was deleted without a crash into the lane of the one that came in its stead: of another revision, made nearest
 * to the deletion. One that had crashed keeps a lane of its own: its crashes are the loop's. `nameOf` gives the number of a
 * revision by its hash.
 */
export function pairReplaced(
  lanes: readonly TimelineLane[],
  changes: readonly KnownChange[],
  nameOf: (hash: string) => string,
): readonly TimelineLane[] {
  const calm = lanes.filter(isCalm);
  const recorded = new Set(lanes.filter((lane) => lane.runs.length > 0).map(({ pod }) => pod));
  const gone: GonePod[] = [
    ...calm.flatMap((lane): GonePod[] => {
      const [, start, end] = lane.runs[0] ?? [0, null, null];
      if (end === null) return [];
      return [{ pod: lane.pod, revision: lane.revision, createdAt: toText(start), deletedAt: toText(end) ?? '' }];
    }),
    ...changes
      .filter(({ kind, pod }) => kind === 'pod-gone' && !recorded.has(pod))
      .map(({ pod, hash, createdAt, at }) => ({
        pod,
        revision: nameOf(hash),
        createdAt: toText(createdAt === null ? null : createdAt / 1000),
        deletedAt: new Date(at).toISOString(),
      })),
  ];
  const taken = new Set<GonePod>();
  const replacedOf = new Map<string, GonePod>();
  for (const lane of lanes.toSorted((a, b) => (a.createdAt ?? '').localeCompare(b.createdAt ?? ''))) {
    if (lane.createdAt === null || !lane.isAlive) continue;
    const made = Date.parse(lane.createdAt);
    const distance = (pod: GonePod) => Math.abs(Date.parse(pod.deletedAt) - made);
    const [nearest] = gone
      .filter((pod) => !taken.has(pod) && distance(pod) <= APART_MS && pod.revision !== lane.revision)
      .sort((a, b) => distance(a) - distance(b));
    if (!nearest) continue;
    taken.add(nearest);
    replacedOf.set(lane.podUid, nearest);
  }
  return lanes
    .filter((lane) => !calm.includes(lane))
    .map((lane) => ({ ...lane, replaced: replacedOf.get(lane.podUid) ?? null }));
}

/** Whether a pod is gone and never crashed: it ran once, and ended with its deletion. */
function isCalm({ isAlive, runs }: TimelineLane): boolean {
  const [only, ...more] = runs;
  return !isAlive && only !== undefined && more.length === 0 && only[0] === 0 && only[2] !== null && only[3] === null;
}

function toText(seconds: number | null): string | null {
  return seconds === null ? null : new Date(seconds * 1000).toISOString();
}
