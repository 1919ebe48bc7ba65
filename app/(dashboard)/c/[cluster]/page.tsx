import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import type { ReactElement } from 'react';
import { found } from '@/app/found';
import { Board } from '@/components/board/board';
import { loadBoard } from '@/lib/url/board';
import { readContext } from '@/server/read/context';
import { listLoops } from '@/server/read/list-loops';

interface PageProps {
  readonly params: Promise<{ cluster: string }>;
  readonly searchParams: Promise<SearchParams>;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: `Loops in ${decodeURIComponent((await params).cluster)}` };
}

export default async function BoardPage({ params, searchParams }: PageProps): Promise<ReactElement> {
  const cluster = decodeURIComponent((await params).cluster);
  const { ns } = await loadBoard(searchParams);
  const page = await found(() => listLoops(readContext(), { cluster, namespaces: ns.length > 0 ? ns : null }));
  return (
    <>
      <h1 className="hidden-text">Loops in {cluster}</h1>
      <Board cluster={cluster} rendered={{ page, namespaces: ns }} />
    </>
  );
}
