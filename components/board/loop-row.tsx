'use client';

import Link from 'next/link';
import { memo, type ReactElement, type Ref } from 'react';
import { Since, Ticking, useClock } from '@/components/ui/clock';
import { Icon } from '@/components/ui/icon';
import type { Loop } from '@/lib/contract/loop';
import { pluralOf } from '@/lib/domain/loop';
import { isNotServing } from '@/lib/domain/order-loops';
import { formatAgo, formatDuration } from '@/lib/format/duration';
import { HourStrip } from './hour-strip';
import { nextTitle, nextTone, nextWords } from './next-words';
import { CELL, ROW } from './roles';
import { kindWord, STATE_SIGNS } from './state-words';

/** A longer STATUS stands in two lines: kubectl's word is never cut. */
const LONG_STATUS = 26;

export interface LoopRowProps {
  readonly cluster: string;
  readonly loop: Loop;
  /** Other loops of the same workload are listed too: the link must name the container. */
  readonly isShared: boolean;
  readonly hasChange: boolean;
  /** Stands under the line of its group. */
  readonly isMember: boolean;
  /** Place in the whole list from 0, where only a part of it is rendered. */
  readonly index?: number;
  readonly measure?: Ref<HTMLTableRowElement>;
}

/** One loop, in one line: what fails, why, since when, what next. At 390 px a card with the same order of facts. */
export const LoopRow = memo(function LoopRow(props: LoopRowProps): ReactElement {
  const { loop, cluster, hasChange, isMember, index, measure } = props;
  const { state, workload, status, since, change } = loop;
  const sign = STATE_SIGNS[state];
  const isSettled = state === 'recovered' || state === 'gone';
  return (
    <tr
      {...ROW}
      ref={measure}
      className={isMember ? 'member' : isSettled ? 'settled' : undefined}
      data-state={state}
      data-index={index}
      aria-rowindex={index === undefined ? undefined : index + 2}
    >
      <td {...CELL} className="c-state">
        <span className="state">
          <Icon name={sign.icon} tone={sign.tone} />
          {sign.word}
        </span>
      </td>
      <td {...CELL} className="c-ns muted" title={workload.namespace}>
        {workload.namespace}
      </td>
      <td {...CELL} className="c-name name">
        <WorkloadName loop={loop} href={hrefOf(cluster, loop, props.isShared)} />
      </td>
      <td {...CELL} className="c-cause">
        <Cause verdict={loop.verdict} state={state} />
      </td>
      <td {...CELL} className={status.length > LONG_STATUS ? 'c-status long' : 'c-status'}>
        {state === 'gone' ? <span className="muted">pod deleted</span> : status}
      </td>
      <td {...CELL} className="c-restarts restarts">
        <b>{loop.restarts}</b>
        {loop.restarts > 0 && loop.lastRestartAt !== null ? (
          <span>
            (<Since at={loop.lastRestartAt} text={formatAgo} />)
          </span>
        ) : null}
      </td>
      <td {...CELL} className="c-strip">
        <HourStrip loop={loop} />
      </td>
      <td {...CELL} className="c-next">
        <NextRestart loop={loop} />
      </td>
      <td {...CELL} className="c-fail num">
        <Failing state={state} replicas={loop.replicas} />
      </td>
      <td {...CELL} className="c-since num muted">
        <Since at={since} text={formatDuration} />
      </td>
      {hasChange ? (
        <td {...CELL} className="c-change muted" title={change?.text}>
          {change?.text}
        </td>
      ) : null}
    </tr>
  );
});

function hrefOf(cluster: string, { workload, container }: Loop, isShared: boolean): string {
  const path = ['c', cluster, pluralOf(workload.kind), workload.namespace, workload.name].map(encodeURIComponent);
  return `/${path.join('/')}${isShared ? `?container=${encodeURIComponent(container)}` : ''}`;
}

function WorkloadName({
  loop: { workload, container, containerType, nodes },
  href,
}: {
  loop: Loop;
  href: string;
}): ReactElement {
  const kind = kindWord(workload.kind);
  const role = containerType === 'app' ? 'container' : `${containerType} container`;
  const where = nodes.length > 0 ? `, on ${nodes.join(', ')}` : '';
  return (
    <span title={`${workload.kind} ${workload.namespace}/${workload.name}, ${role} ${container}${where}`}>
      <span className="prefix">{workload.namespace}/</span>
      <Link href={href} prefetch={false} className="open">
        {workload.name}
      </Link>
      {container === workload.name ? null : <span className="muted">/{container}</span>}
      {kind === '' ? null : <span className="faint label"> {kind}</span>}
    </span>
  );
}

/** The cause in words, with how sure it is. */
export function Cause({ verdict, state }: Pick<Loop, 'verdict' | 'state'>): ReactElement {
  if (!verdict) {
    return <span className="faint">{state === 'gone' ? 'no evidence was kept' : 'looking at the evidence'}</span>;
  }
  return (
    <span className="cause-cell">
      <span className="what" title={verdict.what}>
        {verdict.what}
      </span>
      {verdict.cause === 'unknown' ? null : <span className={`sure ${verdict.confidence}`}>{verdict.confidence}</span>}
    </span>
  );
}

function NextRestart({ loop }: { loop: Loop }): ReactElement {
  const tone = useClock((now) => nextTone(loop, now));
  return (
    <span className={tone} title={nextTitle(loop) || undefined}>
      <Ticking text={(now) => nextWords(loop, now)} />
    </span>
  );
}

/** How many replicas fail of how many; marked where all do. */
export function Failing({ state, replicas }: Pick<Loop, 'state' | 'replicas'>): ReactElement {
  const { failing, total } = replicas;
  if (failing === 0) return <span className="muted">{`0/${total}`}</span>;
  const numbers = (
    <>
      <b>{failing}</b>/{total}
    </>
  );
  return isNotServing({ state, replicas }) ? (
    <span className="failing" title="Not serving: all replicas fail">
      {numbers}
    </span>
  ) : (
    numbers
  );
}
