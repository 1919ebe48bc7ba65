import type { Run } from '@/lib/domain/loop';
import { describeError, logLine } from '@/server/log';
import { isOnBoard } from '@/server/loops/evaluate';
import type { LoopEntry } from '@/server/loops/loop-entry';
import type { LoopTable } from '@/server/loops/loop-table';
import { fromStoredLoop } from '@/server/loops/stored-loop';
import type { Store } from '@/server/store/store';
import { REMEMBER_MS } from './upkeep';

/** Runs that ended longer ago than this say nothing about what fails now. */
const RUNS_MS = 2 * 86_400_000;

/**
 * Reads loops and runs of a cluster back from the store; the loops that were read. A history that cannot be read is logged, and
 * the watch begins without it.
 */
export async function resume(store: Store, cluster: string, table: LoopTable): Promise<readonly LoopEntry[]> {
  const now = Date.now();
  try {
    // Where the history opens late, what was seen meanwhile stands.
    const known = new Set([...table.all()].map((entry) => entry.id));
    for (const stored of await store.loops(cluster)) {
      if (known.has(stored.id)) continue;
      if (stored.endedAt !== null && stored.endedAt < now - REMEMBER_MS) continue;
      try {
        const entry = fromStoredLoop(stored);
        table.resumed(entry, isOnBoard(entry.current, now));
      } catch (error) {
        // The others are read all the same; what fails now is seen again by the watch.
        logLine('error', 'resume', `${stored.id}: ${describeError(error)}`);
      }
    }
    const runs = await store.recentRuns(cluster, now - RUNS_MS);
    for (const run of [...runs].sort((a, b) => beganAt(a) - beganAt(b))) table.runResumed(run);
  } catch (error) {
    logLine('error', 'resume', `the history could not be read: ${describeError(error)}`);
  }
  return [...table.all()];
}

function beganAt(run: Run): number {
  return run.startedAt ?? run.finishedAt ?? 0;
}
