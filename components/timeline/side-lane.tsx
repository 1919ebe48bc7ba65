import type { ReactElement } from 'react';
import type { TimeSpan } from '@/lib/url/time-span';
import { type PlacedMark, placeMarks, type SideMark } from './side-lanes';

const ROW_PX = 20;

/** A lane below the replicas: probes, changes or events, each a shape with its words where there is room for them. */
export function SideLane({
  name,
  marks,
  view,
  say,
}: {
  readonly name: string;
  readonly marks: readonly SideMark[];
  readonly view: TimeSpan;
  /** What stands here where nothing is to be shown. */
  readonly say: string;
}): ReactElement {
  const placed = placeMarks(marks, view);
  const rows = 1 + Math.max(0, ...placed.map(({ row }) => row));
  return (
    <div className="lane thin">
      <div className="lane-head">
        <span className="lane-name">{name}</span>
        {placed.length === 0 ? null : (
          <span className="lane-sub narrow">{placed.map(({ text }) => text).join(', ')}</span>
        )}
      </div>
      <ul className="track" aria-label={name} style={{ height: rows * ROW_PX + 4 }}>
        {placed.map((mark) => (
          <Mark key={mark.key} mark={mark} />
        ))}
        {placed.length === 0 ? (
          <li className="say">{marks.length === 0 ? say : 'none in this stretch of time'}</li>
        ) : null}
      </ul>
    </div>
  );
}

function Mark({ mark }: { readonly mark: PlacedMark }): ReactElement {
  const { tone, left, width, words, row } = mark;
  const isBand = mark.to > mark.from;
  const style = { top: row * ROW_PX + 2, left: `${left}%`, ...(isBand ? { width: `${width}%` } : {}) };
  return (
    <li className={`mark ${tone} ${isBand ? 'band' : 'point'} ${words}`} style={style} title={mark.title}>
      {isBand ? null : (
        <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden>
          {tone === 'decisive' || tone === 'held' || tone === 'change' ? (
            <path d="M6 .8 11.2 6 6 11.2.8 6z" />
          ) : tone === 'kill' ? (
            <path d="M2 2l8 8M10 2l-8 8" />
          ) : (
            <circle cx="6" cy="6" r="3.5" />
          )}
        </svg>
      )}
      <span className={words === 'none' ? 'hidden-text' : undefined}>{mark.text}</span>
    </li>
  );
}
