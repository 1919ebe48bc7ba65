'use client';

import type { KeyboardEvent, ReactElement, ReactNode } from 'react';
import { DIAGNOSIS_TABS, type DiagnosisTab } from '@/lib/url/diagnosis';
import { TAB_WORDS } from './tab-words';

export interface EvidenceTabsProps {
  readonly tab: DiagnosisTab;
  /** A word beside a tab's name, e.g. a count. */
  readonly notes: Readonly<Partial<Record<DiagnosisTab, string>>>;
  /** Tabs that hold a fact of the verdict. */
  readonly decisive: ReadonlySet<string>;
  readonly onTab: (tab: DiagnosisTab) => void;
  readonly children: ReactNode;
}

/** The evidence by kind. Arrow keys move between the tabs, as the ARIA pattern has it. */
export function EvidenceTabs({ tab, notes, decisive, onTab, children }: EvidenceTabsProps): ReactElement {
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const at = DIAGNOSIS_TABS.indexOf(tab);
    const count = DIAGNOSIS_TABS.length;
    const next = {
      ArrowLeft: DIAGNOSIS_TABS[(at + count - 1) % count],
      ArrowRight: DIAGNOSIS_TABS[(at + 1) % count],
      Home: DIAGNOSIS_TABS[0],
      End: DIAGNOSIS_TABS[count - 1],
    }[event.key];
    if (!next) return;
    event.preventDefault();
    onTab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <section className="evidence" id="evidence" aria-label="Evidence">
      <div className="tabs" role="tablist" aria-label="Evidence" onKeyDown={move}>
        {DIAGNOSIS_TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={name === tab}
            aria-controls="evidence-panel"
            aria-keyshortcuts={TAB_WORDS[name].key}
            tabIndex={name === tab ? 0 : -1}
            onClick={() => onTab(name)}
          >
            {TAB_WORDS[name].name}
            {notes[name] === undefined ? null : <span className="label">{notes[name]}</span>}
            {decisive.has(name) ? (
              <i title="holds decisive evidence">
                <span className="hidden-text">holds decisive evidence</span>
              </i>
            ) : null}
          </button>
        ))}
      </div>
      <div id="evidence-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={-1}>
        {children}
      </div>
    </section>
  );
}
