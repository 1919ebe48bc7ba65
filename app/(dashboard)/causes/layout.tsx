import type { ReactElement, ReactNode } from 'react';
import { TopBar } from '@/components/shell/top-bar';
import { readContext } from '@/server/read/context';
import { listClusters } from '@/server/read/list-clusters';
import '@/app/styles/board.css';
import '@/app/styles/causes.css';

export default function CausesLayout({ children }: { readonly children: ReactNode }): ReactElement {
  const clusters = listClusters(readContext());
  const [only] = clusters;
  return (
    <>
      <TopBar {...(only && clusters.length === 1 ? { home: only.id } : {})} />
      <main id="main">{children}</main>
    </>
  );
}
