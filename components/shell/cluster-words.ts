import type { IconName } from '@/components/ui/icon';
import type { Cluster } from '@/lib/contract/cluster';

export interface ClusterSign {
  readonly icon: IconName;
  readonly tone: string;
  readonly word: string;
}

/** Icon, hue and word of each state of a cluster. */
export const CLUSTER_SIGNS: Readonly<Record<Cluster['state'], ClusterSign>> = {
  live: { icon: 'recovered', tone: 'held', word: 'live' },
  connecting: { icon: 'slow', tone: 'starting', word: 'connecting' },
  syncing: { icon: 'slow', tone: 'starting', word: 'reading pods' },
  stale: { icon: 'problem', tone: 'waiting', word: 'stale' },
  forbidden: { icon: 'unseen', tone: 'failing', word: 'forbidden' },
  unreachable: { icon: 'problem', tone: 'failing', word: 'unreachable' },
  misconfigured: { icon: 'problem', tone: 'failing', word: 'misconfigured' },
};
