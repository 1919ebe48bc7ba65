import type { ReactElement } from 'react';
import { isPullStale } from '@/components/backoff/countdown';
import type { Track } from './track';
import { arrivalOf, missedSpan } from './track-paths';

/** What the marks mean, only those that occur. */
export function LaneKey({
  tracks,
  isHeld,
  now,
}: {
  readonly tracks: readonly Track[];
  readonly isHeld: boolean;
  readonly now: number;
}): ReactElement {
  const some = (test: (track: Track) => boolean) => tracks.some(test);
  const entries = [
    {
      words: 'pod before',
      has: some(({ lane }) => lane.replaced !== null),
      mark: <path className="m-run-soft" d="M0 6H16" strokeWidth="8" />,
    },
    {
      words: 'run',
      has: some(({ runs, lane }) => runs.some(({ start }) => start !== null) || lane.isReady),
      mark: <path className="m-run" d="M0 6H16" strokeWidth="8" />,
    },
    {
      words: 'holds',
      has: isHeld && some(({ lane }) => lane.isReady),
      mark: <path className="m-held" d="M0 6H16" strokeWidth="8" />,
    },
    {
      words: some(({ runs }) => runs.some(({ exitCode }) => exitCode === 0)) ? 'end, exit code' : 'crash, exit code',
      has: some(({ runs }) => runs.some(({ end }) => end !== null)),
      mark: <path className="m-crash" d="M8 0V12" strokeWidth="2" />,
    },
    {
      words: 'wait: nominal, over',
      has: some(({ runs, lane }) => lane.next !== null || runs.some(({ wait }) => wait?.to != null)),
      mark: (
        <>
          <path className="m-wait" d="M0 6H9" strokeWidth="1.5" />
          <path className="m-slack" d="M9 6H16" strokeWidth="1.5" />
        </>
      ),
    },
    {
      words: 'not seen',
      has: some((track) => track.runs.some((run, i) => (missedSpan(track, track.runs[i - 1], run)?.count ?? 0) > 0)),
      mark: <path className="m-missed" d="M0 6H16" strokeWidth="8" />,
    },
    {
      words: 'nothing ran',
      has: some((track) => arrivalOf(track) !== null),
      mark: <path className="m-none" d="M0 6H16" strokeWidth="2" />,
    },
    {
      words: 'next restart',
      has: some(({ lane }) => lane.next !== null || (lane.pull !== null && !isPullStale(lane.pull, now))),
      mark: <path className="m-next" d="M4 .5H12V11.5H4z" />,
    },
  ];
  return (
    <span className="key label" aria-hidden>
      {entries
        .filter(({ has }) => has)
        .map(({ words, mark }) => (
          <span key={words}>
            <svg viewBox="0 0 16 12" width="16" height="12" aria-hidden>
              {mark}
            </svg>
            {words}
          </span>
        ))}
    </span>
  );
}
