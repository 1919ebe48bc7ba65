import Link from 'next/link';
import type { ReactElement } from 'react';
import { Icon } from '@/components/ui/icon';
import type { Cluster } from '@/lib/contract/cluster';
import { CLUSTER_SIGNS } from './cluster-words';

/** All clusters, with what Unloop sees of each, and what failed where it sees nothing. */
export function ClusterList({ clusters }: { clusters: readonly Cluster[] }): ReactElement {
  return (
    <section className="cluster-list">
      <h1>Clusters</h1>
      <ul>
        {clusters.map((cluster) => {
          const sign = CLUSTER_SIGNS[cluster.state];
          return (
            <li key={cluster.id}>
              <Icon name={sign.icon} tone={sign.tone} />
              <div>
                <Link href={`/c/${encodeURIComponent(cluster.id)}`}>
                  <b>{cluster.id}</b>
                </Link>
                <p className="muted">
                  {cluster.reason ?? (cluster.demo ? 'The embedded demo cluster' : cluster.server)}
                </p>
              </div>
              <span className={sign.tone}>{sign.word}</span>
              <span className="muted num">{cluster.version ?? ''}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
