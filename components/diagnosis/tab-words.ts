import type { DiagnosisTab } from '@/lib/url/diagnosis';

interface TabWords {
  /** On the tab. */
  readonly name: string;
  /** In the list of keys, where it says more than the name. */
  readonly inKeys: string;
  readonly key: string;
}

/** Name and key of each evidence tab. */
export const TAB_WORDS: Readonly<Record<DiagnosisTab, TabWords>> = {
  logs: { name: 'Logs', inKeys: 'Logs', key: 'l' },
  events: { name: 'Events', inKeys: 'Events', key: 'e' },
  spec: { name: 'Spec', inKeys: 'Spec (YAML)', key: 'y' },
};
