import { describe, expect, it } from 'vitest';
import { examplePage } from '@/lib/contract/example-loops';
import type { Loop } from '@/lib/contract/loop';
import type { StreamFrame } from '@/lib/contract/stream';
import { concerns } from './concerns';
import { exampleDiagnosis } from './example-diagnosis';

const PREFIX = 'deployments/shop/checkout/';
const known = exampleDiagnosis.loops;
const [loop] = known;
if (!loop) throw new Error('the example lost its loop');
const other = { ...loop, id: 'deployments/shop/checkout-api/app' };

function change(upserts: Loop[], removed: string[] = []): StreamFrame {
  return { kind: 'change', sequence: 1, asOf: exampleDiagnosis.asOf, upserts, removed };
}
const snapshot = (loops: Loop[]): StreamFrame => ({ kind: 'snapshot', page: { ...examplePage(), loops } });

describe('concerns', () => {
  it('hears a change or an end of a loop of this workload, and of no other', () => {
    expect(concerns(change([loop]), PREFIX, known)).toBe(true);
    expect(concerns(change([], [loop.id]), PREFIX, known)).toBe(true);
    expect(concerns(change([other], [other.id]), PREFIX, known)).toBe(false);
  });

  it('reads again after a snapshot only where it differs from what is shown', () => {
    expect(concerns(snapshot([loop, other]), PREFIX, known)).toBe(false);
    expect(concerns(snapshot([{ ...loop, restarts: 14 }]), PREFIX, known)).toBe(true);
    expect(concerns(snapshot([other]), PREFIX, known)).toBe(true);
  });

  it('takes a gap for nothing: a snapshot follows it', () => {
    expect(concerns({ kind: 'gap', reason: 'slow' }, PREFIX, known)).toBe(false);
  });
});
