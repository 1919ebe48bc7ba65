'use client';

import { useQueryStates } from 'nuqs';
import { type ReactElement, useCallback, useDeferredValue, useEffect, useMemo, useRef } from 'react';
import { ServerTimeProvider } from '@/components/ui/clock';
import { CopyButton } from '@/components/ui/copy-button';
import { Icon } from '@/components/ui/icon';
import type { Loop, LoopsPage } from '@/lib/contract/loop';
import { countOf } from '@/lib/format/count';
import { boardParsers, SORT_KEYS, type Sort } from '@/lib/url/board';
import { matchesFilter, parseFilter, toggleToken } from '@/lib/url/loop-filter';
import { unseenParts } from './cluster-coverage';
import { EmptyBoard, SeenList } from './empty-board';
import { FilterField } from './filter-field';
import { groupItems, plainItems } from './group-loops';
import { LoopTable } from './loop-table';
import { NamespacePicker } from './namespace-picker';
import { NoteLine } from './note-line';
import { SORTING, sortLoops, sortWords } from './sort-loops';
import { TotalsBar } from './totals-bar';
import { useAttention } from './use-attention';
import { useHeldRows } from './use-held-rows';
import { useListKeys } from './use-list-keys';
import { type RenderedPage, useLoopsPage } from './use-loops-page';
import { useRowPress } from './use-row-press';

export interface BoardProps {
  readonly cluster: string;
  /** What the server rendered, and for which namespaces. */
  readonly rendered: RenderedPage;
}

/** The board: numbers, filter and the list of loops, live. Its whole view is in the URL. */
export function Board({ cluster, rendered }: BoardProps): ReactElement {
  return (
    <ServerTimeProvider at={Date.parse(rendered.page.asOf)}>
      <LiveBoard cluster={cluster} rendered={rendered} />
    </ServerTimeProvider>
  );
}

function LiveBoard({ cluster, rendered }: BoardProps): ReactElement {
  const [view, setView] = useQueryStates(boardParsers);
  const page = useLoopsPage(cluster, view.ns, rendered);
  const filter = useDeferredValue(view.q);
  const terms = useMemo(() => parseFilter(filter), [filter]);
  const scope = view.ns.join(',');
  const inScope = useMemo(() => inNamespaces(page.loops, scope), [page.loops, scope]);
  const wanted = useMemo(
    () =>
      sortLoops(
        inScope.filter((loop) => matchesFilter(loop, terms)),
        view.sort,
      ),
    [inScope, terms, view.sort],
  );
  const known = useMemo(() => new Map(page.loops.map((loop) => [loop.id, loop])), [page.loops]);

  const body = useRef<HTMLTableSectionElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const isEmpty = inScope.every((loop) => loop.state === 'recovered' || loop.state === 'gone') && filter === '';
  const isHeld = useAttention(body, !isEmpty && wanted.length > 0);
  const { order, pending, apply } = useHeldRows(
    wanted,
    isHeld,
    `${filter} ${scope} ${view.sort ?? ''} ${view.group ?? ''}`,
  );
  const items = useMemo(() => {
    if (view.group === 'off') return plainItems(order.map((loop) => known.get(loop.id) ?? loop));
    return groupItems(order, known, new Set(view.open));
  }, [order, known, view.group, view.open]);
  const onGroup = useCallback(
    (fingerprint: string) =>
      void setView(({ open }) => ({
        open: open.includes(fingerprint) ? open.filter((one) => one !== fingerprint) : [...open, fingerprint].sort(),
      })),
    [setView],
  );
  const onGrouping = useCallback(
    () => void setView(({ group }) => ({ group: group === 'off' ? null : 'off' })),
    [setView],
  );
  const more = useMemo(() => [{ key: 'g', label: 'Group same failure, or not', run: onGrouping }], [onGrouping]);
  useListKeys({ title: 'Board', noun: 'loop', body, input, apply, more });
  useRowPress(body, !isEmpty && items.length > 0);
  useTitle(page);

  const setFilter = (q: string): void => void setView({ q });
  const setSort = (sort: Sort | null): void => void setView({ sort });

  return (
    <>
      <TotalsBar page={page} filter={view.q} onToggle={(token) => setFilter(toggleToken(view.q, token))} />
      <search className="filters">
        <FilterField filter={view.q} onFilter={setFilter} inputRef={input} />
        <NamespacePicker namespaces={withCounts(page)} chosen={view.ns} onChoose={(ns) => void setView({ ns })} />
        <SortSelect sort={view.sort} onSort={setSort} />
        <button
          type="button"
          className="button toggle grouping"
          aria-pressed={view.group !== 'off'}
          title="One row for loops that fail in the same way for the same reason"
          onClick={onGrouping}
        >
          <Icon name="seen" />
          Group same failure
        </button>
        <CopyButton className="button quiet end" text={() => location.href}>
          Copy link
        </CopyButton>
      </search>
      {isEmpty ? (
        <EmptyBoard cluster={cluster} page={page} />
      ) : (
        <>
          <NoteLine
            shown={order.length}
            lines={items.filter((item) => item.kind === 'group' || (item.kind === 'loop' && !item.isMember)).length}
            hidden={inScope.length - wanted.length}
            sort={view.sort}
            terms={terms}
            pending={pending}
            onApply={apply}
          />
          {items.length === 0 ? (
            <NoMatch hidden={inScope.length} onClear={() => setFilter('')} />
          ) : (
            <LoopTable
              cluster={cluster}
              items={items}
              sort={view.sort}
              onSort={setSort}
              onGroup={onGroup}
              bodyRef={body}
            />
          )}
          <Unseen page={page} />
        </>
      )}
    </>
  );
}

