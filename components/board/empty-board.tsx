'use client';

import Link from 'next/link';
import type { ReactElement } from 'react';
import { Since, useClock } from '@/components/ui/clock';
import { Icon } from '@/components/ui/icon';
import type { Loop, LoopsPage } from '@/lib/contract/loop';
import { pluralOf } from '@/lib/domain/loop';
import { formatAbsolute, formatMinute } from '@/lib/format/clock';
import { formatAgo } from '@/lib/format/duration';
import { hasSeenPods, seenLines } from './cluster-coverage';

/** What stands in place of the list where nothing fails: what was watched, what cannot be seen, what recovered. */
export function EmptyBoard({ cluster, page }: { cluster: string; page: LoopsPage }): ReactElement {
  const recovered = page.loops.filter((loop) => loop.state === 'recovered');
  return (
    <section className="empty" aria-labelledby="empty-title">
      {hasSeenPods(page) ? (
        <>
          <h2 id="empty-title" className="held">
            <Icon name="recovered" tone="held" />
            Nothing is looping
          </h2>
          <p>
            <LastCrash page={page} /> A new loop appears here by itself.
          </p>
        </>
      ) : (
        <>
          <h2 id="empty-title">
            <Icon name="partly" tone="waiting" />
            Nothing can be said yet
          </h2>
          <p>No pod has been seen. What is looping appears here as soon as the cluster answers.</p>
        </>
      )}
      <div className="cols">
        <div>
          <h3>What is watched, and what is not</h3>
          <SeenList page={page} />
        </div>
        {recovered.length > 0 ? (
          <div>
            <h3>Recovered lately</h3>
            <RecoveredList cluster={cluster} loops={recovered} />
          </div>
        ) : null}
      </div>
    </section>
  );
}

/** What is watched, and what cannot be seen, one line for each part. */
export function SeenList({ page }: { page: LoopsPage }): ReactElement {
  const minute = useClock((now) => Math.trunc(now / 60_000));
  return (
    <ul className="seen">
      {seenLines(page, minute * 60_000).map((line) => (
        <li key={line.key}>
          <Icon name={line.icon} tone={line.tone} label={line.iconWords} />
          <b className="what">{line.title}</b>
          <span>{line.text}</span>
        </li>
      ))}
    </ul>
  );
}

function LastCrash({ page }: { page: LoopsPage }): ReactElement {
  const last = page.loops.map((loop) => loop.lastExit?.finishedAt ?? '').reduce((a, b) => (a > b ? a : b), '');
  if (last !== '') {
    return (
      <>
        The last crash was at {formatMinute(Date.parse(last))} UTC, <Since at={last} text={formatAgo} />.
      </>
    );
  }
  const hasCrashed = page.totals.crashesPerHour.some(({ counts }) => Object.values(counts).some((count) => count > 0));
  return <>{hasCrashed ? 'What crashed in the last 24 h is gone.' : 'Nothing has crashed in the last 24 h.'}</>;
}

function RecoveredList({ cluster, loops }: { cluster: string; loops: readonly Loop[] }): ReactElement {
  return (
    <table className="recent">
      <tbody>
        {loops.map(({ id, workload, container, verdict, change, lastExit }) => (
          <tr key={id}>
            <td>
              <Icon name="recovered" tone="held" label="recovered" />
            </td>
            <th scope="row">
              <span className="muted">{workload.namespace}/</span>
              <Link
                className="open"
                prefetch={false}
                href={`/${['c', cluster, pluralOf(workload.kind), workload.namespace, workload.name].map(encodeURIComponent).join('/')}`}
              >
                {workload.name}
              </Link>
              {container === workload.name ? null : <span className="muted">/{container}</span>}
            </th>
            <td>
              {verdict?.what ?? ''} <span className="faint label">{verdict?.confidence ?? ''}</span>
            </td>
            <td className="muted">{change?.text ?? ''}</td>
            <td className="num muted">
              {lastExit?.finishedAt ? (
                <time dateTime={lastExit.finishedAt} title={formatAbsolute(Date.parse(lastExit.finishedAt))}>
                  {formatMinute(Date.parse(lastExit.finishedAt))}
                </time>
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
