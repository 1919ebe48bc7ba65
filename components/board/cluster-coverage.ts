import type { IconName } from '@/components/ui/icon';
import type { Coverage, LoopsPage } from '@/lib/contract/loop';
import { formatMinute } from '@/lib/format/clock';
import { countOf } from '@/lib/format/count';
import { formatDuration } from '@/lib/format/duration';

/** One line of "What is watched, and what is not". */
export interface SeenLine {
  readonly key: string;
  readonly icon: IconName;
  readonly tone: string;
  /** For those who cannot see the icon. */
  readonly iconWords: string;
  readonly title: string;
  readonly text: string;
}

const SIGNS: Readonly<Record<Coverage['state'], Pick<SeenLine, 'icon' | 'tone' | 'iconWords'>>> = {
  live: { icon: 'seen', tone: 'held', iconWords: 'seen' },
  connecting: { icon: 'partly', tone: 'waiting', iconWords: 'not yet seen' },
  syncing: { icon: 'partly', tone: 'waiting', iconWords: 'seen in part' },
  stale: { icon: 'partly', tone: 'waiting', iconWords: 'seen until it broke' },
  forbidden: { icon: 'unseen', tone: 'muted', iconWords: 'not seen' },
};

const STATE_WORDS: Readonly<Record<Coverage['state'], string>> = {
  live: 'Watched',
  connecting: 'Not yet reached',
  syncing: 'Being read for the first time',
  stale: 'No answer: known up to the break',
  forbidden: 'Forbidden: Unloop may not list or watch them',
};

/** True where at least one watch of pods has an answer, so that an empty list means that nothing loops there. */
export function hasSeenPods({ coverage }: Pick<LoopsPage, 'coverage'>): boolean {
  return coverage.some(({ resource, state }) => resource === 'pods' && (state === 'live' || state === 'stale'));
}

/** The parts that are not seen as they should be. */
export function unseenParts({ coverage }: Pick<LoopsPage, 'coverage'>): Coverage[] {
  return coverage.filter(({ state }) => state !== 'live');
}

/** All lines, what is seen first. `now` is epoch milliseconds. */
export function seenLines(page: Pick<LoopsPage, 'coverage' | 'totals'>, now: number): SeenLine[] {
  return [...page.coverage]
    .sort((a, b) => Number(a.state !== 'live') - Number(b.state !== 'live'))
    .map((part) => ({
      key: `${part.resource} ${part.namespace}`,
      ...SIGNS[part.state],
      title: titleOf(part),
      text: part.state === 'live' ? liveText(part, page.totals, now) : part.text || STATE_WORDS[part.state],
    }));
}

function titleOf({ resource, namespace }: Coverage): string {
  const title = resource.charAt(0).toUpperCase() + resource.slice(1);
  return namespace === '*' ? title : `${title} in ${namespace}`;
}

function liveText(part: Coverage, totals: LoopsPage['totals'], now: number): string {
  const since = part.since === null ? '' : ` since ${sinceWords(Date.parse(part.since), now)}`;
  const counted =
    part.resource === 'pods' && part.namespace === '*'
      ? `${countOf(totals.pods, 'pod')} in ${countOf(totals.namespaces, 'namespace')}, watched${since}`
      : `Watched${since}`;
  return part.text === '' ? counted : `${counted}. ${part.text}`;
}

function sinceWords(at: number, now: number): string {
  return `${formatMinute(at)} UTC (${formatDuration(Math.max(0, now - at))})`;
}
