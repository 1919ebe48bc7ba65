'use client';

import { useRouter } from 'next/navigation';
import { useMemo } from 'react';
import { type KeyBinding, useKeys } from '@/components/shell/keys';
import type { RunBody } from '@/lib/contract/diagnosis';
import { DIAGNOSIS_TABS, type DiagnosisTab } from '@/lib/url/diagnosis';
import { TAB_WORDS } from './tab-words';

export interface DiagnosisKeyActions {
  readonly earlier: RunBody | null;
  readonly later: RunBody | null;
  readonly onTab: (tab: DiagnosisTab) => void;
  readonly onRun: (run: RunBody) => void;
  /** Path of the board, without base path. */
  readonly board: string;
}

/** The keys of a diagnosis: tabs, runs, back to the board as it was left. */
export function useDiagnosisKeys({ earlier, later, onTab, onRun, board }: DiagnosisKeyActions): void {
  const router = useRouter();
  const bindings = useMemo((): readonly KeyBinding[] => {
    const go = (run: RunBody | null) => {
      if (run) onRun(run);
    };
    return [
      ...DIAGNOSIS_TABS.map((tab) => ({
        key: TAB_WORDS[tab].key,
        label: TAB_WORDS[tab].inKeys,
        run: () => onTab(tab),
      })),
      { key: 'p', label: 'Previous run', run: () => go(earlier) },
      { key: '[', label: 'Earlier crash', run: () => go(earlier) },
      { key: ']', label: 'Later crash', run: () => go(later) },
      {
        key: 'Escape',
        shown: 'Esc',
        label: 'Back to the board',
        run: () => {
          const steps = stepsBackTo(board);
          if (steps === null) router.push(board);
          else window.history.go(-steps);
        },
      },
    ];
  }, [earlier, later, onTab, onRun, board, router]);
  useKeys('Diagnosis', bindings);
}

/** How many steps back in this tab's history the board stands, or null where it was not opened or cannot be told. */
function stepsBackTo(board: string): number | null {
  if (!('navigation' in window)) return null;
  const { navigation } = window;
  const here = navigation.currentEntry?.index ?? 0;
  const entry = navigation
    .entries()
    .findLast(({ index, url }) => index < here && url !== null && new URL(url).pathname.endsWith(board));
  return entry ? here - entry.index : null;
}
