'use client';

import { type KeyboardEvent, type PointerEvent, type ReactElement, useMemo, useRef, useState } from 'react';
import type { RunBody } from '@/lib/contract/diagnosis';
import { formatClock, formatClockOrDay } from '@/lib/format/clock';
import { formatDuration } from '@/lib/format/duration';
import { type TimeSpan, timeSpan } from '@/lib/url/time-span';
import { crashesByLane, drawnOf, nearestCrash, stepFrom } from './crash-steps';
import { LaneRow } from './lane-row';
import { SideLane } from './side-lane';
import { changeMarks, eventMarks, probeMarks, probeSay } from './side-lanes';
import { ticksBetween } from './time-axis';
import type { TimelineSectionProps } from './timeline-section';
import type { Track } from './track';
import { KEY_ZOOM, type TimelineView } from './use-view';
import { grainOf, percentIn } from './view';
import { waitWords } from './wait-words';

/** How near a press must be to a crash, and from how far on a press is a drag, in pixels. */
const PRESS_PX = 14;
const DRAG_PX = 5;
const KEY_MOVE = 0.2;

export interface LanesProps extends TimelineSectionProps {
  readonly tracks: readonly Track[];
  readonly view: TimelineView;
  readonly whole: TimeSpan;
  readonly now: number;
  readonly isHeld: boolean;
}

const STEPS = {
  ArrowLeft: 'earlier',
  ArrowRight: 'later',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Home: 'first',
  End: 'last',
} as const;

