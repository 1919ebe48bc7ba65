'use client';

import Link from 'next/link';
import type { ReactElement } from 'react';
import { Icon } from '@/components/ui/icon';
import { Popover } from '@/components/ui/popover';
import type { Cluster } from '@/lib/contract/cluster';
import { useStreamStatus } from './cluster-live';
import { CLUSTER_SIGNS } from './cluster-words';

/** Names the cluster, and lists all of them with what Unloop sees of each. */
export function ClusterPicker({ clusters, current }: { clusters: readonly Cluster[]; current: Cluster }): ReactElement {
  const live = useStreamStatus().cluster;
  return (
    <Popover
      className="quiet cluster"
      label={`Cluster ${current.id}, change`}
      button={
        <>
          <span>{current.id}</span>
          <Icon name="down" />
        </>
      }
    >
      {(close) => (
        <ul className="clusters">
          {clusters.map((cluster) => (
            <li key={cluster.id}>
              <Link
                href={`/c/${encodeURIComponent(cluster.id)}`}
                aria-current={cluster.id === current.id ? 'true' : undefined}
                prefetch={false}
                onClick={close}
              >
                <ClusterLine cluster={cluster.id === live.id ? live : cluster} />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Popover>
  );
}

function ClusterLine({ cluster }: { cluster: Cluster }): ReactElement {
  const sign = CLUSTER_SIGNS[cluster.state];
  return (
    <>
      <Icon name={sign.icon} tone={sign.tone} />
      <span>
        <b>{cluster.id}</b> <span className="muted">{sign.word}</span>
        <span className="label muted server">
          {cluster.demo ? 'embedded demo' : cluster.server}
          {cluster.version === null ? '' : `, ${cluster.version}`}
        </span>
      </span>
    </>
  );
}
