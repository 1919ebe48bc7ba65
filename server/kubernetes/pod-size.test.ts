import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import { decodePod } from './decode-pod';
import { Interner } from './intern';
import { encode, POD } from './testing/proto-writer';
import { crashingPod, healthyPod } from './testing/sample-objects';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Heap that a snapshot costs, in bytes, once everything that pods share is there. */
function bytesPerPod(objects: readonly Buffer[]): number {
  const intern = new Interner();
  const kept: PodSnapshot[] = [];
  const decodeAll = () => {
    for (const bytes of objects) kept.push(decodePod(bytes, intern));
  };
  decodeAll();
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let round = 0; round < 5; round++) decodeAll();
  collect();
  const after = process.memoryUsage().heapUsed;
  return (after - before) / (5 * objects.length + (kept.length === 0 ? 1 : 0));
}

const numbered = (make: (name: string) => object) =>
  Array.from({ length: 1_000 }, (_, n) => encode(POD, { ...make(`web-5d9c7b8f6d-${n}`) }));

it('costs less than 1 KB for a healthy pod of two containers', () => {
  expect(bytesPerPod(numbered((name) => healthyPod(name)))).toBeLessThan(1024);
});

it('costs less than 4 KB for a failing pod', () => {
  expect(bytesPerPod(numbered((name) => crashingPod(name)))).toBeLessThan(4096);
});
