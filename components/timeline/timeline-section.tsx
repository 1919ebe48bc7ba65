'use client';

import { type ReactElement, useMemo, useState } from 'react';
import { useClock } from '@/components/ui/clock';
import type { Diagnosis, RunBody } from '@/lib/contract/diagnosis';
import type { Loop } from '@/lib/contract/loop';
import type { Timeline } from '@/lib/contract/timeline';
import { formatClockOrDay, formatMinute } from '@/lib/format/clock';
import { countOf } from '@/lib/format/count';
import type { TimeSpan } from '@/lib/url/time-span';
import { LaneKey } from './lane-key';
import { Lanes } from './lanes';
import { RunsTable } from './runs-table';
import { storyOf } from './story';
import { TimelineTools } from './timeline-tools';
import { type Track, tracksOf, wholeOf } from './track';
import { useTimelineView } from './use-view';

/** Replicas that are shown without asking: those that crashed or never started, and as many that run well. */
const FAILING_SHOWN = 6;
const WELL_SHOWN = 2;

export interface TimelineSectionProps {
  readonly loop: Loop;
  readonly timeline: Timeline;
  readonly events: Diagnosis['events'];
  /** The instant at which an ended loop is shown, epoch milliseconds; null for one as it stands now. */
  readonly endedAt: number | null;
  /** Recorded runs whose logs can be opened, oldest first. */
  readonly runs: readonly RunBody[];
  /** The run whose log is shown, or null. */
  readonly selectedRun: RunBody | null;
  /** The stretch of time that narrows what is below, or null. */
  readonly selection: TimeSpan | null;
  readonly zoom: TimeSpan | null;
  readonly hrefOf: (run: RunBody) => string;
  readonly onRun: (run: RunBody) => void;
  readonly onSelection: (selection: TimeSpan | null) => void;
  readonly onZoom: (zoom: TimeSpan | null) => void;
}

/** When a loop's containers ran, died and waited, and what happened around them, on one time axis; as a table for those who ask. */
export function TimelineSection(props: TimelineSectionProps): ReactElement {
  const { loop, timeline, runs, selection, onSelection, onZoom } = props;
  const [isTable, setTable] = useState(false);
  const [hasAll, setAll] = useState(false);
  // Five seconds are below a pixel on the axis of all but the youngest loops.
  const now = useClock((time) => props.endedAt ?? Math.trunc(time / 5000) * 5000);
  const tracks = useMemo(() => tracksOf(timeline, loop), [timeline, loop]);
  const first = useMemo(() => firstTracks(tracks), [tracks]);
  const whole = useMemo(
    () => wholeOf(timeline, tracks, Date.parse(loop.since), now),
    [timeline, tracks, loop.since, now],
  );
  const view = useTimelineView(whole, props.zoom, onZoom);
  const rest = tracks.length - first.length;
  const isHeld = loop.state === 'holding' || loop.state === 'recovered';
  const story = useMemo(() => storyOf(timeline, tracks, loop, now), [timeline, tracks, loop, now]);
  const shown = view.view;
  return (
    <section className="timeline" aria-labelledby="timeline-heading">
      <div className="section-head">
        <h2 id="timeline-heading">Timeline</h2>
        <span className="muted label nowrap">
          {formatClockOrDay(shown.from, now).slice(0, -3)} to {formatMinute(shown.to)} UTC
        </span>
        <LaneKey tracks={tracks} isHeld={isHeld} now={now} />
        <TimelineTools
          view={view}
          whole={whole}
          now={now}
          selection={selection}
          isTable={isTable}
          onTable={() => setTable(!isTable)}
          onSelection={onSelection}
        />
      </div>
      {story === '' ? null : <p className="story">{story}</p>}
      {isTable ? (
        <RunsTable
          loop={loop}
          runs={runs}
          tracks={tracks}
          now={now}
          selection={selection}
          selectedRun={props.selectedRun?.id ?? null}
          hrefOf={props.hrefOf}
          onRun={props.onRun}
        />
      ) : (
        <>
          <Lanes {...props} tracks={hasAll ? tracks : first} view={view} whole={whole} now={now} isHeld={isHeld} />
          {rest > 0 ? (
            <button type="button" className="button quiet lanes-more" onClick={() => setAll(!hasAll)}>
              {hasAll ? 'Show fewer' : `Show ${countOf(rest, 'more replica')}`}
            </button>
          ) : null}
        </>
      )}
      {timeline.isCut ? (
        <p className="label muted">
          The newest 5,000 runs of the last 14 days are drawn; older ones are in the history.
        </p>
      ) : null}
    </section>
  );
}

function firstTracks(tracks: readonly Track[]): readonly Track[] {
  const isTrouble = ({ lane, runs }: Track) =>
    runs.some(({ end }) => end !== null) || lane.pull !== null || (lane.isAlive && !lane.isReady);
  return [
    ...tracks.filter(isTrouble).slice(0, FAILING_SHOWN),
    ...tracks.filter((track) => !isTrouble(track)).slice(0, WELL_SHOWN),
  ];
}
