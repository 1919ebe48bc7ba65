import { describe, expect, it } from 'vitest';
import { StreamSlots } from './stream-slots';

function open(slots: StreamSlots, client: string, count: number): (() => void)[] {
  return Array.from({ length: count }, () => slots.take(client));
}

describe('StreamSlots', () => {
  it('refuses one client that holds as many as are served, and nobody else', () => {
    const slots = new StreamSlots();
    const [first] = open(slots, '10.0.0.1', 400);
    expect(() => slots.take('10.0.0.1')).toThrow('400 streams are open from this address');
    slots.take('10.0.0.2')();
    first?.();
    first?.();
    slots.take('10.0.0.1');
    expect(slots.open).toBe(400);
  });

  it('bounds all clients together', () => {
    const slots = new StreamSlots();
    for (let client = 0; client < 10; client++) open(slots, `10.0.0.${client}`, 100);
    expect(() => slots.take('10.0.1.1')).toThrow('1000 streams are open');
  });
});
