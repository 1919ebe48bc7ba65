import { LoopSchema } from '@/lib/contract/loop';
import { redactObject } from '@/lib/domain/redact/objects';
import type { StoredLoop } from '@/server/store/store';
import { endingChange } from '@/server/view/known-changes';
import { allRuns, heldSince } from '@/server/view/shown-loop';
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

/** Rebuilds an entry from the store, without runs; null where the stored row cannot be read any more. */
export function fromStoredLoop(stored: StoredLoop): OpenEntry | null {
  let json: unknown;
  try {
    // What earlier versions stored may hold credentials.
    json = redactObject(JSON.parse(stored.row));
  } catch {
    return null;
  }
  const row = LoopSchema.safeParse(json);
  if (!row.success) return null;
  const { workload, container, containerType, image, verdict, fingerprint, change } = row.data;
  return {
    ...newEntry(workload, { name: container, type: containerType, image }),
    current: {
      state: stored.state,
      since: stored.since,
      ...(stored.endedAt === null ? {} : { enteredAt: stored.endedAt }),
    },
    row: row.data,
    verdict,
    fingerprint: fingerprint ?? null,
    change,
  };
}