/** The lanes of a timeline: pointer and keyboard zoom, select, and choose crashes. */
export function Lanes(props: LanesProps): ReactElement {
  const { loop, timeline, runs, tracks, view, whole, now, isHeld, selection, selectedRun } = props;
  const { onRun, onSelection } = props;
  const shown = view.view;
  const front = useRef<HTMLDivElement>(null);
  const hover = useRef<HTMLElement>(null);
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number; readonly x: number } | null>(null);
  const crashes = useMemo(() => crashesByLane(tracks, runs), [tracks, runs]);
  const end = drawnOf(tracks, selectedRun)?.end ?? null;
  const chosen = useMemo(
    () => (selectedRun && end !== null ? { podUid: selectedRun.podUid, index: selectedRun.restartIndex, end } : null),
    [selectedRun, end],
  );
  const origin = Math.floor(whole.from / 60_000) * 60_000;
  const grain = grainOf(shown);
  // In steps of a minute, so that the paths of the past are not made anew with each tick of the clock.
  const left = useMemo(() => Math.floor(whole.from / 60_000) * 60_000, [whole.from]);
  const ticks = ticksBetween(shown.from, shown.to).filter(
    ({ at }) => percentIn(shown, at) > 3 && percentIn(shown, at) < 97,
  );

  const shareAt = (clientX: number): number => {
    const box = front.current?.getBoundingClientRect();
    return box && box.width > 0 ? (clientX - box.left) / box.width : -1;
  };
  const timeAt = (clientX: number): number =>
    shown.from + Math.min(1, Math.max(0, shareAt(clientX))) * (shown.to - shown.from);

  const move = (event: PointerEvent<HTMLElement>) => {
    const line = hover.current;
    const share = shareAt(event.clientX);
    if (line) {
      line.hidden = share < 0 || share > 1 || event.pointerType === 'touch';
      line.style.left = `${share * 100}%`;
      const label = line.firstElementChild;
      if (label) label.textContent = formatClockOrDay(shown.from + share * (shown.to - shown.from), now);
    }
    if (drag) setDrag({ ...drag, to: timeAt(event.clientX) });
  };
  const press = (event: PointerEvent<HTMLElement>) => {
    const share = shareAt(event.clientX);
    if (event.button !== 0 || event.pointerType === 'touch' || share < 0 || share > 1) return;
    const at = timeAt(event.clientX);
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ from: at, to: at, x: event.clientX });
  };
  const release = (event: PointerEvent<HTMLElement>) => {
    const isDrag = drag !== null && Math.abs(event.clientX - drag.x) >= DRAG_PX;
    setDrag(null);
    if (isDrag) {
      onSelection(timeSpan(drag.from, timeAt(event.clientX)));
      return;
    }
    const under = document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>('[data-lane]');
    const lane = tracks.findIndex((track) => track.lane.podUid === under?.dataset.lane);
    const width = front.current?.getBoundingClientRect().width ?? 1;
    const within = (PRESS_PX / width) * (shown.to - shown.from);
    const crash = nearestCrash(crashes[lane] ?? [], timeAt(event.clientX), within);
    if (crash) onRun(crash.run);
  };

  const step = (to: (typeof STEPS)[keyof typeof STEPS]): void => {
    const crash = stepFrom(crashes, selectedRun?.id ?? null, to);
    if (!crash) return;
    onRun(crash.run);
    view.reveal(crash.end);
  };
  const extend = (to: 'earlier' | 'later'): void => {
    const crash = stepFrom(crashes, selectedRun?.id ?? null, to);
    if (!crash || end === null) return;
    const fixed =
      selection === null
        ? end
        : Math.abs(selection.from - end) > Math.abs(selection.to - end)
          ? selection.from
          : selection.to;
    onRun(crash.run);
    onSelection(timeSpan(fixed, crash.end));
    view.reveal(crash.end);
  };
  const key = (event: KeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = end !== null && end >= shown.from && end <= shown.to ? end : undefined;
    const actions: Readonly<Record<string, () => void>> = {
      '+': () => view.zoomBy(KEY_ZOOM.in, at),
      '=': () => view.zoomBy(KEY_ZOOM.in, at),
      '-': () => view.zoomBy(KEY_ZOOM.out, at),
      '0': () => view.reset(),
      PageUp: () => view.moveBy(-KEY_MOVE),
      PageDown: () => view.moveBy(KEY_MOVE),
      ...(selection ? { Escape: () => onSelection(null), z: () => view.show(selection) } : {}),
    };
    const direction = event.key in STEPS ? STEPS[event.key as keyof typeof STEPS] : null;
    const isExtending = event.shiftKey && (direction === 'earlier' || direction === 'later');
    const action = isExtending ? () => extend(direction) : direction ? () => step(direction) : actions[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };

  const marked = drag && Math.abs(drag.to - drag.from) > 0 ? timeSpan(drag.from, drag.to) : selection;
  const isNear = (a: number, b: number, share: number) => Math.abs(a - b) / (shown.to - shown.from) < share;
  const sel = end !== null && percentIn(shown, end) >= 0 && percentIn(shown, end) <= 100 ? end : null;
  // Two labels on one spot stand back to back.
  const isBeforeNow = sel !== null && now >= sel && isNear(sel, now, 0.07) && percentIn(shown, sel) > 8;
  const turning = timeline.changes.filter(
    ({ role, at }) => role !== null && percentIn(shown, Date.parse(at)) >= 0 && percentIn(shown, Date.parse(at)) <= 100,
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div
      className={drag ? 'lanes dragging' : 'lanes'}
      role="group"
      aria-label="Timeline of runs, crashes and waits"
      aria-describedby="timeline-keys"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the lanes answer to the keys that their description names
      tabIndex={0}
      onKeyDown={key}
      onPointerMove={move}
      onPointerDown={press}
      onPointerUp={release}
      onPointerCancel={() => setDrag(null)}
      onPointerLeave={() => {
        if (hover.current) hover.current.hidden = true;
      }}
      onDoubleClick={() => {
        view.reset();
        if (selection) onSelection(null);
      }}
    >
      <p id="timeline-keys" className="hidden-text">
        Arrow keys step from crash to crash and from replica to replica; with Shift they select the time between. Plus
        and minus zoom, Page up and Page down move, 0 shows the whole loop, Escape clears the selection.
      </p>
      <p className="hidden-text" role="status">
        {statusWords(tracks, selectedRun, now)}
      </p>
      <div className="axis-row">
        <div className="axis" aria-hidden>
          {ticks
            .filter((tick) => !isNear(tick.at, now, 0.05) && (sel === null || !isNear(tick.at, sel, 0.09)))
            .map((tick) => (
              <span
                key={tick.at}
                className={tick.minor ? 'wide' : undefined}
                style={{ left: `${percentIn(shown, tick.at)}%` }}
              >
                {tick.text}
              </span>
            ))}
          {sel === null ? null : (
            <span
              className={isBeforeNow ? 'sel ends' : 'sel'}
              style={{
                left: `${isBeforeNow ? percentIn(shown, sel) : Math.min(96, Math.max(4, percentIn(shown, sel)))}%`,
              }}
            >
              {formatClock(sel)}
            </span>
          )}
          {now > shown.to || now < shown.from ? null : (
            <span className={isBeforeNow ? 'now begins' : 'now'} style={{ left: `${percentIn(shown, now)}%` }}>
              now
            </span>
          )}
        </div>
      </div>
      <div className="behind" aria-hidden>
        <svg className="lines" viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden>
          <path className="m-grid" d={ticks.map(({ at }) => `M${percentIn(shown, at) * 10} 0V100`).join('')} />
        </svg>
        {turning.map(({ at, role, short }) => (
          <i
            key={`${at} ${short}`}
            className={role === 'started' ? 'vline change' : 'vline change ended'}
            style={{ left: `${percentIn(shown, Date.parse(at))}%` }}
          />
        ))}
        {sel === null ? null : <i className="vline sel" style={{ left: `${percentIn(shown, sel)}%` }} />}
      </div>
      {tracks.map((track) => (
        <LaneRow
          key={track.lane.podUid}
          track={track}
          view={shown}
          origin={origin}
          grain={grain}
          left={left}
          now={now}
          isHeld={isHeld}
          isNeverStarted={loop.state === 'never-started'}
          chosen={chosen}
        />
      ))}
      <SideLanes {...props} shown={shown} />
      <div className="front" aria-hidden ref={front}>
        {marked ? <Band span={marked} view={shown} /> : null}
        {now >= shown.from && now <= shown.to ? (
          <i className="vline now" style={{ left: `${percentIn(shown, now)}%` }} />
        ) : null}
        <i className="vline hover" ref={hover} hidden>
          <span />
        </i>
      </div>
      <WheelArea view={view} />
    </div>
  );
}

