import Link from 'next/link';
import type { ReactElement } from 'react';
import { Icon } from '@/components/ui/icon';
import type { Cluster } from '@/lib/contract/cluster';
import { ClusterPicker } from './cluster-picker';
import { KeysButton } from './keys-button';
import { LiveIndicator } from './live-indicator';
import { MainNav } from './main-nav';
import { ThemeSwitch } from './theme';

/** The bar on top. Without a cluster (the list of clusters, an error) it holds the brand, the theme and the keys. */
export function TopBar({ clusters = [], current }: { clusters?: readonly Cluster[]; current?: Cluster }): ReactElement {
  return (
    <header className="bar">
      <Link className="brand" href="/">
        <Icon name="brand" />
        Unloop
      </Link>
      {current ? <ClusterPicker clusters={clusters} current={current} /> : null}
      {current ? <MainNav cluster={current.id} /> : null}
      <div className="end">
        {current ? <LiveIndicator /> : null}
        <ThemeSwitch />
        <KeysButton />
      </div>
    </header>
  );
}
