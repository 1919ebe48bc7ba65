'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useQueryState } from 'nuqs';
import type { ReactElement } from 'react';
import { diagnosisParams } from '@/lib/url/diagnosis';

interface ClusterPage {
  readonly title: string;
  /** Below `/c/<cluster>`; empty for the board. */
  readonly segment: string;
}

/** The pages of a cluster, in the order of the bar. A page stands here once it exists. */
const PAGES: readonly ClusterPage[] = [
  { title: 'Board', segment: '' },
  { title: 'History', segment: 'history' },
];

/** The names of pages that are not a workload kind: everything else below a cluster is a diagnosis, of an earlier loop or of the live one. */
const SEGMENTS = new Set(PAGES.map((page) => page.segment));

/** The quick reference is the same for every cluster. */
const CAUSES = '/causes';

/** Links to the pages of a cluster (null: to the list of clusters) and to those of all; the one that is open, or was opened from, is marked. */
export function MainNav({ cluster }: { cluster: string | null }): ReactElement {
  const path = usePathname();
  const root = cluster === null ? '/' : `/c/${encodeURIComponent(cluster)}`;
  const isInCluster = cluster !== null && path.startsWith(root);
  const segment = isInCluster ? (path.slice(root.length).split('/')[1] ?? '') : null;
  const [at] = useQueryState('at', diagnosisParams.at);
  const current = segment === null || SEGMENTS.has(segment) ? segment : at === null ? '' : 'history';
  const isCauses = path.startsWith(CAUSES);
  return (
    <nav aria-label="Main">
      {cluster === null ? (
        <Link href="/" aria-current={path === '/' ? 'page' : undefined}>
          Clusters
        </Link>
      ) : null}
      {(cluster === null ? [] : PAGES).map((page) => (
        <Link
          key={page.segment}
          href={page.segment === '' ? root : `${root}/${page.segment}`}
          aria-current={page.segment === current ? (page.segment === segment ? 'page' : 'true') : undefined}
        >
          {page.title}
        </Link>
      ))}
      <Link href={CAUSES} aria-current={isCauses ? (path === CAUSES ? 'page' : 'true') : undefined}>
        Causes
      </Link>
    </nav>
  );
}
