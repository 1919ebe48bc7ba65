'use client';

import type { ReactElement } from 'react';
import { useClock } from '@/components/ui/clock';
import { CopyButton } from '@/components/ui/copy-button';
import { Icon } from '@/components/ui/icon';
import type { Cluster } from '@/lib/contract/cluster';
import { formatClock } from '@/lib/format/clock';
import { useStreamStatus } from './cluster-live';

const CONNECT = 'npm start -- --context <name>';

/** Says that the cluster is made up, and how to see one's own. */
export function DemoBanner(): ReactElement {
  return (
    <aside className="banner demo" aria-label="Demo cluster">
      <Icon name="info" />
      <div>
        This is the embedded demo cluster: made-up workloads, real back-off. To watch your own, read-only:{' '}
        <code className="nowrap">{CONNECT}</code>
      </div>
      <CopyButton className="button quiet end" text={() => CONNECT}>
        Copy command
      </CopyButton>
    </aside>
  );
}

type Trouble = 'stale' | 'forbidden' | 'unreachable' | 'misconfigured';

const TITLES: Readonly<Record<Trouble, (id: string) => string>> = {
  stale: (id) => `${id} stopped answering. What stands below is its last word.`,
  forbidden: (id) => `${id} refuses what Unloop asks for.`,
  unreachable: (id) => `${id} cannot be reached.`,
  misconfigured: (id) => `The configuration of ${id} cannot be used.`,
};

/** Says what failed, where, what to do and when the next try is, while the cluster cannot be seen. */
export function ProblemBanner(): ReactElement | null {
  const { cluster } = useStreamStatus();
  const { state } = cluster;
  if (state === 'live' || state === 'connecting' || state === 'syncing') return null;
  return (
    <section className="banner problem" role="alert">
      <Icon name="problem" />
      <div>
        <b>{TITLES[state](cluster.id)}</b> {cluster.reason}{' '}
        <span className="muted">
          <NextTry cluster={cluster} />
        </span>
      </div>
    </section>
  );
}

function NextTry({ cluster }: { cluster: Cluster }): string {
  const nextTryAt = cluster.nextTryAt ? Date.parse(cluster.nextTryAt) : null;
  const isAhead = useClock((now) => nextTryAt !== null && nextTryAt > now);
  if (nextTryAt !== null && isAhead) return `Next try at ${formatClock(nextTryAt)} UTC.`;
  return cluster.state === 'misconfigured' ? '' : 'Unloop keeps trying by itself; the page recovers without a reload.';
}
