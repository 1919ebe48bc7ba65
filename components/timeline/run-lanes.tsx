'use client';

import { type PointerEvent, type ReactElement, useMemo, useRef, useState } from 'react';
import { useClock } from '@/components/ui/clock';
import type { Diagnosis, RunBody } from '@/lib/contract/diagnosis';
import type { Loop } from '@/lib/contract/loop';
import { formatClock, formatMinute } from '@/lib/format/clock';
import { countOf } from '@/lib/format/count';
import { LaneKey } from './lane-key';
import { type Lane, type LaneChart, layOutLanes } from './lanes';
import { RunsTable } from './runs-table';
import { clockOrDay } from './time-axis';

/** Replicas that are shown without asking: those that crashed or never started, and as many that run well. */
const FAILING_SHOWN = 6;
const WELL_SHOWN = 2;
/** How near a press must be to an end of a run, in pixels. */
const PRESS_PX = 14;

export interface RunLanesProps {
  readonly loop: Loop;
  readonly runs: readonly RunBody[];
  readonly pods: Diagnosis['pods'];
  /** The run whose log is shown, or null. */
  readonly selectedRun: string | null;
  readonly hrefOf: (run: RunBody) => string;
  readonly onRun: (run: RunBody) => void;
}

/** The recorded runs of a loop, one lane for each replica, on one time axis; as a table for those who ask. */
export function RunLanes({ loop, runs, pods, selectedRun, hrefOf, onRun }: RunLanesProps): ReactElement {
  const [isTable, setTable] = useState(false);
  const [hasAll, setAll] = useState(false);
  // Five seconds are below a pixel on the axis of all but the youngest loops.
  const now = useClock((time) => Math.trunc(time / 5000) * 5000);
  const chart = useMemo(
    () => layOutLanes({ loop, runs, pods, now, selectedRun }),
    [loop, runs, pods, now, selectedRun],
  );
  const first = useMemo(() => firstLanes(chart.lanes), [chart.lanes]);
  const lanes = hasAll ? chart.lanes : first;
  const rest = chart.lanes.length - first.length;
  const span = `${clockOrDay(chart.from, now).slice(0, -3)} to ${formatMinute(chart.to)} UTC`;
  return (
    <section className="timeline" aria-labelledby="runs-heading">
      <div className="section-head">
        <h2 id="runs-heading">Runs</h2>
        <span className="muted label">{span}</span>
        <LaneKey has={chart.has} />
        <span className="end">
          <button
            type="button"
            className="button quiet"
            aria-pressed={isTable}
            onClick={() => setTable(!isTable)}
            disabled={runs.length === 0}
          >
            As table
          </button>
        </span>
      </div>
      {isTable ? (
        <RunsTable loop={loop} runs={runs} now={now} selectedRun={selectedRun} hrefOf={hrefOf} onRun={onRun} />
      ) : (
        <>
          <Lanes chart={chart} lanes={lanes} runs={runs} selectedRun={selectedRun} onRun={onRun} />
          {rest > 0 ? (
            <button type="button" className="button quiet lanes-more" onClick={() => setAll(!hasAll)}>
              {hasAll ? 'Show fewer' : `Show ${countOf(rest, 'more replica')}`}
            </button>
          ) : null}
        </>
      )}
    </section>
  );
}

function firstLanes(lanes: readonly Lane[]): readonly Lane[] {
  const isTrouble = (lane: Lane) => lane.ends.length > 0 || lane.note.tone === 'failing';
  return [
    ...lanes.filter(isTrouble).slice(0, FAILING_SHOWN),
    ...lanes.filter((lane) => !isTrouble(lane)).slice(0, WELL_SHOWN),
  ];
}

