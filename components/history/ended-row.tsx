'use client';

import Link from 'next/link';
import { memo, type ReactElement } from 'react';
import { CELL, ROW } from '@/components/board/roles';
import { kindWord } from '@/components/board/state-words';
import { Since, Ticking } from '@/components/ui/clock';
import { Icon } from '@/components/ui/icon';
import type { EndedLoop } from '@/lib/contract/history';
import { pluralOf } from '@/lib/domain/loop';
import { formatCount } from '@/lib/format/count';
import { formatAgo, formatDuration } from '@/lib/format/duration';
import { diagnosisPath, diagnosisSearch } from '@/lib/url/diagnosis';
import { endWords, OUTCOME_SIGNS, sinceWords } from './ended-words';
import { periodMark } from './period-mark';

export interface EndedRowProps {
  readonly cluster: string;
  readonly ended: EndedLoop;
  /** The axis that all rows share, epoch milliseconds. */
  readonly from: number;
  readonly to: number;
}

/** One ended loop in one line: what failed, why, how long, what ended it, and whether that lasted. */
export const EndedRow = memo(function EndedRow({ cluster, ended, from, to }: EndedRowProps): ReactElement {
  const { loop, outcome, endedAt, failedMs, crashes } = ended;
  const { workload, container, verdict } = loop;
  const sign = OUTCOME_SIGNS[outcome];
  const kind = kindWord(workload.kind);
  const words = endWords(ended);
  return (
    <tr {...ROW} data-outcome={outcome}>
      <td {...CELL} className="c-state">
        <span className="state">
          <Icon name={sign.icon} tone={sign.tone} />
          {sign.word}
        </span>
      </td>
      <td {...CELL} className="c-ended muted">
        <Since at={endedAt} text={formatAgo} />
      </td>
      <td {...CELL} className="c-ns muted" title={workload.namespace}>
        {workload.namespace}
      </td>
      <td {...CELL} className="c-name name">
        <span title={`${workload.kind} ${workload.namespace}/${workload.name}, container ${container}`}>
          <span className="prefix">{workload.namespace}/</span>
          <Link href={hrefOf(cluster, ended)} prefetch={false} className="open">
            {workload.name}
          </Link>
          {container === workload.name ? null : <span className="muted">/{container}</span>}
          {kind === '' ? null : <span className="faint label"> {kind}</span>}
        </span>
      </td>
      <td {...CELL} className="c-cause">
        {verdict ? (
          <span className="cause-cell">
            <span className="what" title={verdict.what}>
              {verdict.what}
            </span>
            {verdict.cause === 'unknown' ? null : (
              <span className={`sure ${verdict.confidence}`}>{verdict.confidence}</span>
            )}
          </span>
        ) : (
          <span className="faint">no evidence was kept</span>
        )}
      </td>
      <td {...CELL} className="c-crashes num">
        <b>{formatCount(crashes)}</b>
      </td>
      <td {...CELL} className="c-lasted num">
        {formatDuration(failedMs)}
      </td>
      <td {...CELL} className="c-when">
        <PeriodStrip ended={ended} from={from} to={to} />
      </td>
      <td {...CELL} className="c-end" title={words}>
        {words}
      </td>
      <td {...CELL} className={`c-then ${outcome === 'came-back' ? 'failing' : 'muted'}`}>
        <Ticking text={(now) => sinceWords(ended, now)} />
      </td>
    </tr>
  );
});

function hrefOf(cluster: string, { loop: { workload, container }, endedAt }: EndedLoop): string {
  const { kind, namespace, name } = workload;
  return (
    diagnosisPath({ cluster, plural: pluralOf(kind), namespace, name }) + diagnosisSearch({ container, at: endedAt })
  );
}

/** When in the period it failed: a bar; held: a thin line; failed again: a tick. */
function PeriodStrip({ ended, from, to }: Pick<EndedRowProps, 'ended' | 'from' | 'to'>): ReactElement {
  const { loop, failedMs, lastCrashAt, endedAt, cameBackAt } = ended;
  const lastFailedAt = Date.parse(lastCrashAt ?? endedAt);
  const mark = periodMark(
    {
      beganAt: lastFailedAt - failedMs,
      lastFailedAt,
      endedAt: Date.parse(endedAt),
      cameBackAt: cameBackAt === null ? null : Date.parse(cameBackAt),
    },
    from,
    to,
  );
  const label = `${loop.workload.name} failed for ${formatDuration(failedMs)}${mark.isCut ? ', from before this period' : ''}`;
  return (
    <svg className="strip" viewBox="0 0 136 20" preserveAspectRatio="none" role="img" aria-label={label}>
      <path className="m-grid" d="M0 10H136" />
      <rect className="m-failed" x={mark.failed.x} y={6} width={mark.failed.width} height={8} />
      {mark.held === '' ? null : <path className="m-held" d={mark.held} strokeWidth={2} />}
      {mark.again === null ? null : (
        <path className="m-crash" d={`M${mark.again} 3V17`} strokeWidth={1.5} vectorEffect="non-scaling-stroke" />
      )}
    </svg>
  );
}