function NoMatch({ hidden, onClear }: { hidden: number; onClear: () => void }): ReactElement {
  return (
    <section className="no-match">
      <h2>No loop matches the filter</h2>
      <p className="muted">
        It hides {countOf(hidden, 'loop')}.{' '}
        <button type="button" className="link" onClick={onClear}>
          Remove the filter
        </button>
      </p>
    </section>
  );
}

/** What cannot be seen stands below the list too: a list without it would look complete. */
function Unseen({ page }: { page: LoopsPage }): ReactElement | null {
  const parts = unseenParts(page);
  if (parts.length === 0) return null;
  return (
    <details className="unseen">
      <summary className="label muted">
        Not everything is seen: {countOf(parts.length, 'part')} of {page.coverage.length}
      </summary>
      <SeenList page={page} />
    </details>
  );
}

/** The order as a field where the heads of the columns do not fit (below 760 px). */
function SortSelect({ sort, onSort }: { sort: Sort | null; onSort: (sort: Sort | null) => void }): ReactElement {
  const choices = SORT_KEYS.map((key) => SORTING[key].first);
  return (
    <select
      className="button sort-select"
      aria-label="Order"
      value={sort ?? ''}
      onChange={(event) => onSort(choices.find((one) => one === event.target.value) ?? null)}
    >
      {[null, ...choices, ...(sort !== null && !choices.includes(sort) ? [sort] : [])].map((one) => (
        <option key={one ?? 'worst'} value={one ?? ''}>
          {capital(sortWords(one))}
        </option>
      ))}
    </select>
  );
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What the page still holds of other namespaces, while the chosen ones are being read, is not shown. */
function inNamespaces(loops: readonly Loop[], scope: string): readonly Loop[] {
  if (scope === '') return loops;
  const chosen = new Set(scope.split(','));
  return loops.filter((loop) => chosen.has(loop.workload.namespace));
}

function withCounts(page: LoopsPage): { name: string; loops: number }[] {
  const counts = new Map(page.namespaces.map(({ name }) => [name, 0]));
  for (const { workload } of page.loops) counts.set(workload.namespace, (counts.get(workload.namespace) ?? 0) + 1);
  return [...counts].map(([name, loops]) => ({ name, loops }));
}

function useTitle({ cluster, totals }: LoopsPage): void {
  useEffect(() => {
    const failing = totals.looping + totals.neverStarted;
    document.title = `${failing > 0 ? `${failing} failing` : 'Nothing is looping'} in ${cluster} · Unloop`;
  }, [cluster, totals.looping, totals.neverStarted]);
}
