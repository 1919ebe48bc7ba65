import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import type { ReactElement } from 'react';
import { found } from '@/app/found';
import { History } from '@/components/history/history';
import { loadHistory, periodMs } from '@/lib/url/history';
import { readContext } from '@/server/read/context';
import { listHistory } from '@/server/read/list-history';
import '@/app/styles/history.css';

interface PageProps {
  readonly params: Promise<{ cluster: string }>;
  readonly searchParams: Promise<SearchParams>;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: `Ended loops in ${decodeURIComponent((await params).cluster)}` };
}

export default async function HistoryPage({ params, searchParams }: PageProps): Promise<ReactElement> {
  const cluster = decodeURIComponent((await params).cluster);
  const { ns, q, period } = await loadHistory(searchParams);
  const page = await found(() =>
    listHistory(readContext(), {
      cluster,
      namespaces: ns.length > 0 ? ns : null,
      filter: q,
      periodMs: periodMs(period),
    }),
  );
  return (
    <>
      <h1 className="hidden-text">Ended loops in {cluster}</h1>
      <History cluster={cluster} rendered={{ page, scope: { cluster, namespaces: ns, filter: q, period } }} />
    </>
  );
}
