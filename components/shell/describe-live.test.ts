import { describe, expect, it } from 'vitest';
import type { Cluster } from '@/lib/contract/cluster';
import type { StreamStatus } from '@/lib/query/cluster-stream';
import { describeLive, secondsSilent } from './describe-live';

const cluster: Cluster = {
  id: 'prod',
  server: 'https://10.0.0.1',
  version: 'v1.34.4',
  state: 'live',
  reason: null,
  demo: false,
};
const live: StreamStatus = { connection: { state: 'live' }, cluster, changedAt: null, outdated: false };
const since = Date.parse('2026-11-12T14:02:31Z');
const broken: StreamStatus = {
  ...live,
  connection: { state: 'reconnecting', since, attempt: 3, nextTryAt: since + 14_000 },
};

describe('describeLive', () => {
  it('says live only where both ways are open', () => {
    expect(describeLive(live, 0)).toMatchObject({ tone: 'held', word: 'Live' });
    expect(describeLive({ ...live, connection: { state: 'connecting' } }, 0).word).toBe('Connecting');
  });

  it('calls a short break a break and a long one by its time', () => {
    expect(describeLive(broken, secondsSilent(broken, since + 4000))).toMatchObject({
      tone: 'waiting',
      word: 'Reconnecting',
    });
    const long = describeLive(broken, secondsSilent(broken, since + 12_000));
    expect(long).toMatchObject({ tone: 'failing', word: 'Not live since 14:02:31 UTC' });
    expect(long.detail).toBe('Nothing was heard from Unloop since 14:02:31 UTC; next try at 14:02:45 UTC.');
  });

  it('names what is wrong with the cluster, with the reason', () => {
    const status: StreamStatus = { ...live, cluster: { ...cluster, state: 'stale', reason: 'No answer for 30s.' } };
    expect(describeLive(status, 0)).toMatchObject({ tone: 'failing', word: 'Stale' });
    expect(describeLive(status, 0).detail).toContain('No answer for 30s.');
  });
});