function Lanes({
  chart,
  lanes,
  runs,
  selectedRun,
  onRun,
}: {
  readonly chart: LaneChart;
  readonly lanes: readonly Lane[];
  readonly runs: readonly RunBody[];
  readonly selectedRun: string | null;
  readonly onRun: (run: RunBody) => void;
}): ReactElement {
  const hover = useRef<HTMLElement>(null);
  const length = chart.to - chart.from;
  const width = Math.round(length / 1000);
  const percent = (at: number) => `${(((at - chart.from) / length) * 100).toFixed(3)}%`;
  const selected = lanes.flatMap((lane) => lane.ends).find((end) => end.runId === selectedRun);
  const selectedAt = runs.find((run) => run.id === selectedRun)?.finishedAt ?? null;
  const isNear = (at: number, other: number, share: number) => Math.abs(at - other) / length < share;
  const sel = selected && selectedAt ? Date.parse(selectedAt) : null;

  const move = (event: PointerEvent<HTMLDivElement>) => {
    const line = hover.current;
    const track = event.currentTarget.querySelector('.track')?.getBoundingClientRect();
    if (!line || !track || track.width === 0) return;
    const share = (event.clientX - track.left) / track.width;
    line.hidden = share < 0 || share > 1 || event.pointerType === 'touch';
    line.style.left = `${share * 100}%`;
    const label = line.firstElementChild;
    if (label) label.textContent = formatClock(chart.from + share * length);
  };

  return (
    <div
      className="lanes"
      onPointerMove={move}
      onPointerLeave={() => {
        if (hover.current) hover.current.hidden = true;
      }}
    >
      <div className="axis-row">
        <div className="axis" aria-hidden>
          {chart.ticks
            .filter((tick) => !isNear(tick.at, chart.now, 0.05) && (sel === null || !isNear(tick.at, sel, 0.12)))
            .map((tick) => (
              <span key={tick.at} className={tick.minor ? 'wide' : undefined} style={{ left: percent(tick.at) }}>
                {tick.text}
              </span>
            ))}
          {sel === null ? null : (
            <span className="sel" style={{ left: percent(sel) }}>
              {formatClock(sel)}
            </span>
          )}
          {sel !== null && isNear(sel, chart.now, 0.06) ? null : (
            <span className="now" style={{ left: percent(chart.now) }}>
              now
            </span>
          )}
        </div>
      </div>
      <div className="behind" aria-hidden>
        <svg className="lines" viewBox={`0 0 ${width} 100`} preserveAspectRatio="none" aria-hidden>
          <path
            className="m-grid"
            d={chart.ticks.map((tick) => `M${Math.round((tick.at - chart.from) / 1000)} 0V100`).join('')}
          />
        </svg>
        {selected ? <i className="vline sel" style={{ left: `${selected.left}%` }} /> : null}
      </div>
      {lanes.map((lane) => (
        <LaneRow key={lane.key} lane={lane} width={width} selectedRun={selectedRun} runs={runs} onRun={onRun} />
      ))}
      <div className="front" aria-hidden>
        <i className="vline now" style={{ left: percent(chart.now) }} />
        <i className="vline hover" ref={hover} hidden>
          <span />
        </i>
      </div>
    </div>
  );
}

const PATHS = [
  { part: 'missed', mark: 'm-none', width: 2 },
  { part: 'idle', mark: 'm-none', width: 2 },
  { part: 'waits', mark: 'm-wait', width: 1.5 },
  { part: 'ahead', mark: 'm-slack', width: 1.5 },
  { part: 'runs', mark: 'm-run', width: 8 },
  { part: 'crashes', mark: 'm-crash', width: 2 },
  { part: 'next', mark: 'm-next', width: 1 },
] as const;

function LaneRow({
  lane,
  width,
  selectedRun,
  runs,
  onRun,
}: {
  readonly lane: Lane;
  readonly width: number;
  readonly selectedRun: string | null;
  readonly runs: readonly RunBody[];
  readonly onRun: (run: RunBody) => void;
}): ReactElement {
  const picked = lane.ends.find((end) => end.runId === selectedRun);
  const press = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * 100;
    const nearest = lane.ends.toSorted((a, b) => Math.abs(a.left - at) - Math.abs(b.left - at))[0];
    if (!nearest || (Math.abs(nearest.left - at) / 100) * box.width > PRESS_PX) return;
    const run = runs.find((candidate) => candidate.id === nearest.runId);
    if (run) onRun(run);
  };
  return (
    <div className="lane">
      <div className="lane-head">
        <span className="lane-name">
          <code title={lane.pod}>{lane.short}</code>
          <span className={lane.note.tone}>{lane.note.text}</span>
        </span>
        <span className="lane-sub" title={lane.sub}>
          {lane.sub}
        </span>
      </div>
      {/* The picker of runs and the table do by keyboard what a press in the lane does. */}
      <div className={lane.ends.length > 0 ? 'track pressable' : 'track'} onPointerUp={press}>
        <svg className="lines" viewBox={`0 0 ${width} 44`} preserveAspectRatio="none" role="img" aria-label={lane.aria}>
          {PATHS.map(({ part, mark, width: stroke }) =>
            lane[part] === '' ? null : <path key={part} className={mark} d={lane[part]} strokeWidth={stroke} />,
          )}
        </svg>
        {lane.words.map((word) => (
          <span
            key={`${word.kind} ${word.left}`}
            className={word.kind}
            style={{ left: `${word.left}%` }}
            title={word.title}
          >
            {word.text}
          </span>
        ))}
        {lane.say === '' ? null : <span className="say">{lane.say}</span>}
        {picked ? <i className="picked" style={{ left: `${picked.left}%` }} /> : null}
      </div>
    </div>
  );
}
