'use client';

import Link from 'next/link';
import type { ReactElement } from 'react';
import { STATE_SIGNS } from '@/components/board/state-words';
import { Since } from '@/components/ui/clock';
import { Icon } from '@/components/ui/icon';
import type { Affected } from '@/lib/contract/cause';
import { pluralOf } from '@/lib/domain/loop';
import { formatAgo } from '@/lib/format/duration';
import { diagnosisPath, diagnosisSearch } from '@/lib/url/diagnosis';

/** Who fails for a cause now, worst first, each with its diagnosis. Clusters are named where there are several. */
export function AffectedList({
  affected,
  hasClusters,
}: {
  readonly affected: readonly Affected[];
  readonly hasClusters: boolean;
}): ReactElement {
  return (
    <ul className="affected">
      {affected.map(({ cluster, id, workload, container, state, replicas, verdict, since }) => (
        <li key={`${cluster}/${id}`}>
          <Icon name={STATE_SIGNS[state].icon} tone={STATE_SIGNS[state].tone} label={STATE_SIGNS[state].word} />
          <div>
            <Link
              className="open"
              prefetch={false}
              href={
                diagnosisPath({
                  cluster,
                  plural: pluralOf(workload.kind),
                  namespace: workload.namespace,
                  name: workload.name,
                }) + diagnosisSearch({ container })
              }
            >
              <span className="muted">
                {hasClusters ? `${cluster} · ` : ''}
                {workload.namespace}/
              </span>
              <b>{workload.name}</b>
              {container === workload.name ? null : <span className="muted">/{container}</span>}
            </Link>
            <span className="what">
              {verdict?.what ?? 'looking at the evidence'}
              {verdict && verdict.cause !== 'unknown' ? (
                <span className="faint label"> {verdict.confidence}</span>
              ) : null}
            </span>
            <span className="label muted">
              {replicas.failing}/{replicas.total} failing, since <Since at={since} text={formatAgo} />
            </span>
          </div>
        </li>
      ))}
    </ul>
  );
}
