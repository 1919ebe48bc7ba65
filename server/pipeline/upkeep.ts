import type { BackoffHistory } from '@/lib/domain/backoff-fit';
import { containerOf } from '@/lib/domain/container-exits';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import type { EpochMs } from '@/lib/domain/time';
import { turns } from '@/server/kubernetes/turn';
import { isOfInterest, isStuck, type LoopEntry } from '@/server/loops/loop-entry';
import type { LoopIndex } from '@/server/loops/loop-index';
import type { NodeBackoff } from './node-backoff';

/** So long a loop that ended is known, so that it is the same loop when it comes back. */
export const REMEMBER_MS = 7 * 86_400_000;

/**
 * Forgets what is no loop and gives no reason to look any more, so that memory follows trouble and not time. Works in turns: with
 * thousands of entries it must not hold the event loop.
 */
export async function forgetTheWell(
  index: LoopIndex,
  podsOf: (entry: LoopEntry) => readonly PodSnapshot[],
  now: EpochMs,
): Promise<void> {
  const turn = turns();
  for (const entry of [...index.all()]) {
    await turn();
    const pods = podsOf(entry);
    const uids = new Set(pods.map((pod) => pod.uid));
    for (const perPod of [entry.troubles, entry.logAsked])
      for (const uid of perPod.keys()) if (!uids.has(uid)) perPod.delete(uid);
    if (entry.row) {
      const ended = entry.current?.state === 'gone' || entry.current?.state === 'recovered' || entry.current === null;
      if (ended && !entry.isListed && now - (entry.current?.enteredAt ?? 0) > REMEMBER_MS) index.drop(entry);
      continue;
    }
    const alive = pods.some((pod) => {
      const container = containerOf(pod, entry.container);
      return isStuck(pod) || (container !== null && isOfInterest(pod, container));
    });
    if (!alive && !entry.failedCreate) index.drop(entry);
  }
}

/**
 * Fits base and cap of each node's kubelet to what its containers waited, and forgets delays of runs long past. Works in turns, as
 * `forgetTheWell`.
 */
export async function learnBackoff(index: LoopIndex, nodes: NodeBackoff): Promise<void> {
  const turn = turns();
  const histories = new Map<string, BackoffHistory[]>();
  for (const entry of [...index.all()]) {
    await turn();
    const kept = new Set<string>();
    for (const runs of entry.runs.values()) {
      for (const run of runs) kept.add(run.id);
      const node = runs.at(-1)?.nodeName;
      if (!node || runs.length < 2) continue;
      const ofNode = histories.get(node) ?? [];
      ofNode.push({ runs, announced: entry.announced });
      histories.set(node, ofNode);
    }
    for (const id of entry.announced.keys()) if (!kept.has(id)) entry.announced.delete(id);
  }
  for (const [node, ofNode] of histories) {
    await turn();
    nodes.learn(node, ofNode);
  }
}
