'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactElement } from 'react';

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

/** The names of pages that are not a workload kind: everything else below a cluster is a diagnosis, reached from the board. */
const SEGMENTS = new Set(PAGES.map((page) => page.segment));

/** Links to the pages of a cluster; the one that is open, or was opened from, is marked. */
export function MainNav({ cluster }: { cluster: string }): ReactElement {
  const root = `/c/${encodeURIComponent(cluster)}`;
  const segment = usePathname().slice(root.length).split('/')[1] ?? '';
  const current = SEGMENTS.has(segment) ? segment : '';
  return (
    <nav aria-label="Main">
      {PAGES.map((page) => (
        <Link
          key={page.segment}
          href={page.segment === '' ? root : `${root}/${page.segment}`}
          aria-current={page.segment === current ? (page.segment === segment ? 'page' : 'true') : undefined}
        >
          {page.title}
        </Link>
      ))}
    </nav>
  );
}
