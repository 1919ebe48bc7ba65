import { UnloopError } from '@/lib/domain/unloop-error';
import { describeError, logLine } from '@/server/log';
import type { Store } from '@/server/store/store';
import { judgedByOtherRules, rowVerdict } from '@/server/view/loop-evidence';
import type { BrokenRules } from './broken-rules';
import { evidenceTexts } from './evidence-texts';
import type { LoopEntry } from './loop-entry';
import type { LoopTable } from './loop-table';

/** So many records in a row that cannot be read are a history that cannot be read. */
const FAILURES_MAX = 5;

/** What judging anew takes of the rest. */
export interface AnewContext {
  readonly cluster: string;
  readonly store: Store;
  readonly table: Pick<LoopTable, 'diagnosed'>;
  readonly brokenRules: BrokenRules;
  /** Told of each loop of which the rules now say something. */
  readonly onJudged: (entry: LoopEntry) => void;
  /** Ends it before its time. */
  readonly signal: AbortSignal;
}

/**
 * Judges by the rules of this version what rules of another version judged, so that the board says of a loop what its page says. One
 * after the other; a record that cannot be read is logged, and its row keeps what it said.
 */
export async function judgeAnew(context: AnewContext, entries: readonly LoopEntry[]): Promise<void> {
  const { cluster, store, table, brokenRules, onJudged, signal } = context;
  let failures = 0;
  for (const entry of entries) {
    if (signal.aborted || failures >= FAILURES_MAX) return;
    try {
      const stored = await store.evidence(cluster, entry.id);
      failures = 0;
      // Evidence of an earlier loop says nothing about this one; and what was looked at since the start is of these rules.
      if (!stored || stored.at < (entry.current?.since ?? 0) || !judgedByOtherRules(stored.manifest)) continue;
      const { verdict, fingerprint, broken } = rowVerdict(
        stored.manifest,
        await evidenceTexts(store, cluster, stored.manifest),
      );
      brokenRules.note(entry.id, broken);
      table.diagnosed(entry, verdict, fingerprint);
      onJudged(entry);
    } catch (error) {
      if (!(error instanceof UnloopError)) throw error;
      if (signal.aborted) return;
      failures += 1;
      logLine('error', 'evidence', `of ${entry.id} in ${cluster}: ${describeError(error)}`);
    }
  }
}
