import { type RefObject, useMemo } from 'react';
import { type KeyBinding, useKeys } from '@/components/shell/keys';

export interface ListKeys {
  /** The page, as the list of keys calls it. */
  readonly title: string;
  /** What a row is: `loop`. */
  readonly noun: string;
  readonly body: RefObject<HTMLElement | null>;
  readonly input: RefObject<HTMLInputElement | null>;
  /** Takes over what waits; absent where nothing ever does. */
  readonly apply?: () => void;
  /** Keys of this list alone. Must keep its identity between renders. */
  readonly more?: readonly KeyBinding[];
}

const NO_MORE: readonly KeyBinding[] = [];

/** The keys of a list: `/` filter, `j` `k` rows, Enter open (the link has the focus), `u` apply what waits. */
export function useListKeys({ title, noun, body, input, apply, more = NO_MORE }: ListKeys): void {
  const bindings = useMemo(
    (): KeyBinding[] => [
      { key: '/', label: 'Filter', run: () => input.current?.focus() },
      { key: 'j', label: `Next ${noun}`, run: () => step(body.current, 1) },
      { key: 'k', label: `Previous ${noun}`, run: () => step(body.current, -1) },
      { key: 'Enter', label: `Open the ${noun}` },
      ...(apply ? [{ key: 'u', label: 'Apply waiting changes', run: apply }] : []),
      ...more,
    ],
    [noun, body, input, apply, more],
  );
  useKeys(title, bindings);
}

function step(body: HTMLElement | null, by: 1 | -1): void {
  const links = [...(body?.querySelectorAll<HTMLElement>('.open') ?? [])];
  const row = document.activeElement?.closest('tr');
  const at = links.findIndex((link) => link.closest('tr') === row);
  const next = at < 0 ? firstInView(links) : links[at + by];
  next?.focus();
}

/** Starts where the reader looks, not at a first row that has long scrolled away. */
function firstInView(links: readonly HTMLElement[]): HTMLElement | undefined {
  const bar = document.querySelector('.bar')?.getBoundingClientRect().bottom ?? 0;
  return links.find((link) => link.getBoundingClientRect().top >= bar);
}
