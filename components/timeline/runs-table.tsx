import type { ReactElement } from 'react';
import type { RunBody } from '@/lib/contract/diagnosis';
import type { Loop } from '@/lib/contract/loop';
import { formatAbsolute } from '@/lib/format/clock';
import { countOf } from '@/lib/format/count';
import { formatDuration } from '@/lib/format/duration';
import { shortPodName } from './lanes';
import { clockOrDay } from './time-axis';

/** All recorded runs in words, newest first, each a link to its log. */
export function RunsTable({
  loop,
  runs,
  now,
  selectedRun,
  hrefOf,
  onRun,
}: {
  readonly loop: Loop;
  /** Oldest first. */
  readonly runs: readonly RunBody[];
  readonly now: number;
  readonly selectedRun: string | null;
  readonly hrefOf: (run: RunBody) => string;
  readonly onRun: (run: RunBody) => void;
}): ReactElement {
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
            <th scope="col">Log</th>
          </tr>
        </thead>
        <tbody>
          {runs.toReversed().map((run) => (
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

function Moment({ at, now }: { readonly at: string | null; readonly now: number }): ReactElement | string {
  if (at === null) return 'unknown';
  const time = Date.parse(at);
  return (
    <time dateTime={at} title={formatAbsolute(time)}>
      {clockOrDay(time, now)}
    </time>
  );
}
