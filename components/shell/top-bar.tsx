import Link from 'next/link';
import type { ReactElement } from 'react';
import { Icon } from '@/components/ui/icon';
import type { Cluster } from '@/lib/contract/cluster';
import { ClusterPicker } from './cluster-picker';
import { KeysButton } from './keys-button';
import { LiveIndicator } from './live-indicator';
import { MainNav } from './main-nav';
import { ThemeSwitch } from './theme';

export interface TopBarProps {
  readonly clusters?: readonly Cluster[];
  /** The cluster that the page is about. */
  readonly current?: Cluster;
  /** The cluster whose pages are linked where the page is about none. */
  readonly home?: string;
}

/** The bar on top. Without a cluster (the list of clusters, the causes, an error) it says nothing about being live. */
export function TopBar({ clusters = [], current, home }: TopBarProps): ReactElement {
  return (
    <header className="bar">
      <Link className="brand" href="/">
        <Icon name="brand" />
        Unloop
      </Link>
      {current ? <ClusterPicker clusters={clusters} current={current} /> : null}
      {current === undefined && home !== undefined ? (
        <Link className="button quiet cluster" href={`/c/${encodeURIComponent(home)}`}>
          <span>{home}</span>
        </Link>
      ) : null}
      <MainNav cluster={current?.id ?? home ?? null} />
      <div className="end">
        {current ? <LiveIndicator /> : null}
        <ThemeSwitch />
        <KeysButton />
      </div>
    </header>
  );
}
