import type { IconName } from '@/components/ui/icon';
import type { EndedLoop, HistoryPage, Outcome } from '@/lib/contract/history';
import { formatBytes } from '@/lib/format/bytes';
import { formatAbsolute } from '@/lib/format/clock';
import { formatDuration } from '@/lib/format/duration';
import type { Period } from '@/lib/url/history';

/** Icon, hue and word of each outcome. */
export const OUTCOME_SIGNS: Readonly<Record<Outcome, { icon: IconName; tone: string; word: string }>> = {
  recovered: { icon: 'recovered', tone: 'held', word: 'recovered' },
  gone: { icon: 'gone', tone: 'gone', word: 'gone' },
  'came-back': { icon: 'came-back', tone: 'failing', word: 'came back' },
};

/** What is known of why it ended. Nothing is guessed: without a recorded change the words say so. */
export function endWords({ endedBy, loop }: EndedLoop): string {
  if (endedBy !== null) return endedBy;
  return loop.state === 'gone' ? 'its pods were deleted' : 'no change recorded';
}

/** What happened after the end: how long it has held, or when it failed again. `now` is epoch milliseconds. */
export function sinceWords({ outcome, endedAt, cameBackAt }: EndedLoop, now: number): string {
  const end = Date.parse(endedAt);
  switch (outcome) {
    case 'came-back':
      return cameBackAt === null
        ? 'failing again'
        : `again after ${formatDuration(Math.max(0, Date.parse(cameBackAt) - end))}`;
    case 'recovered':
      return `held ${formatDuration(Math.max(0, now - end))}`;
    case 'gone':
      return 'not seen again';
  }
}

/** The period in words: `in the last 7 days`. */
export const PERIOD_WORDS: Readonly<Record<Period, { short: string; long: string }>> = {
  '24h': { short: '24 h', long: 'in the last 24 hours' },
  '7d': { short: '7 d', long: 'in the last 7 days' },
  '30d': { short: '30 d', long: 'in the last 30 days' },
  all: { short: 'All', long: 'since Unloop keeps a record' },
};

/** What is kept, since when and for how long, in sentences. */
export function keptWords({ since, days, bytes, inMemory, memoryReason }: HistoryPage['kept']): string {
  const begin =
    since === null
      ? 'Nothing is recorded yet.'
      : `The record begins on ${formatAbsolute(Date.parse(since))}: what ended before is not known.`;
  const end = inMemory
    ? `It lives in memory and is lost when Unloop stops${memoryReason ? `: ${memoryReason}` : ''}.`
    : `Ends are kept ${formatNumber(days)} days, up to ${formatBytes(bytes)} in all.`;
  return `${begin} ${end}`;
}

function formatNumber(value: number): string {
  return String(Math.round(value * 10) / 10);
}
