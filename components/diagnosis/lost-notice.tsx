import type { ReactElement } from 'react';

/** Says what of the address names nothing here, so that nobody takes what is shown for what was asked. */
export function LostNotice({ lost }: { readonly lost: readonly string[] }): ReactElement | null {
  if (lost.length === 0) return null;
  return (
    <aside className="past" aria-label="Not found">
      <p role="status">{lost.join(' ')}</p>
    </aside>
  );
}
