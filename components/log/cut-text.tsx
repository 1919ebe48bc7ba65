'use client';

import { type ReactNode, useState } from 'react';
import { formatCount } from '@/lib/format/count';

/** Characters of one line that are shown at first; no line a person reads is longer. */
const LINE_CUT = 3000;
/** Characters that each press adds: what a browser lays out without a pause. */
const MORE = 60_000;

/**
 * A text that may be megabytes long: its beginning, and a button for more. `render` gives the markup of the first
 * characters. `reach` is a position that must be visible, e.g. the end of a hit.
 */
export function CutText({
  length,
  render,
  cut = LINE_CUT,
  reach = 0,
}: {
  readonly length: number;
  readonly render: (shown: number) => ReactNode;
  readonly cut?: number;
  readonly reach?: number;
}): ReactNode {
  const [limit, setLimit] = useState(cut);
  const shown = Math.min(length, Math.max(limit, Math.min(reach + 200, MORE)));
  if (shown >= length) return render(length);
  const next = Math.min(MORE, length - shown);
  return (
    <>
      {render(shown)}
      <span aria-hidden>…</span>
      <button type="button" className="more" onClick={() => setLimit(shown + MORE)}>
        show {formatCount(next)} more of {formatCount(length)} characters
      </button>
    </>
  );
}
