import { memo, type ReactElement, useMemo } from 'react';
import type { TimeSpan } from '@/lib/url/time-span';
import type { Track, TrackRun } from './track';
import { denseBlocks, livePaths, type PathInput, trackPaths } from './track-paths';
import { ariaOf, sayOf, wordsOf } from './track-words';
import { drawnAround, percentIn } from './view';

const PATHS = [
  { part: 'earlier', mark: 'm-run-soft', width: 8 },
  { part: 'stops', mark: 'm-stop', width: 1.5 },
  { part: 'pull', mark: 'm-none', width: 2 },
  { part: 'missed', mark: 'm-missed', width: 8 },
  { part: 'waits', mark: 'm-wait', width: 1.5 },
  { part: 'slack', mark: 'm-slack', width: 1.5 },
  { part: 'runs', mark: 'm-run', width: 8 },
  { part: 'dense', mark: 'm-dense', width: 1 },
  { part: 'crashes', mark: 'm-crash', width: 2 },
] as const;

export interface LaneRowProps {
  readonly track: Track;
  readonly view: TimeSpan;
  /** Instant of x = 0 and length of about a pixel, milliseconds. */
  readonly origin: number;
  readonly grain: number;
  readonly left: number;
  readonly now: number;
  readonly isHeld: boolean;
  readonly isNeverStarted: boolean;
  /** Pod, restart index and end of the crash that is chosen, or null. */
  readonly chosen: { readonly podUid: string; readonly index: number; readonly end: number } | null;
}

/** One replica on the time axis. */
export const LaneRow = memo(function LaneRow(props: LaneRowProps): ReactElement {
  const { track, view, origin, grain, left, now, isHeld, isNeverStarted } = props;
  const { lane } = track;
  const chosen = props.chosen?.podUid === lane.podUid ? props.chosen : null;
  const { from, to } = drawnAround(view);
  const input = useMemo(
    (): PathInput => ({ track, origin, grain, left, within: { from, to } }),
    [track, origin, grain, left, from, to],
  );
  const past = useMemo(() => trackPaths(input), [input]);
  const live = livePaths(input, now);
  const blocks = useMemo(() => denseBlocks(track.runs, grain), [track, grain]);
  const isSelected = (run: TrackRun) => run.index === chosen?.index && run.end === chosen.end;
  const words = wordsOf({ track, view, blocks, now, isSelected });
  const note = noteOf(track);
  const say = sayOf(track, isNeverStarted, now);
  // Beside the words of the pod that was replaced.
  const sayLeft = lane.replaced ? Math.min(60, Math.max(8, percentIn(view, Date.parse(lane.replaced.deletedAt)))) : 0;
  const span = (view.to - view.from) / 1000;
  const sub = [lane.revision === '' ? '' : `rev ${lane.revision}`, lane.node].filter((text) => text !== '').join(', ');
  return (
    <div className="lane" data-lane={lane.podUid}>
      <div className="lane-head">
        <span className="lane-name">
          <code title={lane.pod}>{track.short}</code>
          <span className={note.tone}>{note.text}</span>
        </span>
        <span className="lane-sub" title={sub}>
          {sub || 'no node'}
        </span>
      </div>
      <div className={track.runs.some(({ end }) => end !== null) ? 'track pressable' : 'track'}>
        <svg
          className="lines"
          viewBox={`${(view.from - origin) / 1000} 0 ${span} 44`}
          preserveAspectRatio="none"
          role="img"
          aria-label={ariaOf(track, note.text, now)}
        >
          {PATHS.map(({ part, mark, width }) =>
            past[part] === '' ? null : <path key={part} className={mark} d={past[part]} strokeWidth={width} />,
          )}
          <path className="m-none" d={live.idle} strokeWidth={2} />
          <path className="m-wait" d={live.wait} strokeWidth={1.5} />
          <path className="m-slack" d={live.slack} strokeWidth={1.5} />
          <path className="m-ahead" d={live.ahead} strokeWidth={1.5} />
          <path className={isHeld && lane.isReady ? 'm-held' : 'm-run'} d={live.run} strokeWidth={8} />
          <path className="m-next" d={live.next} strokeWidth={1} />
        </svg>
        {words.map((word) => (
          <span
            key={`${word.kind} ${word.left}`}
            className={word.kind}
            style={{ left: `${word.left}%` }}
            title={word.title}
          >
            {word.text}
          </span>
        ))}
        {say === '' ? null : (
          <span className="say" style={lane.replaced ? { left: `${sayLeft}%` } : undefined}>
            {say}
          </span>
        )}
        {chosen ? <i className="picked" style={{ left: `${percentIn(view, chosen.end)}%` }} /> : null}
      </div>
    </div>
  );
});

function noteOf({ lane, runs }: Track): { readonly text: string; readonly tone: 'failing' | 'held' | 'muted' } {
  if (!lane.isAlive) return { text: 'gone', tone: 'muted' };
  if (lane.restarts === 0 || (lane.isReady && runs.length === 0))
    return lane.isReady ? { text: 'ready', tone: 'held' } : { text: 'not ready', tone: 'failing' };
  const text = `${lane.restarts} ${lane.restarts === 1 ? 'restart' : 'restarts'}`;
  return { text, tone: lane.isReady ? 'muted' : 'failing' };
}
