import type { EpochMs } from '@/lib/domain/time';

/** Logs of one loop, over all its replicas, that stay held beside those of each episode's first and last crash. */
export const NEWEST_LOGS_KEPT = 60;

/**
 * The ids of the runs whose logs are to be let go: all but the `newest` ones and the first and last of each episode.
 * `held` are the runs of one loop with a held log, `at` their ends; `ends` are the instants at which its episodes ended.
 */
export function logsToDrop(
  held: readonly { readonly runId: string; readonly at: EpochMs }[],
  ends: readonly EpochMs[],
  newest: number = NEWEST_LOGS_KEPT,
): readonly string[] {
  const oldestFirst = [...held].sort((a, b) => a.at - b.at);
  const episodeOf = (at: EpochMs) => ends.filter((end) => end < at).length;
  return oldestFirst
    .filter((log, index) => {
      if (index >= oldestFirst.length - newest) return false;
      const episode = episodeOf(log.at);
      const earlier = oldestFirst[index - 1];
      const later = oldestFirst[index + 1];
      const isFirst = !earlier || episodeOf(earlier.at) !== episode;
      const isLast = !later || episodeOf(later.at) !== episode;
      return !isFirst && !isLast;
    })
    .map((log) => log.runId);
}
