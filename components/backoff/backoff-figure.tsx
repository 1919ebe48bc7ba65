'use client';

import { type ReactElement, useMemo } from 'react';
import { tracksOf } from '@/components/timeline/track';
import { Since, Ticking, useClock } from '@/components/ui/clock';
import type { Loop } from '@/lib/contract/loop';
import type { Timeline, TimelineLane } from '@/lib/contract/timeline';
import { DEFAULT_BACKOFF, nominalWaitMs } from '@/lib/domain/backoff-curve';
import { BACKOFF_RESET_MS } from '@/lib/domain/container-exits';
import { countOf } from '@/lib/format/count';
import { formatAgo, formatDuration } from '@/lib/format/duration';
import { BackoffPlot } from './backoff-plot';
import { countdown, isPullStale, pullCountdown } from './countdown';
import { fitWords, isWithoutBackoff, plotData } from './plot-points';

/** So many pulls bring the delay to its cap and show it there. */
const PULLS_SHOWN = 9;

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
  if (next === null && isWithoutBackoff(tracks)) return <NoBackoff waits={data.points.length} />;
  const off = data.points.filter(({ isOff }) => isOff).length;
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
          {off > 0 ? (
            <span>
              <svg viewBox="0 0 8 8" width="8" height="8" aria-hidden>
                <circle className="dot-off" cx="4" cy="4" r="3" />
              </svg>
              off the curve
            </span>
          ) : null}
        </span>
      </figcaption>
      <BackoffPlot data={data} next={data.isLive ? next : null} />
      {next ? (
        <p className="next-words">
          <b>Next restart</b> <Ticking text={(now) => countdown(next, now).text} />
        </p>
      ) : null}
      <p className="label muted">
        {fitWords(timeline, formatDuration)}{' '}
        {off === 0 ? '' : `${countOf(off, 'wait is', 'waits are')} off the curve and say${off === 1 ? 's' : ''} why. `}A
        run longer than {formatDuration(resetAfter)} resets the waits.
      </p>
      {pull ? <PullWords pull={pull} /> : null}
    </figure>
  );
}

/** Each run outlives the kubelet's memory: there is nothing to plot, and that is worth a sentence. */
function NoBackoff({ waits }: { readonly waits: number }): ReactElement {
  return (
    <figure className="backoff">
      <figcaption className="section-head">
        <h2>No back-off</h2>
      </figcaption>
      <p>
        Each run lasts longer than {formatDuration(BACKOFF_RESET_MS)}. By then the kubelet has forgotten the crash
        before, so
        {waits > 1 ? ` all ${waits} recorded restarts` : ' the restart'} came at once.
      </p>
      <p className="label muted">
        kubectl never shows CrashLoopBackOff for such a loop: only the count of restarts grows.
      </p>
    </figure>
  );
}

type Pull = NonNullable<TimelineLane['pull']>;

/** The back-off of image pulls: no restart, so no wait of one is known; only how often it failed and how long it waits now. */
function PullFigure({ pull }: { readonly pull: Pull }): ReactElement {
  const isStale = useClock((now) => isPullStale(pull, now));
  const last = isStale ? PULLS_SHOWN : Math.min(pull.failures, PULLS_SHOWN);
  const nominal = Array.from({ length: last }, (_, i) => nominalWaitMs(i + 2));
  const data = { first: 1, last, nominal, capMs: DEFAULT_BACKOFF.capMs, points: [], replicas: [], isLive: !isStale };
  const next = { from: pull.from, to: pull.to, since: pull.lastAt, nominalMs: pull.nominalMs };
  return (
    <figure className="backoff">
      <figcaption className="section-head">
        <h2>Image-pull back-off</h2>
      </figcaption>
      <BackoffPlot data={data} next={isStale ? null : next} />
      <PullWords pull={pull} />
    </figure>
  );
}

function PullWords({ pull }: { readonly pull: Pull }): ReactElement {
  const isStale = useClock((now) => isPullStale(pull, now));
  const pulls = `${pull.failures} failed ${pull.failures === 1 ? 'pull' : 'pulls'}`;
  return (
    <>
      {isStale ? (
        <p className="next-words">
          <b>At least {pulls}</b>, the last that events tell of <Since at={pull.lastAt} text={formatAgo} />. By now it
          tries each 5m: the kubelet holds events of one sort back.
        </p>
      ) : (
        <p className="next-words">
          <b>{pulls}</b>, <Ticking text={(now) => pullCountdown(pull, now).text} />
        </p>
      )}
      <p className="label muted">
        Kept apart from that of restarts: 10s doubling to 5m, counted from the first failed pull on.
      </p>
    </>
  );
}
