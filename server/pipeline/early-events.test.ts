import { expect, it } from 'vitest';
import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import { EarlyEvents } from './early-events';

function event(uid: string): EventSnapshot {
  return {
    uid,
    namespace: 'shop',
    name: uid,
    type: 'Warning',
    reason: 'FailedMount',
    message: 'secret "tls" not found',
    involved: { kind: 'Pod', namespace: 'shop', name: 'web', uid: 'pod' },
    container: '',
    first: null,
    last: null,
    count: 1,
    source: 'kubelet',
    host: 'node-1',
    aggregated: false,
  };
}

it('gives the events of a pod once it appears, oldest first, and once', () => {
  const early = new EarlyEvents();
  early.add('a', event('1'), 1000);
  early.add('b', event('2'), 1000);
  early.add('a', event('3'), 2000);
  expect(early.take('a').map((each) => each.uid)).toEqual(['1', '3']);
  expect(early.take('a')).toEqual([]);
  expect(early.take('b')).toHaveLength(1);
});

it('forgets those of pods that never appeared, by time and by number', () => {
  const early = new EarlyEvents();
  early.add('gone', event('1'), 1000);
  early.add('new', event('2'), 200_000);
  expect(early.take('gone')).toEqual([]);
  for (let i = 0; i < 20_000; i++) early.add(`pod-${i}`, event(`${i}`), 200_000);
  expect(early.take('new')).toEqual([]);
  expect(early.take('pod-19999')).toHaveLength(1);
});
