import type { ReactElement } from 'react';
import { Icon } from '@/components/ui/icon';
import type { TimeSpan } from '@/lib/url/time-span';
import { KEY_ZOOM, type TimelineView } from './use-view';

const MINUTE = 60_000;
const PRESETS = [
  { name: 'Last 15 minutes', ms: 15 * MINUTE },
  { name: 'Last hour', ms: 60 * MINUTE },
  { name: 'Last 6 hours', ms: 360 * MINUTE },
  { name: 'Last 24 hours', ms: 1440 * MINUTE },
  { name: 'Last 7 days', ms: 7 * 1440 * MINUTE },
] as const;

export interface TimelineToolsProps {
  readonly view: TimelineView;
  readonly whole: TimeSpan;
  readonly now: number;
  readonly selection: TimeSpan | null;
  readonly isTable: boolean;
  readonly onTable: () => void;
  readonly onSelection: (selection: TimeSpan | null) => void;
}

/** What stretch of time is shown, by press instead of wheel and drag; and the table. */
export function TimelineTools(props: TimelineToolsProps): ReactElement {
  const { view, whole, now, selection, isTable, onTable, onSelection } = props;
  const presets = PRESETS.filter(({ ms }) => ms < 0.9 * (whole.to - whole.from));
  const choose = (value: string) => {
    if (value === 'whole') view.reset();
    else if (value === 'selection' && selection) view.show(selection);
    else view.show({ from: now - Number(value), to: Math.min(whole.to, now + 0.05 * Number(value)) });
  };
  return (
    <span className="end">
      {selection ? (
        <button type="button" className="button quiet clears" onClick={() => onSelection(null)}>
          <Icon name="close" />
          Clear selection
        </button>
      ) : null}
      {isTable ? null : (
        <>
          <span className="pager">
            <button
              type="button"
              className="button quiet square"
              aria-label="Zoom out"
              onClick={() => view.zoomBy(KEY_ZOOM.out)}
              disabled={view.isWhole}
            >
              <Icon name="minus" />
            </button>
            <button
              type="button"
              className="button quiet square"
              aria-label="Zoom in"
              onClick={() => view.zoomBy(KEY_ZOOM.in)}
            >
              <Icon name="plus" />
            </button>
          </span>
          <span className="button quiet chooser">
            <span aria-hidden className="face">
              {view.isWhole ? 'Whole loop' : 'A part'}
            </span>
            <Icon name="down" />
            <select
              aria-label="Stretch of time"
              value={view.isWhole ? 'whole' : 'part'}
              onChange={(event) => choose(event.target.value)}
            >
              <option value="whole">Whole loop</option>
              {view.isWhole ? null : (
                <option value="part" hidden>
                  A part
                </option>
              )}
              {selection ? <option value="selection">The selection</option> : null}
              {presets.map(({ name, ms }) => (
                <option key={name} value={ms}>
                  {name}
                </option>
              ))}
            </select>
          </span>
        </>
      )}
      <button type="button" className="button quiet" aria-pressed={isTable} onClick={onTable}>
        As table
      </button>
    </span>
  );
}
