'use client';

import { memo, type ReactElement } from 'react';
import { useClock } from '@/components/ui/clock';
import type { Loop } from '@/lib/contract/loop';
import { stripPaths } from './strip-paths';

/** A quarter of a unit of the strip's width: finer steps cannot be seen. */
const STEP_S = 8;

/** The last hour of a loop: runs as bars, crashes as ticks, waits as a thin line, the next window as an outline. */
export const HourStrip = memo(function HourStrip({ loop }: { loop: Loop }): ReactElement {
  const now = useClock((time) => Math.trunc(time / 1000 / STEP_S) * STEP_S);
  const { runs, held, crashes, waits, none, next, words } = stripPaths(loop, now);
  return (
    <svg className="strip" viewBox="0 0 120 20" role="img" aria-label={words}>
      {waits === '' ? null : <path className="m-wait" d={waits} />}
      {none === '' ? null : <path className="m-none" d={none} strokeWidth={2} />}
      {runs === '' ? null : <path className="m-run" d={runs} strokeWidth={6} />}
      {held === '' ? null : <path className="m-held" d={held} strokeWidth={6} />}
      {crashes === '' ? null : <path className="m-crash" d={crashes} strokeWidth={1.5} />}
      <path className="m-now" d="M108.5 1V19" />
      {next ? <rect className="m-next" x={next.x} y={4.5} width={next.width} height={11} /> : null}
    </svg>
  );
});
