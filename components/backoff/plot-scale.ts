/** The plot's own units; it is stretched as a whole. */
export const PLOT = { width: 332, height: 150, left: 30, right: 328, top: 14, bottom: 128 } as const;

const SECOND = 1000;
const TICKS = [
  { ms: SECOND, text: '1s' },
  { ms: 10 * SECOND, text: '10s' },
  { ms: 60 * SECOND, text: '1m' },
  { ms: 300 * SECOND, text: '5m' },
  { ms: 1800 * SECOND, text: '30m' },
] as const;

/** Where waits stand: numbers in equal columns, lengths on a logarithmic scale from one second. */
export interface PlotScale {
  /** Left edge of a wait's column. */
  column(number: number): number;
  readonly columnWidth: number;
  y(ms: number): number;
  readonly ticks: readonly { readonly y: number; readonly text: string }[];
}

/** The scale for waits `first` to `last`, the longest of which took `mostMs`. */
export function plotScale(first: number, last: number, mostMs: number): PlotScale {
  const columns = Math.max(1, last - first + 1);
  const columnWidth = Math.min(28, (PLOT.right - PLOT.left) / columns);
  const most = Math.log10(Math.max(mostMs * 1.15, 10 * SECOND) / SECOND);
  const y = (ms: number) => PLOT.bottom - (Math.log10(Math.max(ms, SECOND) / SECOND) / most) * (PLOT.bottom - PLOT.top);
  return {
    column: (number) => PLOT.left + (number - first) * columnWidth,
    columnWidth,
    y,
    ticks: TICKS.filter(({ ms }) => ms <= mostMs * 1.15).map(({ ms, text }) => ({ y: y(ms), text })),
  };
}

/** The nominal curve as a step line over the columns. */
export function stepPath(nominal: readonly number[], first: number, scale: PlotScale): string {
  return nominal
    .map((ms, i) => {
      const x = round(scale.column(first + i));
      return `${i === 0 ? `M${x} ` : 'V'}${round(scale.y(ms))}H${round(x + scale.columnWidth)}`;
    })
    .join('');
}

/** One decimal is finer than a screen. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
