'use client';

import Link from 'next/link';
import { useQueryStates } from 'nuqs';
import { type ReactElement, useDeferredValue, useMemo, useRef } from 'react';
import { CATEGORY_WORDS } from '@/components/board/stacked-spans';
import { useListKeys } from '@/components/board/use-list-keys';
import { useRowPress } from '@/components/board/use-row-press';
import { MarkedText } from '@/components/diagnosis/marked-text';
import { Icon } from '@/components/ui/icon';
import type { CauseBody } from '@/lib/contract/cause';
import { CATEGORIES, CATEGORY_TITLES, type Category } from '@/lib/domain/causes';
import { countOf } from '@/lib/format/count';
import { causePath, causesParsers } from '@/lib/url/causes';
import { searchCauses } from './search-causes';

/** The quick reference: every cause with its symptoms, by category or, while something is sought, best first. */
export function CausesReference({ causes }: { readonly causes: readonly CauseBody[] }): ReactElement {
  const [{ q }, setView] = useQueryStates(causesParsers, { history: 'replace' });
  const text = useDeferredValue(q);
  const { causes: found, isWhole } = useMemo(() => searchCauses(causes, text), [causes, text]);
  const input = useRef<HTMLInputElement>(null);
  const body = useRef<HTMLDivElement>(null);
  useListKeys({ title: 'Causes', noun: 'cause', body, input });
  useRowPress(body, true);
  const groups = CATEGORIES.map((category) => ({
    category,
    causes: found.filter((cause) => cause.category === category),
  })).filter((group) => group.causes.length > 0);
  return (
    <div className="reference" ref={body}>
      <search className="filters">
        <div className="field filter">
          <Icon name="search" />
          <input
            ref={input}
            value={q}
            aria-label="Find a cause"
            placeholder="Paste a log line, an event or a status, or type a word"
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => void setView({ q: event.target.value || null })}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return;
              if (q === '') event.currentTarget.blur();
              else void setView({ q: null });
            }}
          />
          <kbd>/</kbd>
        </div>
        <span role="status" className="label muted">
          {statusWords(found.length, causes.length, isWhole)}
        </span>
      </search>
      {isWhole ? (
        groups.map((group) => <CategoryTable key={group.category} {...group} />)
      ) : (
        <CategoryTable category={null} causes={found} />
      )}
      {found.length === 0 ? (
        <section className="no-match">
          <h2>No cause holds any of these words</h2>
          <p className="muted">
            Unloop then says what it saw and what to look at next.{' '}
            <button type="button" className="link" onClick={() => void setView({ q: null })}>
              Show all causes
            </button>
          </p>
        </section>
      ) : null}
    </div>
  );
}

function statusWords(found: number, all: number, isWhole: boolean): string {
  if (!isWhole)
    return found === 0 ? 'nothing found' : `no cause holds all of it; ${countOf(found, 'nearest', 'nearest')} first`;
  return found === all ? countOf(all, 'cause') : `${found} of ${countOf(all, 'cause')}`;
}

function CategoryTable({
  category,
  causes,
}: {
  readonly category: Category | null;
  readonly causes: readonly CauseBody[];
}): ReactElement | null {
  if (causes.length === 0) return null;
  const title = category === null ? 'Nearest causes' : CATEGORY_TITLES[category];
  const id = category ?? 'nearest';
  return (
    <section className="category" id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>
        {category === null ? null : <i className={`cat-${category}`} />}
        {title} <span className="muted">{causes.length}</span>
      </h2>
      <table aria-labelledby={`${id}-title`}>
        <thead>
          <tr>
            <th scope="col">Cause</th>
            <th scope="col">
              In <code>kubectl describe</code>
            </th>
            <th scope="col">In the log</th>
            <th scope="col" className="num">
              Affected now
            </th>
          </tr>
        </thead>
        <tbody>
          {causes.map((cause) => (
            <CauseRow key={cause.id} cause={cause} hasCategory={category === null} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function CauseRow({ cause, hasCategory }: { readonly cause: CauseBody; readonly hasCategory: boolean }): ReactElement {
  const { id, title, category, meaning, docs, affected } = cause;
  const [doc] = docs;
  return (
    <tr>
      <th scope="row">
        <Link className="open" prefetch={false} href={causePath(id)}>
          {title}
        </Link>
        <code className="muted">{id}</code>
        {hasCategory ? <span className="label muted"> {CATEGORY_WORDS[category]}</span> : null}
      </th>
      {doc ? (
        <>
          <td data-label="Describe">
            <MarkedText text={doc.describe} />
          </td>
          <td data-label="Log">
            <MarkedText text={doc.logs} />
          </td>
        </>
      ) : (
        <td colSpan={2} className="muted">
          {meaning}; no rule tells it yet
        </td>
      )}
      <td className="num">
        {affected.length > 0 ? (
          <Link prefetch={false} href={`${causePath(id)}#affected`} className="hit">
            <Icon name="looping" tone="failing" />
            <b>{affected.length}</b>
            <span className="hidden-text"> affected now</span>
          </Link>
        ) : (
          <span className="faint">none</span>
        )}
      </td>
    </tr>
  );
}
