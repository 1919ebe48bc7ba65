import { describe, expect, test } from 'vitest';
import { Clock } from './clock';
import { type EventInput, EventRecorder, expireEvents } from './events';
import type { KubeObject } from './kube-types';
import { ObjectStore } from './object-store';
import { createRandom } from './random';

const OPENED_AT = Date.parse('2026-11-25T12:00:00Z');

function setUp(): {
  clock: Clock;
  record(message: string, rest?: Partial<EventInput>): void;
  written(): readonly KubeObject[];
} {
  const clock = new Clock({ beginAt: OPENED_AT, openedAt: OPENED_AT, speed: 1 });
  const store = new ObjectStore({ firstVersion: 1, keptChanges: 100 });
  expireEvents(store, clock);
  const recorder = new EventRecorder({ store, clock, random: createRandom(1), component: 'kubelet', host: 'worker-1' });
  const about = { kind: 'Pod', namespace: 'shop', name: 'cart-0', uid: 'u1', apiVersion: 'v1' };
  return {
    clock,
    record: (message, rest = {}) => recorder.record({ about, type: 'Warning', reason: 'BackOff', message, ...rest }),
    written: () => store.list('events'),
  };
}

describe('events', () => {
  test('count up in place when they say the same', () => {
    const { clock, record, written } = setUp();
    for (let turn = 0; turn < 5; turn += 1) {
      clock.runUntil(OPENED_AT + turn * 12_000);
      record('Back-off restarting failed container app');
    }
    expect(written()).toHaveLength(1);
    expect(written()[0]).toMatchObject({
      count: 5,
      firstTimestamp: '2026-11-25T12:00:00Z',
      lastTimestamp: '2026-11-25T12:00:48Z',
      source: { component: 'kubelet', host: 'worker-1' },
    });
  });

  test('are combined from the tenth different message on', () => {
    const { record, written } = setUp();
    for (let turn = 1; turn <= 12; turn += 1) record(`cannot reach replica ${turn}`);
    const combined = written().filter((event) => String(event.message).startsWith('(combined from similar events): '));
    expect(written()).toHaveLength(10);
    expect(combined).toHaveLength(1);
    expect(combined[0]).toMatchObject({ count: 3, message: '(combined from similar events): cannot reach replica 12' });
  });

  test('beyond twenty-five are held back, one in five minutes passing with the whole count', () => {
    const { clock, record, written } = setUp();
    for (let turn = 0; turn < 40; turn += 1) record('again');
    expect(written()[0]).toMatchObject({ count: 25 });
    record('ready', { type: 'Normal', reason: 'Started' });
    expect(written()).toHaveLength(2);
    clock.runUntil(OPENED_AT + 301_000);
    record('again');
    expect(written().find((event) => event.reason === 'BackOff')).toMatchObject({
      count: 41,
      lastTimestamp: '2026-11-25T12:05:01Z',
    });
  });

  test('expire an hour after their last write', () => {
    const { clock, record, written } = setUp();
    record('once');
    clock.runUntil(OPENED_AT + 59 * 60_000);
    expect(written()).toHaveLength(1);
    clock.runUntil(OPENED_AT + 62 * 60_000);
    expect(written()).toHaveLength(0);
  });
});
