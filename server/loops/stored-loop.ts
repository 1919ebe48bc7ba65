import { LoopSchema } from '@/lib/contract/loop';
import type { StoredLoop } from '@/server/store/store';
import { endingChange } from './change-log';
import { allRuns, type LoopEntry, newEntry } from './loop-entry';

const ENDED = new Set(['recovered', 'gone']);

/** Gives what the store keeps of a loop. `endedAt` is set where the state ends it. */
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
export function fromStoredLoop(stored: StoredLoop): LoopEntry | null {
  let json: unknown;
  try {
    json = JSON.parse(stored.row);
  } catch {
    return null;
  }
  const row = LoopSchema.safeParse(json);
  if (!row.success) return null;
  const entry = newEntry(row.data.workload, row.data.container, row.data.containerType, row.data.image);
  entry.current = {
    state: stored.state,
    since: stored.since,
    ...(stored.endedAt === null ? {} : { enteredAt: stored.endedAt }),
  };
  entry.row = row.data;
  entry.verdict = row.data.verdict;
  entry.fingerprint = row.data.fingerprint ?? null;
  entry.change = row.data.change;
  return entry;
}

/** The start of the first run that held: the earliest of those that are alive, else when the state was entered. */
export function heldSince(entry: Pick<LoopEntry, 'runs' | 'current'>): number {
  const alive = [...entry.runs.values()].flatMap((runs) => {
    const last = runs.at(-1);
    return last && last.exitCode === null && last.startedAt !== null ? [last.startedAt] : [];
  });
  return alive.length > 0 ? Math.min(...alive) : (entry.current?.enteredAt ?? 0);
}
