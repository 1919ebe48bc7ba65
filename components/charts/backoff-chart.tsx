'use client';

import type { ReactElement } from 'react';
import {
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Scatter,
  XAxis,
  YAxis,
} from 'recharts';

/** One wait. `nominalS` is the curve, `waitS` what is really waited; seconds. */
export interface BackoffPoint {
  readonly restart: number;
  readonly nominalS: number;
  readonly waitS: number;
}

export interface BackoffChartProps {
  readonly points: readonly BackoffPoint[];
  readonly capS: number;
  /** For those who cannot see it. */
  readonly words: string;
}

/** A wait of nothing has no place on a logarithmic axis: it stands at the bottom. */
const LOWEST_S = 0.7;
const TICKS = [1, 10, 60, 300];
const TICK_STYLE = { fill: 'var(--ink-faint)', fontSize: 11 } as const;

/** Waits over restarts, on a logarithmic axis: the kubelet's curve as steps, the real waits as dots, the cap as a line. */
export function BackoffChart({ points, capS, words }: BackoffChartProps): ReactElement {
  const data = points.map(({ restart, nominalS, waitS }) => ({
    restart,
    nominal: Math.max(LOWEST_S, nominalS),
    wait: Math.max(LOWEST_S, waitS),
  }));
  return (
    <div className="backoff-chart" role="img" aria-label={words}>
      <ResponsiveContainer width="100%" height="100%">
        <ComposedChart data={data} margin={{ top: 12, right: 20, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid stroke="var(--line)" vertical={false} />
          <XAxis
            dataKey="restart"
            type="number"
            domain={[0.5, points.length + 0.5]}
            ticks={points.map(({ restart }) => restart)}
            tick={TICK_STYLE}
            stroke="var(--line-strong)"
            tickLine={false}
            interval="preserveStartEnd"
          />
          <YAxis
            scale="log"
            type="number"
            domain={[LOWEST_S, 420]}
            ticks={TICKS}
            tickFormatter={tickWords}
            tick={TICK_STYLE}
            stroke="none"
            width={34}
          />
          <ReferenceLine
            y={capS}
            stroke="var(--ink-faint)"
            strokeDasharray="4 3"
            label={{
              value: `cap ${tickWords(capS)}`,
              position: 'insideBottomRight',
              fill: 'var(--ink-muted)',
              fontSize: 11,
            }}
          />
          <Line
            dataKey="nominal"
            type="stepAfter"
            stroke="var(--run)"
            strokeWidth={1.5}
            dot={false}
            isAnimationActive={false}
          />
          <Scatter dataKey="wait" fill="var(--waiting-mark)" isAnimationActive={false} />
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  );
}

function tickWords(seconds: number): string {
  return seconds < 60 ? `${seconds}s` : `${seconds / 60}m`;
}
