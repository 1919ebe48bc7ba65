'use client';

import { useQueryStates } from 'nuqs';
import { type ReactElement, useEffect, useMemo, useRef, useState } from 'react';
import { CategoryStrip } from '@/components/board/category-strip';
import { FilterField } from '@/components/board/filter-field';
import { NamespacePicker } from '@/components/board/namespace-picker';
import { Total } from '@/components/board/totals-bar';
import { useListKeys } from '@/components/board/use-list-keys';
import { useRowPress } from '@/components/board/use-row-press';
import { ServerTimeProvider } from '@/components/ui/clock';
import { CopyButton } from '@/components/ui/copy-button';
import type { HistoryPage } from '@/lib/contract/history';
import { countOf } from '@/lib/format/count';
import type { HistoryScope } from '@/lib/query/history-queries';
import { historyParsers, PERIODS, type Period, periodMs } from '@/lib/url/history';
import { parseFilter, splitFilter, toggleToken } from '@/lib/url/loop-filter';
import { EmptyHistory } from './empty-history';
import { keptWords, PERIOD_WORDS } from './ended-words';
import { HistoryTable } from './history-table';
import { useHistory } from './use-history';

/** Words are read from the record once nobody has typed for so long. */
const TYPING_MS = 150;
/** The shortest time that the axis of the rows spans. */
const LEAST_MS = 600_000;

export interface HistoryProps {
  readonly cluster: string;
  /** What the server rendered, and for which view. */
  readonly rendered: { readonly page: HistoryPage; readonly scope: HistoryScope };
}

/** The loops that ended: numbers, filter and the list, newest end first. Its whole view is in the URL. */
export function History({ cluster, rendered }: HistoryProps): ReactElement {
  return (
    <ServerTimeProvider at={Date.parse(rendered.page.asOf)}>
      <HistoryView cluster={cluster} rendered={rendered} />
    </ServerTimeProvider>
  );
}

function HistoryView({ cluster, rendered }: HistoryProps): ReactElement {
  const [view, setView] = useQueryStates(historyParsers);
  const filter = useSettled(view.q);
  const scope = useMemo(
    (): HistoryScope => ({ cluster, namespaces: view.ns, filter, period: view.period }),
    [cluster, view.ns, filter, view.period],
  );
  const history = useHistory(scope, rendered);
  const { page, ended } = history;
  const body = useRef<HTMLTableSectionElement>(null);
  const input = useRef<HTMLInputElement>(null);
  useListKeys({ title: 'History', noun: 'ended loop', body, input, apply: history.readAgain });
  useRowPress(body, ended.length > 0);

  const setFilter = (q: string): void => void setView({ q });
  const toggle = (token: string): void => setFilter(toggleToken(view.q, token));
  const to = Date.parse(page.asOf);
  const from = to - Math.max(LEAST_MS, periodMs(view.period) ?? to - Date.parse(page.kept.since ?? page.asOf));
  const problems = parseFilter(view.q).filter((term) => term.problem !== '');
  return (
    <>
      <Totals page={page} filter={view.q} onToggle={toggle} />
      <search className="filters">
        <FilterField filter={view.q} onFilter={setFilter} inputRef={input} />
        <PeriodChoice period={view.period} onPeriod={(period) => void setView({ period })} />
        <NamespacePicker namespaces={page.namespaces} chosen={view.ns} onChoose={(ns) => void setView({ ns })} />
        <CopyButton className="button quiet end" text={() => location.href}>
          Copy link
        </CopyButton>
      </search>
      <div className="note">
        <span role="status">
          {history.isReading ? (
            'Reading the record …'
          ) : (
            <>
              <b>{countOf(ended.length, 'ended loop')}</b>
              {history.hasOlder ? ' so far' : ''} {PERIOD_WORDS[view.period].long}, newest end first
              {problems.length > 0 ? (
                <span className="waiting">; ignored: {problems.map((term) => term.problem).join('; ')}</span>
              ) : null}
            </>
          )}
        </span>
        {history.unreadable === 0 ? null : (
          <span className="failing">{countOf(history.unreadable, 'end')} cannot be read: see the server's log</span>
        )}
        {history.problem === null ? null : (
          <span className="failing" role="alert">
            {history.problem}
          </span>
        )}
        {history.changed > 0 ? (
          <span className="waiting-changes">
            <span role="status">
              <b>{countOf(history.changed, 'change')}</b> since this was read
            </span>
            <button type="button" className="link" onClick={history.readAgain}>
              Show
            </button>
            <kbd>u</kbd>
          </span>
        ) : null}
      </div>
      {ended.length === 0 && !history.isReading ? (
        <EmptyHistory
          page={page}
          filter={view.q}
          period={view.period}
          onClear={() => setFilter('')}
          onAll={() => void setView({ period: 'all' })}
        />
      ) : (
        <HistoryTable cluster={cluster} ended={ended} from={from} to={to} isDimmed={history.isReading} bodyRef={body} />
      )}
      <footer className="kept muted label">
        {history.hasOlder ? (
          <button type="button" className="button" disabled={history.isReadingOlder} onClick={history.readOlder}>
            {history.isReadingOlder ? 'Reading …' : 'Show older'}
          </button>
        ) : null}
        <p>{keptWords(page.kept)}</p>
      </footer>
    </>
  );
}

function Totals({
  page,
  filter,
  onToggle,
}: {
  readonly page: HistoryPage;
  readonly filter: string;
  readonly onToggle: (token: string) => void;
}): ReactElement {
  const { recovered, gone, cameBack, spans, spanMs } = page.totals;
  const tokens = splitFilter(filter);
  const { since } = page.kept;
  const meaning = useMemo(
    () => ({ noun: 'Ends', spanMs, recordedSince: since === null ? Date.parse(page.asOf) : Date.parse(since) }),
    [spanMs, since, page.asOf],
  );
  const common = { onToggle };
  return (
    <section className="totals" aria-label="Totals">
      <Total
        {...common}
        token="state:recovered"
        isPressed={tokens.includes('state:recovered')}
        icon="recovered"
        tone={recovered > 0 ? 'held' : 'gone'}
        count={recovered}
        words="recovered"
        detail="and held since"
      />
      <Total
        {...common}
        token="state:gone"
        isPressed={tokens.includes('state:gone')}
        icon="gone"
        tone="gone"
        count={gone}
        words="gone"
        detail="deleted while failing"
      />
      <Total
        {...common}
        token="state:came-back"
        isPressed={tokens.includes('state:came-back')}
        icon="came-back"
        tone={cameBack > 0 ? 'failing' : 'gone'}
        count={cameBack}
        words="came back"
        detail="the end did not last"
      />
      <CategoryStrip spans={spans} meaning={meaning} asOf={page.asOf} tokens={tokens} onToggle={onToggle} />
    </section>
  );
}

function PeriodChoice({
  period,
  onPeriod,
}: {
  readonly period: Period;
  readonly onPeriod: (period: Period) => void;
}): ReactElement {
  return (
    <fieldset className="segments">
      <legend className="hidden-text">Period</legend>
      {PERIODS.map((one) => (
        <button key={one} type="button" className="button" aria-pressed={one === period} onClick={() => onPeriod(one)}>
          {PERIOD_WORDS[one].short}
        </button>
      ))}
    </fieldset>
  );
}

/** The text as it stood when typing last paused. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