/** As wide as the tracks, without the names before them: what a turn of the wheel is measured by. */
function WheelArea({ view }: { readonly view: TimelineView }): ReactElement {
  return <div className="wheel-area" aria-hidden ref={view.wheelRef} />;
}

function SideLanes({ timeline, tracks, events, loop, shown }: LanesProps & { readonly shown: TimeSpan }): ReactElement {
  const probes = useMemo(() => probeMarks(events, loop.container), [events, loop.container]);
  const others = useMemo(() => eventMarks(events, loop.container), [events, loop.container]);
  return (
    <>
      <SideLane name="Probes" marks={probes} view={shown} say={probeSay(timeline, tracks)} />
      <SideLane
        name="Changes"
        marks={changeMarks(timeline.changes, shown)}
        view={shown}
        say="none is known: no revision, no ConfigMap version"
      />
      <SideLane name="Events" marks={others} view={shown} say="no warning is kept" />
    </>
  );
}

function Band({ span, view }: { readonly span: TimeSpan; readonly view: TimeSpan }): ReactElement | null {
  const left = Math.max(0, percentIn(view, span.from));
  const right = Math.min(100, percentIn(view, span.to));
  if (right <= left) return null;
  return (
    <i className="band-selected" style={{ left: `${left}%`, width: `${right - left}%` }}>
      <span>{formatDuration(span.to - span.from)}</span>
    </i>
  );
}

/** The chosen crash in words, for those who hear the steps. */
function statusWords(tracks: readonly Track[], run: RunBody | null, now: number): string {
  const drawn = drawnOf(tracks, run);
  if (run === null || drawn?.end == null) return '';
  const lived = run.livedMs === null ? '' : `, lived ${formatDuration(run.livedMs)}`;
  const wait = waitWords(drawn);
  const short = tracks.find(({ lane }) => lane.podUid === run.podUid)?.short ?? run.pod;
  return `Run ${run.restartIndex + 1} of ${short}: exit ${run.exitCode ?? 'unknown'} at ${formatClockOrDay(drawn.end, now)}${lived}${wait === '' ? '' : `, then ${wait}`}`;
}
