'use client';

import { type KeyboardEvent, type ReactElement, type Ref, useState } from 'react';
import { Icon } from '@/components/ui/icon';
import { type FilterTerm, parseTerm, splitFilter } from '@/lib/url/loop-filter';

export interface FilterFieldProps {
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
  readonly inputRef: Ref<HTMLInputElement>;
}

/** Conditions with a key and negations stand as chips; plain words stay in the field, where they are quick to change. */
function isChip({ key, negated }: FilterTerm): boolean {
  return key !== null || negated;
}

function parts(filter: string): { chips: FilterTerm[]; words: string } {
  const terms = splitFilter(filter).map(parseTerm);
  return {
    chips: terms.filter(isChip),
    words: terms
      .filter((term) => !isChip(term))
      .map((term) => term.raw)
      .join(' '),
  };
}

function join(chips: readonly FilterTerm[], words: string): string {
  return [...new Set(chips.map((chip) => chip.raw)), words].filter((part) => part !== '').join(' ');
}

/** The filter bar's field: words filter as they are typed, a `key:value` or `!word` once a space or Enter ends it. */
export function FilterField({ filter, onFilter, inputRef }: FilterFieldProps): ReactElement {
  const { chips, words } = parts(filter);
  const [draft, setDraft] = useState(words);
  // The filter also changes from elsewhere: a pressed number, Back, a link.
  if (parts(draft).words !== words) setDraft(words);

  const change = (text: string): void => {
    const typed = parts(text);
    const isEnded = /\s$/.test(text) && !isInQuotes(text);
    if (!isEnded || typed.chips.length === 0) {
      setDraft(text);
      onFilter(join(chips, typed.words));
      return;
    }
    setDraft(typed.words === '' ? '' : `${typed.words} `);
    onFilter(join([...chips, ...typed.chips], typed.words));
  };
  const commit = (): void => {
    const typed = parts(draft);
    setDraft(typed.words);
    onFilter(join([...chips, ...typed.chips], typed.words));
  };
  const remove = (chip: FilterTerm): void =>
    onFilter(
      join(
        chips.filter((one) => one !== chip),
        words,
      ),
    );
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const last = chips.at(-1);
    if (event.key === 'Enter') {
      event.preventDefault();
      commit();
    } else if (event.key === 'Backspace' && draft === '' && last) {
      event.preventDefault();
      remove(last);
      setDraft(last.raw);
    } else if (event.key === 'Escape') {
      if (draft === '') event.currentTarget.blur();
      else change('');
    }
  };

  return (
    <div className="field filter">
      <Icon name="search" />
      {chips.map((chip) => (
        <span
          key={chip.raw}
          className={chip.problem === '' ? 'token' : 'token wrong'}
          title={chip.problem || undefined}
        >
          {chip.raw}
          <button type="button" aria-label={`Remove filter ${chip.raw}`} onClick={() => remove(chip)}>
            <Icon name="close" />
          </button>
        </span>
      ))}
      <input
        ref={inputRef}
        value={draft}
        aria-label="Filter loops"
        placeholder={chips.length > 0 ? 'and …' : 'text  !not  cause:  ns:  node:  image:  exit:  state:  restarts:>5'}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        onChange={(event) => change(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={commit}
      />
      <kbd>/</kbd>
    </div>
  );
}

function isInQuotes(text: string): boolean {
  return text.split('"').length % 2 === 0;
}
