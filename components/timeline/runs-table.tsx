import type { ReactElement } from 'react';
import type { RunBody } from '@/lib/contract/diagnosis';
import type { Loop } from '@/lib/contract/loop';
import { formatAbsolute, formatClockOrDay } from '@/lib/format/clock';
import { countOf } from '@/lib/format/count';
import { formatDuration } from '@/lib/format/duration';
import { overlaps, type TimeSpan } from '@/lib/url/time-span';
import { drawnOf } from './crash-steps';
import { shortPodName, type Track } from './track';
import { isOffCurve, waitWords } from './wait-words';

/** All recorded runs in words, newest first, each a link to its log. */
export function RunsTable({
  loop,
  runs,
  tracks,
  now,
  selection,
  selectedRun,
  hrefOf,
  onRun,
}: {
  readonly loop: Loop;
  /** Oldest first. */
  readonly runs: readonly RunBody[];
  readonly tracks: readonly Track[];
  readonly now: number;
  /** Only runs that have a part in it are listed. */
  readonly selection: TimeSpan | null;
  readonly selectedRun: string | null;
  readonly hrefOf: (run: RunBody) => string;
  readonly onRun: (run: RunBody) => void;
}): ReactElement {
  const time = (at: string | null) => (at === null ? null : Date.parse(at));
  const listed = runs.filter((run) => overlaps(selection, time(run.startedAt), time(run.finishedAt)));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className="runs-scroll" tabIndex={0} aria-label="Recorded runs">
      <table className="runs-table">
        <thead>
          <tr>
            <th scope="col">Replica</th>
            <th scope="col">Run</th>
            <th scope="col" className="wide">
              Started
            </th>
            <th scope="col">Ended</th>
            <th scope="col" className="wide">
              Lived
            </th>
            <th scope="col">Exit</th>
            <th scope="col" className="wide">
              Before it
            </th>
            <th scope="col" className="wide">
              Waited after it
            </th>
            <th scope="col">Log</th>
          </tr>
        </thead>
        <tbody>
          {listed.toReversed().map((run) => (
            <tr key={run.id} aria-current={run.id === selectedRun ? true : undefined}>
              <td>
                <code title={run.pod}>{shortPodName(run.pod, loop.workload)}</code>
              </td>
              <td>{run.restartIndex + 1}</td>
              <td className="wide">
                <Moment at={run.startedAt} now={now} />
              </td>
              <td>
                {run.finishedAt === null ? (
                  run.log === 'running' ? (
                    'alive'
                  ) : (
                    'not seen'
                  )
                ) : (
                  <Moment at={run.finishedAt} now={now} />
                )}
              </td>
              <td className="wide">{run.livedMs === null ? '' : formatDuration(run.livedMs)}</td>
              <td>{run.exitCode === null ? '' : `${run.exitCode}${run.reason === '' ? '' : ` ${run.reason}`}`}</td>
              <td className="wide">{run.missedBefore > 0 ? `${countOf(run.missedBefore, 'restart')} not seen` : ''}</td>
              <td className="wide">
                <Wait run={run} tracks={tracks} />
              </td>
              <td>
                {run.log === 'held' || run.log === 'running' ? (
                  <a
                    className="link"
                    href={hrefOf(run)}
                    onClick={(event) => {
                      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
                      event.preventDefault();
                      onRun(run);
                    }}
                  >
                    {run.logLines === null ? 'Log' : countOf(run.logLines, 'line')}
                  </a>
                ) : (
                  <span className="muted" title={run.logText}>
                    none
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Wait({ run, tracks }: { readonly run: RunBody; readonly tracks: readonly Track[] }): ReactElement | null {
  const drawn = drawnOf(tracks, run);
  if (drawn === null || drawn.end === null || drawn.wait === null) return null;
  const words = waitWords(drawn);
  const took = drawn.wait.to === null ? '' : formatDuration(drawn.wait.to - drawn.end);
  return (
    <span title={words}>
      {took === '' ? words : took}
      {took !== '' && drawn.wait.nominalMs > 0 ? (
        <span className="muted"> of {formatDuration(drawn.wait.nominalMs)}</span>
      ) : null}
      {isOffCurve(drawn) ? <span className="waiting"> off the curve</span> : null}
    </span>
  );
}

function Moment({ at, now }: { readonly at: string | null; readonly now: number }): ReactElement | string {
  if (at === null) return 'unknown';
  const time = Date.parse(at);
  return (
    <time dateTime={at} title={formatAbsolute(time)}>
      {formatClockOrDay(time, now)}
    </time>
  );
}
