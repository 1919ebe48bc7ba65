import { notFound } from 'next/navigation';
import type { ReactElement, ReactNode } from 'react';
import { DemoBanner, ProblemBanner } from '@/components/shell/banners';
import { ClusterLive } from '@/components/shell/cluster-live';
import { TopBar } from '@/components/shell/top-bar';
import { readContext } from '@/server/read/context';
import { listClusters } from '@/server/read/list-clusters';
import '@/app/styles/board.css';

interface LayoutProps {
  readonly children: ReactNode;
  readonly params: Promise<{ cluster: string }>;
}

export default async function ClusterLayout({ children, params }: LayoutProps): Promise<ReactElement> {
  const id = decodeURIComponent((await params).cluster);
  const clusters = listClusters(readContext());
  const cluster = clusters.find((one) => one.id === id);
  if (!cluster) notFound();
  return (
    <ClusterLive key={cluster.id} cluster={cluster}>
      <TopBar clusters={clusters} current={cluster} />
      {cluster.demo ? <DemoBanner /> : null}
      <ProblemBanner />
      <main id="main">{children}</main>
    </ClusterLive>
  );
}
