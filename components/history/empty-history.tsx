import type { ReactElement } from 'react';
import { Icon } from '@/components/ui/icon';
import type { HistoryPage } from '@/lib/contract/history';
import type { Period } from '@/lib/url/history';
import { PERIOD_WORDS } from './ended-words';

export interface EmptyHistoryProps {
  readonly page: HistoryPage;
  readonly filter: string;
  readonly period: Period;
  readonly onClear: () => void;
  readonly onAll: () => void;
}

/** What stands in place of the list where no ended loop is shown, and what to do about it. */
export function EmptyHistory({ page, filter, period, onClear, onAll }: EmptyHistoryProps): ReactElement {
  const { recovered, gone, cameBack } = page.totals;
  const hidden = recovered + gone + cameBack;
  if (filter !== '' && hidden > 0) {
    return (
      <section className="no-match">
        <h2>No ended loop matches the filter</h2>
        <p className="muted">
          {hidden === 1 ? 'One loop' : `${hidden} loops`} ended {PERIOD_WORDS[period].long}.{' '}
          <button type="button" className="link" onClick={onClear}>
            Remove the filter
          </button>
        </p>
      </section>
    );
  }
  return (
    <section className="empty" aria-labelledby="empty-title">
      <h2 id="empty-title">
        <Icon name="info" tone="muted" />
        No loop ended {PERIOD_WORDS[period].long}
      </h2>
      <p>
        A loop comes here when it has run past the back-off's reset, or when its last pod was deleted: with its logs,
        events and verdict as they were.{' '}
        {period === 'all' ? null : (
          <button type="button" className="link" onClick={onAll}>
            Look at all that is kept
          </button>
        )}
      </p>
    </section>
  );
}
