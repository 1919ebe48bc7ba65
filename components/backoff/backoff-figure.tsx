'use client';

import { type ReactElement, useMemo } from 'react';
import { tracksOf } from '@/components/timeline/track';
import { Ticking } from '@/components/ui/clock';
import type { Loop } from '@/lib/contract/loop';
import type { Timeline, TimelineLane } from '@/lib/contract/timeline';
import { nominalWaitMs } from '@/lib/domain/backoff-curve';
import { BACKOFF_RESET_MS } from '@/lib/domain/container-exits';
import { formatDuration } from '@/lib/format/duration';
import { BackoffPlot } from './backoff-plot';
import { countdown, pullCountdown } from './countdown';
import { fitWords, plotData } from './plot-points';

/** Whether the waits of a loop follow the back-off that the kubelet promises, and when it tries again. */
export function BackoffFigure({
  timeline,
  loop,
}: {
  readonly timeline: Timeline;
  readonly loop: Loop;
}): ReactElement | null {
  const tracks = useMemo(() => tracksOf(timeline, loop), [timeline, loop]);
  const data = useMemo(() => plotData(timeline, tracks), [timeline, tracks]);
  const next = tracks.find(({ lane }) => lane.next !== null)?.lane.next ?? null;
  const pull = tracks.find(({ lane }) => lane.pull !== null)?.lane.pull ?? null;
  if (data === null && pull === null) return null;
  if (data === null) return pull === null ? null : <PullFigure pull={pull} />;
  const resetAfter = BACKOFF_RESET_MS - Math.min(data.capMs, data.nominal.at(-1) ?? 0);
  return (
    <figure className="backoff">
      <figcaption className="section-head">
        <h2>Back-off</h2>
        <span className="key label" aria-hidden>
          <span>
            <svg viewBox="0 0 16 12" width="16" height="12" aria-hidden>
              <path className="nominal" d="M0 6H16" />
            </svg>
            nominal
          </span>
          {data.replicas.map((replica, series) => (
            <span key={replica}>
              <svg viewBox="0 0 8 8" width="8" height="8" aria-hidden>
                <circle className={`dot-${series}`} cx="4" cy="4" r="3" />
              </svg>
              {replica}
            </span>
          ))}
        </span>
      </figcaption>
      <BackoffPlot data={data} next={data.isLive ? next : null} />
      {next ? (
        <p className="next-words">
          <b>Next restart</b> <Ticking text={(now) => countdown(next, now).text} />
        </p>
      ) : null}
      <p className="label muted">
        {fitWords(timeline, formatDuration)} A run longer than {formatDuration(resetAfter)} resets the waits.
      </p>
      {pull ? <PullWords pull={pull} /> : null}
    </figure>
  );
}

type Pull = NonNullable<TimelineLane['pull']>;

/** The back-off of image pulls: no restart, so no wait of one is known; only how often it failed and how long it waits now. */
function PullFigure({ pull }: { readonly pull: Pull }): ReactElement {
  const last = Math.min(pull.failures, 12);
  const first = 1;
  const nominal = Array.from({ length: last }, (_, i) => nominalWaitMs(i + 2));
  const data = { first, last, nominal, capMs: 300_000, points: [], replicas: [], isLive: true };
  const next = { from: pull.from, to: pull.to, since: pull.lastAt, nominalMs: pull.nominalMs };
  return (
    <figure className="backoff">
      <figcaption className="section-head">
        <h2>Image-pull back-off</h2>
      </figcaption>
      <BackoffPlot data={data} next={next} />
      <PullWords pull={pull} />
    </figure>
  );
}

function PullWords({ pull }: { readonly pull: Pull }): ReactElement {
  return (
    <>
      <p className="next-words">
        <b>
          {pull.failures} failed {pull.failures === 1 ? 'pull' : 'pulls'}
        </b>
        , <Ticking text={(now) => pullCountdown(pull, now).text} />
      </p>
      <p className="label muted">
        Kept apart from that of restarts: 10s doubling to 5m, counted from the first failed pull on.
      </p>
    </>
  );
}
