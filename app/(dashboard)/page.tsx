import { redirect } from 'next/navigation';
import type { ReactElement } from 'react';
import { ClusterList } from '@/components/shell/cluster-list';
import { TopBar } from '@/components/shell/top-bar';
import { readContext } from '@/server/read/context';
import { listClusters } from '@/server/read/list-clusters';

export default function ClustersPage(): ReactElement {
  const clusters = listClusters(readContext());
  const [only] = clusters;
  if (only && clusters.length === 1) redirect(`/c/${encodeURIComponent(only.id)}`);
  return (
    <>
      <TopBar />
      <main id="main">
        <ClusterList clusters={clusters} />
      </main>
    </>
  );
}
