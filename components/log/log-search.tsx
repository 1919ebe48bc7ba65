'use client';

import { type ReactElement, useDeferredValue, useMemo, useState } from 'react';
import { Sign } from '@/components/diagnosis/sign';
import { Icon } from '@/components/ui/icon';
import { formatCount } from '@/lib/format/count';
import type { LogRows } from './parse-log';
import { findRows } from './search-log';

/** A search over a log: what is asked, the rows that hold it, and which of them is looked at (-1: none yet). */
export interface LogSearch {
  readonly query: string;
  readonly found: readonly number[];
  readonly at: number;
  /** Index of the row looked at, or null. */
  readonly row: number | null;
  setQuery(query: string): void;
  step(by: 1 | -1): void;
}

/** Searches as one types; the first hit is looked at at once. */
export function useLogSearch(rows: LogRows): LogSearch {
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const asked = useDeferredValue(query);
  const found = useMemo(() => findRows(rows, asked), [rows, asked]);
  const place = found.length === 0 ? -1 : Math.min(at, found.length - 1);
  return {
    query: asked,
    found,
    at: place,
    row: found[place] ?? null,
    setQuery: (next) => {
      setQuery(next);
      setAt(0);
    },
    step: (by) => {
      if (found.length > 0) setAt((place + by + found.length) % found.length);
    },
  };
}

/** The field of a log's search with its count; Enter goes on, Shift+Enter back, Esc clears. */
export function LogSearchField({
  search,
  input,
}: {
  readonly search: LogSearch;
  readonly input: string;
}): ReactElement {
  const [text, setText] = useState('');
  const change = (next: string) => {
    setText(next);
    search.setQuery(next);
  };
  const words =
    text === ''
      ? ''
      : search.found.length === 0
        ? 'none'
        : `${formatCount(search.at + 1)} of ${formatCount(search.found.length)}`;
  return (
    <span className="field small search">
      <Icon name="search" />
      <input
        id={input}
        type="text"
        inputMode="search"
        autoComplete="off"
        spellCheck={false}
        aria-label="Search this log"
        placeholder="Search"
        value={text}
        onChange={(event) => change(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            event.preventDefault();
            search.step(event.shiftKey ? -1 : 1);
          } else if (event.key === 'Escape' && text !== '') {
            event.preventDefault();
            event.stopPropagation();
            change('');
          }
        }}
      />
      <output className="label muted nowrap" htmlFor={input}>
        {words}
      </output>
      {search.found.length > 1 ? (
        <>
          <button type="button" className="step" aria-label="Previous hit" onClick={() => search.step(-1)}>
            <Sign name="up" />
          </button>
          <button type="button" className="step" aria-label="Next hit" onClick={() => search.step(1)}>
            <Icon name="down" />
          </button>
        </>
      ) : null}
    </span>
  );
}
