import type { StoredLoop } from '@/server/store/store';
import { endingChange } from '@/server/view/known-changes';
import { allRuns, heldSince } from '@/server/view/shown-loop';
import { readShownRow } from '@/server/view/stored-row';
import { type LoopEntry, newEntry, type OpenEntry } from './loop-entry';

const ENDED = new Set(['recovered', 'gone']);

/** What the store keeps of a loop; null where it is none. `endedAt` is set where the state ends it. */
export function toStoredLoop(cluster: string, entry: LoopEntry, now: number): StoredLoop | null {
  if (!entry.row || !entry.current) return null;
  const runs = allRuns(entry).filter((run) => run.exitCode !== null);
  const { since } = entry.current;
  const lastCrashAt = runs.at(-1)?.finishedAt ?? null;
  const endedBy = entry.current.state === 'recovered' ? endingChange(entry.changes, since, heldSince(entry)) : null;
  return {
    cluster,
    id: entry.id,
    namespace: entry.workload.namespace,
    state: entry.current.state,
    cause: entry.verdict?.cause ?? null,
    category: entry.verdict?.category ?? null,
    since,
    lastCrashAt,
    endedAt: ENDED.has(entry.current.state) ? (entry.current.enteredAt ?? now) : null,
    updatedAt: now,
    crashes: runs.length,
    endedBy,
    row: JSON.stringify(entry.row),
  };
}

/**
 * Rebuilds an entry from the store, without runs.
 * @throws UnloopError `store-failed` where the stored row cannot be read
 */
export function fromStoredLoop(stored: StoredLoop): OpenEntry {
  const row = readShownRow(stored.row);
  const { workload, container, containerType, image, verdict, fingerprint, change } = row;
  return {
    ...newEntry(workload, { name: container, type: containerType, image }),
    current: {
      state: stored.state,
      since: stored.since,
      ...(stored.endedAt === null ? {} : { enteredAt: stored.endedAt }),
    },
    row,
    verdict,
    fingerprint: fingerprint ?? null,
    change,
  };
}
