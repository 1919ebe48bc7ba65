import type { Cluster } from '@/lib/contract/cluster';
import { formatClock } from '@/lib/format/clock';
import type { StreamStatus } from '@/lib/query/cluster-stream';

export interface LiveWords {
  /** `held`: as live as can be; `waiting`: for a moment not; `failing`: what stands on the page may be wrong. */
  readonly tone: 'held' | 'waiting' | 'failing';
  readonly word: string;
  /** A whole sentence. */
  readonly detail: string;
}

const CLUSTER_WORDS: Readonly<Record<Cluster['state'], LiveWords>> = {
  live: { tone: 'held', word: 'Live', detail: 'Every change shows by itself.' },
  connecting: { tone: 'waiting', word: 'Connecting', detail: 'Unloop is connecting to the cluster.' },
  syncing: { tone: 'waiting', word: 'Reading pods', detail: 'Unloop reads the cluster for the first time.' },
  stale: { tone: 'failing', word: 'Stale', detail: 'The cluster does not answer: the page shows its last word.' },
  forbidden: { tone: 'failing', word: 'Forbidden', detail: 'The cluster refuses what Unloop asks for.' },
  unreachable: { tone: 'failing', word: 'Unreachable', detail: 'The cluster does not answer.' },
  misconfigured: {
    tone: 'failing',
    word: 'Misconfigured',
    detail: 'The configuration of this cluster cannot be used.',
  },
};

/** Short breaks heal before anybody reads of them as a failure. */
const LONG_BREAK_S = 10;

/** Whole seconds since the connection to Unloop broke, 0 while it stands. `now` is epoch ms. */
export function secondsSilent({ connection }: StreamStatus, now: number): number {
  return connection.state === 'reconnecting' ? Math.max(0, Math.trunc((now - connection.since) / 1000)) : 0;
}

/** The words for how live the page is: first the way to Unloop, then Unloop's way to the cluster. */
export function describeLive({ connection, cluster }: StreamStatus, silentSeconds: number): LiveWords {
  if (connection.state === 'reconnecting') {
    return {
      tone: silentSeconds < LONG_BREAK_S ? 'waiting' : 'failing',
      word: silentSeconds < LONG_BREAK_S ? 'Reconnecting' : `Not live since ${formatClock(connection.since)} UTC`,
      detail: `Nothing was heard from Unloop since ${formatClock(connection.since)} UTC; next try at ${formatClock(connection.nextTryAt)} UTC.`,
    };
  }
  const words = CLUSTER_WORDS[cluster.state];
  if (cluster.state === 'live' && connection.state === 'connecting') {
    return { tone: 'waiting', word: 'Connecting', detail: 'The page opens its live connection to Unloop.' };
  }
  return cluster.reason === null ? words : { ...words, detail: `${words.detail} ${cluster.reason}` };
}
