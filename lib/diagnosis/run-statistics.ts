import type { Evidence } from './evidence';

/** Lifetimes of the ended runs, in milliseconds, newest last. Whole seconds, as the kubelet writes them. */
export function lifetimes(evidence: Evidence): readonly number[] {
  const recorded = evidence.runs
    .filter((run) => run.finishedAt !== null && run.startedAt !== null)
    .map((run) => (run.finishedAt ?? 0) - (run.startedAt ?? 0));
  if (recorded.length > 0) return recorded;
  const newest = lastLifetime(evidence);
  return newest === null ? [] : [newest];
}

/** Lifetime of the newest ended run in milliseconds, or null where a time is unknown. */
export function lastLifetime(evidence: Evidence): number | null {
  const last = evidence.lastTermination;
  return last && last.startedAt !== null && last.finishedAt !== null ? last.finishedAt - last.startedAt : null;
}

/** Longest ended run in milliseconds, or null. */
export function longestLifetime(evidence: Evidence): number | null {
  const all = lifetimes(evidence);
  return all.length === 0 ? null : Math.max(...all);
}
