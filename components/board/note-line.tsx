'use client';

import type { ReactElement } from 'react';
import { countOf, formatCount } from '@/lib/format/count';
import type { Sort } from '@/lib/url/board';
import type { FilterTerm } from '@/lib/url/loop-filter';
import { type PendingChanges, pendingWords } from './pending-changes';
import { sortWords } from './sort-loops';

export interface NoteLineProps {
  readonly shown: number;
  /** Lines that they stand in: fewer where some are grouped. */
  readonly lines: number;
  readonly hidden: number;
  readonly sort: Sort | null;
  readonly terms: readonly FilterTerm[];
  readonly pending: PendingChanges;
  readonly onApply: () => void;
}

/** How many loops stand below, in which order, how many the filter hides, and how many changes wait. */
export function NoteLine({ shown, lines, hidden, sort, terms, pending, onApply }: NoteLineProps): ReactElement {
  const problems = terms.filter((term) => term.problem !== '');
  return (
    <div className="note">
      <span role="status">
        <b>{countOf(shown, 'loop')}</b>
        {lines < shown ? ` in ${countOf(lines, 'row')}` : ''}, {sortWords(sort)}
        {hidden > 0 ? `; ${formatCount(hidden)} more hidden by the filter` : ''}
        {problems.length > 0 ? (
          <span className="waiting">; ignored: {problems.map((term) => term.problem).join('; ')}</span>
        ) : null}
      </span>
      {pending.total > 0 ? (
        <span className="waiting-changes">
          <span role="status">
            <b>{countOf(pending.total, 'change')} waiting</b>: {pendingWords(pending)}
            <span className="muted">, held while you point at the list</span>
          </span>
          <button type="button" className="link" onClick={onApply}>
            Apply now
          </button>
          <kbd>u</kbd>
        </span>
      ) : null}
    </div>
  );
}
