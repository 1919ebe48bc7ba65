import type { IconName } from '@/components/ui/icon';
import type { LoopState } from '@/lib/domain/loop';

/** Icon, hue and word of each state of a loop. */
export const STATE_SIGNS: Readonly<Record<LoopState, { icon: IconName; tone: string; word: string }>> = {
  starting: { icon: 'starting', tone: 'starting', word: 'starting' },
  looping: { icon: 'looping', tone: 'failing', word: 'looping' },
  'came-back': { icon: 'came-back', tone: 'failing', word: 'came back' },
  'never-started': { icon: 'never-started', tone: 'failing', word: 'never started' },
  slow: { icon: 'slow', tone: 'waiting', word: 'slow' },
  holding: { icon: 'holding', tone: 'held', word: 'holding' },
  recovered: { icon: 'recovered', tone: 'held', word: 'recovered' },
  gone: { icon: 'gone', tone: 'gone', word: 'gone' },
};

const KIND_WORDS: Readonly<Record<string, string>> = {
  Deployment: '',
  StatefulSet: 'sts',
  DaemonSet: 'ds',
};

/** Kubectl's short name of a kind, nothing for a Deployment, the lower-cased kind of any other. */
export function kindWord(kind: string): string {
  return KIND_WORDS[kind] ?? kind.toLowerCase();
}
