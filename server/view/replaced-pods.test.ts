import { describe, expect, it } from 'vitest';
import type { TimelineLane } from '@/lib/contract/timeline';
import type { KnownChange } from './known-changes';
import { pairReplaced } from './replaced-pods';

const lane = (change: Partial<TimelineLane>): TimelineLane => ({
  pod: 'web-new-a',
  podUid: 'a',
  node: 'n',
  revision: '14',
  createdAt: '2026-11-12T13:13:44.000Z',
  deletedAt: null,
  firstStartAt: null,
  isAlive: true,
  isReady: false,
  restarts: 3,
  status: 'Error',
  runs: [],
  next: null,
  pull: null,
  pullText: '',
  replaced: null,
  ...change,
});
const gone = (pod: string, at: string, hash = 'old'): KnownChange => ({
  kind: 'pod-gone',
  at: Date.parse(at),
  text: '',
  short: '',
  pod,
  hash,
  createdAt: null,
});
const nameOf = (hash: string) => (hash === 'old' ? '13' : '14');
const seconds = (at: string) => Date.parse(at) / 1000;

describe('pairReplaced', () => {
  it('puts each deleted pod into the lane of the one made nearest to its end, each only once', () => {
    const lanes = pairReplaced(
      [lane({}), lane({ pod: 'web-new-b', podUid: 'b', createdAt: '2026-11-12T13:15:00.000Z' })],
      [gone('web-old-y', '2026-11-12T13:15:01Z'), gone('web-old-x', '2026-11-12T13:13:45Z')],
      nameOf,
    );
    expect(lanes.map(({ replaced }) => [replaced?.pod, replaced?.revision])).toEqual([
      ['web-old-x', '13'],
      ['web-old-y', '13'],
    ]);
  });

  it('pairs neither pods of one revision nor what lies far apart', () => {
    const changes = [gone('web-old-x', '2026-11-12T12:00:00Z'), gone('web-same', '2026-11-12T13:13:44Z', 'new')];
    expect(pairReplaced([lane({})], changes, nameOf)[0]?.replaced).toBeNull();
  });

  it('moves a recorded pod that never crashed out of a lane of its own, and keeps one that did', () => {
    const end = seconds('2026-11-12T13:13:46Z');
    const calm = lane({
      pod: 'web-old-x',
      podUid: 'x',
      revision: '13',
      isAlive: false,
      runs: [[0, seconds('2026-11-09T16:21:00Z'), end, null, 0, 'free', 0, false]],
    });
    const crashed = {
      ...calm,
      pod: 'web-old-z',
      podUid: 'z',
      runs: [[0, end - 9, end, 1, 0, 'free', 0, false]] as typeof calm.runs,
    };
    const lanes = pairReplaced([lane({}), calm, crashed], [gone('web-old-x', '2026-11-12T13:13:46Z')], nameOf);
    expect(lanes.map(({ pod }) => pod)).toEqual(['web-new-a', 'web-old-z']);
    expect(lanes[0]?.replaced).toEqual({
      pod: 'web-old-x',
      revision: '13',
      createdAt: '2026-11-09T16:21:00.000Z',
      deletedAt: '2026-11-12T13:13:46.000Z',
    });
  });
});
