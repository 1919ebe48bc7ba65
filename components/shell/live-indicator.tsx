'use client';

import type { ReactElement } from 'react';
import { useClock } from '@/components/ui/clock';
import { formatAbsolute, formatClock } from '@/lib/format/clock';
import { useStreamStatus } from './cluster-live';
import { describeLive, secondsSilent } from './describe-live';

/** Says in words whether the page is live, since when it is not, and when the last change came. */
export function LiveIndicator(): ReactElement {
  const status = useStreamStatus();
  const silent = useClock((now) => secondsSilent(status, now));
  const { tone, word, detail } = describeLive(status, silent);
  const changed = status.changedAt === null ? null : Date.parse(status.changedAt);
  return (
    <span
      className="live"
      data-state={tone}
      title={changed === null ? detail : `${detail} Last change ${formatAbsolute(changed)}.`}
    >
      <i />
      <span role="status">{word}</span>
      {changed === null ? null : <span className="faint">{formatClock(changed)} UTC</span>}
      {status.outdated ? (
        <button type="button" className="link" onClick={() => location.reload()}>
          Reload for the new version
        </button>
      ) : null}
    </span>
  );
}
