'use client';

import { type ReactElement, useEffect, useMemo, useRef } from 'react';
import { CutText } from '@/components/log/cut-text';
import { visibleText } from '@/components/log/parse-log';
import { Since } from '@/components/ui/clock';
import { Icon } from '@/components/ui/icon';
import type { Diagnosis, VerdictBody } from '@/lib/contract/diagnosis';
import { countOf, formatCount } from '@/lib/format/count';
import type { TimeSpan } from '@/lib/url/time-span';
import { MarkedText } from './marked-text';
import { eventsIn, type MergedEvent, mergeEvents } from './merge-events';
import { ago } from './words';

export interface EventsPanelProps {
  readonly diagnosis: Diagnosis;
  readonly verdict: VerdictBody | undefined;
  /** UID of the event the address names, or null. */
  readonly event: string | null;
  /** Only events of this stretch are shown; null for all. */
  readonly selection: TimeSpan | null;
}

/** The Events tab: what Kubernetes said, newest first, equal ones merged, and what was not seen. */
export function EventsPanel({ diagnosis, verdict, event, selection }: EventsPanelProps): ReactElement {
  const events = useMemo(() => mergeEvents(eventsIn(diagnosis.events, selection)), [diagnosis.events, selection]);
  const hidden = diagnosis.events.length > 0 && selection !== null;
  const cited = new Set(verdict?.facts.flatMap(({ place }) => (place.tab === 'events' ? [place.eventUid] : [])));
  return (
    <>
      {events.length === 0 ? (
        <div className="hollow">
          <p>
            {hidden ? 'No event of this workload falls in the selected time.' : 'No event of this workload was seen.'}
          </p>
          {diagnosis.eventsText === '' ? null : (
            <p>
              <MarkedText text={diagnosis.eventsText} />
            </p>
          )}
        </div>
      ) : (
        <>
          <table className="events">
            <colgroup>
              <col className="c-when" />
              <col className="c-reason" />
              <col />
              <col className="c-object" />
              <col className="c-count" />
              <col className="c-when" />
            </colgroup>
            <thead>
              <tr>
                <th scope="col">Last</th>
                <th scope="col">Reason</th>
                <th scope="col">Message</th>
                <th scope="col">Object</th>
                <th scope="col" className="count">
                  Count
                </th>
                <th scope="col">First</th>
              </tr>
            </thead>
            <tbody>
              {events.map((row) => (
                <EventRow
                  key={row.uid}
                  event={row}
                  isDecisive={row.uids.some((uid) => cited.has(uid))}
                  isAsked={event !== null && row.uids.includes(event)}
                />
              ))}
            </tbody>
          </table>
          <p className="label muted foot">
            {countOf(events.length, 'event')}
            {hidden ? ' in the selected time' : ''}
            {diagnosis.eventsText === '' ? '.' : '. '}
            <MarkedText text={diagnosis.eventsText} />
          </p>
        </>
      )}
    </>
  );
}

function EventRow({
  event,
  isDecisive,
  isAsked,
}: {
  readonly event: MergedEvent;
  readonly isDecisive: boolean;
  readonly isAsked: boolean;
}): ReactElement {
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (isAsked) row.current?.scrollIntoView({ block: 'nearest' });
  }, [isAsked]);
  const message = visibleText(event.message);
  const isWarning = event.type !== 'Normal';
  return (
    <tr ref={row} aria-current={isAsked || isDecisive ? true : undefined}>
      <td className="when last">{event.last === null ? 'unknown' : <Since at={event.last} text={ago} />}</td>
      <th scope="row" className="reason">
        <Icon name={isWarning ? 'problem' : 'info'} tone={isWarning ? 'waiting' : 'muted'} label={event.type} />
        {visibleText(event.reason)}
        {isDecisive ? <b className="flag">decisive</b> : null}
      </th>
      <td className="message">
        <CutText length={message.length} cut={600} render={(shown) => message.slice(0, shown)} />
      </td>
      <td className="object">
        <code>{visibleText(event.object)}</code>
      </td>
      <td className="count">{formatCount(event.count)}</td>
      <td className="when first">{event.first === null ? 'unknown' : <Since at={event.first} text={ago} />}</td>
    </tr>
  );
}
