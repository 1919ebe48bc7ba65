import type { ReactElement, ReactNode } from 'react';
import { CutText } from './cut-text';
import { type LogRow, segmentsOf } from './parse-log';
import { type MarkedSegment, markHits } from './search-log';

/** The pieces of a line's first characters: styled by the fixed set, hits of the search marked. Always text, never markup. */
export function LineText({ row, query }: { readonly row: LogRow; readonly query: string }): ReactNode {
  const marked = markHits(segmentsOf(row), query);
  const hit = marked.find((segment) => segment.hit);
  return (
    <CutText
      length={row.plain.length}
      reach={hit === undefined ? 0 : hit.start + hit.text.length}
      render={(shown) => marked.filter((segment) => segment.start < shown).map((segment) => piece(segment, shown))}
    />
  );
}

function piece(segment: MarkedSegment, shown: number): ReactElement | string {
  const text = segment.text.slice(0, shown - segment.start);
  const classes = segment.classes === '' ? undefined : segment.classes;
  const key = `${segment.start}`;
  if (segment.hit) {
    return (
      <mark key={key} className={classes}>
        {text}
      </mark>
    );
  }
  return (
    <span key={key} className={classes}>
      {text}
    </span>
  );
}

/** A line's number, a link to that line. */
export function LineNumber({
  no,
  href,
  onPick,
}: {
  readonly no: number;
  readonly href: string;
  readonly onPick: (no: number) => void;
}): ReactElement {
  return (
    <a
      className="no"
      href={href}
      aria-label={`Line ${no}`}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        onPick(no);
      }}
    >
      {no}
    </a>
  );
}
