import { type RefObject, useMemo } from 'react';
import { type KeyBinding, useKeys } from '@/components/shell/keys';

/** The keys of the board: `/` filter, `j` `k` rows, Enter open (the link has the focus), `u` apply what waits. */
export function useBoardKeys(
  body: RefObject<HTMLElement | null>,
  input: RefObject<HTMLInputElement | null>,
  apply: () => void,
): void {
  const bindings = useMemo(
    (): KeyBinding[] => [
      { key: '/', label: 'Filter', run: () => input.current?.focus() },
      { key: 'j', label: 'Next loop', run: () => step(body.current, 1) },
      { key: 'k', label: 'Previous loop', run: () => step(body.current, -1) },
      { key: 'Enter', label: 'Open the diagnosis' },
      { key: 'u', label: 'Apply waiting changes', run: apply },
    ],
    [body, input, apply],
  );
  useKeys('Board', bindings);
}

function step(body: HTMLElement | null, by: 1 | -1): void {
  const links = [...(body?.querySelectorAll<HTMLElement>('a.open') ?? [])];
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
