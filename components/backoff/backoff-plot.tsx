import type { ReactElement } from 'react';
import { useClock } from '@/components/ui/clock';
import { formatDuration } from '@/lib/format/duration';
import type { BackoffPlotData, PlotPoint } from './plot-points';
import { PLOT, type PlotScale, plotScale, round, stepPath } from './plot-scale';

/** A wait that goes on: since when, and the window in which it ends. */
export interface LiveWait {
  readonly from: string;
  readonly to: string;
  readonly since: string;
  readonly nominalMs: number;
}

/** Wait number against its length, logarithmic: the curve as a step line, what was waited as dots, the next window as a band. */
export function BackoffPlot({
  data,
  next,
}: {
  readonly data: BackoffPlotData;
  readonly next: LiveWait | null;
}): ReactElement {
  const { first, last, nominal, points, capMs } = data;
  const longest = Math.max(capMs, ...points.map(({ actualMs }) => actualMs));
  const scale = plotScale(first, last, longest);
  const xOf = (point: PlotPoint) =>
    scale.column(point.number) + scale.columnWidth * (0.5 + (point.series - (data.replicas.length - 1) / 2) * 0.26);
  const off = points.filter(({ isOff }) => isOff);
  const capY = round(scale.y(capMs));
  return (
    <div className="wait-plot">
      <svg viewBox={`0 0 ${PLOT.width} ${PLOT.height}`} role="img" aria-label={plotWords(data)}>
        {scale.ticks.map(({ y, text }) => (
          <g key={text}>
            <path d={`M${PLOT.left} ${round(y)}H${PLOT.right}`} className="m-grid" />
            <text x={PLOT.left - 6} y={round(y) + 4} textAnchor="end">
              {text}
            </text>
          </g>
        ))}
        <path d={`M${PLOT.left} ${capY}H${PLOT.right}`} className="m-cap" />
        <text x={PLOT.right} y={capY - 5} textAnchor="end">
          cap {formatDuration(capMs)}
        </text>
        <path d={stepPath(nominal, first, scale)} className="nominal" />
        {next ? <Live next={next} number={last} scale={scale} /> : null}
        {points.map((point) => (
          <circle
            key={point.key}
            cx={round(xOf(point))}
            cy={round(scale.y(point.actualMs))}
            r="2.7"
            className={point.isOff ? `dot-${point.series} off` : `dot-${point.series}`}
          >
            <title>{point.words}</title>
          </circle>
        ))}
        <text x={PLOT.left} y={PLOT.height - 6}>
          wait {first}
        </text>
        <text x={round(scale.column(last) + scale.columnWidth)} y={PLOT.height - 6} textAnchor="end">
          {last === first ? (next ? 'now' : '') : next ? `${last}, now` : last}
        </text>
      </svg>
      {/* One press for each wait: dots of several replicas stand too close to be told apart by a finger. */}
      {[...Map.groupBy(off, ({ number }) => number)].map(([number, own]) => {
        const x = own.reduce((sum, point) => sum + xOf(point), 0) / own.length;
        const y = own.reduce((sum, point) => sum + scale.y(point.actualMs), 0) / own.length;
        return (
          <button
            key={number}
            type="button"
            className="off-dot"
            style={{
              left: `${(x / PLOT.width) * 100}%`,
              top: `${(y / PLOT.height) * 100}%`,
              width: `${(Math.min(24, scale.columnWidth) / PLOT.width) * 100}%`,
            }}
          >
            <span className={x > PLOT.width * 0.3 ? 'tip end' : 'tip'}>
              {own.map((point) => (
                <span key={point.key}>{point.words}</span>
              ))}
            </span>
          </button>
        );
      })}
    </div>
  );
}

/** The wait that goes on: how long it has lasted, and the band in which it ends. */
function Live({
  next,
  number,
  scale,
}: {
  readonly next: LiveWait;
  readonly number: number;
  readonly scale: PlotScale;
}): ReactElement {
  const since = Date.parse(next.since);
  const lasted = useClock((now) => Math.max(1, Math.trunc((now - since) / 1000))) * 1000;
  const x = scale.column(number);
  const low = scale.y(Math.max(1000, Date.parse(next.from) - since));
  const high = Math.min(scale.y(Math.max(1000, Date.parse(next.to) - since)), low - 3);
  return (
    <>
      <rect
        x={round(x + 1)}
        y={round(high)}
        width={round(Math.max(4, scale.columnWidth - 2))}
        height={round(low - high)}
        className="m-next"
      />
      <path d={`M${round(x + scale.columnWidth / 2)} ${PLOT.bottom}V${round(scale.y(lasted))}`} className="sofar" />
    </>
  );
}

function plotWords({ first, last, nominal, points, replicas, capMs, isLive }: BackoffPlotData): string {
  const steps = [...new Set(nominal.map((ms) => formatDuration(ms)))].join(', ');
  const seen =
    points.length === 0
      ? 'No wait has been seen to its end'
      : `${points.length} waits of ${replicas.join(' and ')} seen`;
  const off = points.filter(({ isOff }) => isOff).length;
  return `Waits ${first} to ${last}, nominal ${steps}, cap ${formatDuration(capMs)}. ${seen}${points.length > 0 ? `, ${off === 0 ? 'all' : points.length - off} on the curve` : ''}.${isLive ? ` Wait ${last} goes on.` : ''}`;
}
