import type { KubeObject } from '@/lib/diagnosis/evidence-source';
import { objectAt } from '@/lib/diagnosis/read-object';
import { refusedPod } from '@/lib/diagnosis/refused-pod';
import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import type { EpochMs } from '@/lib/domain/time';
import { nameOf, namespaceOf, type ObjectIndex, uidOf } from './object-index';

/** A cluster keeps events for 1 h; a controller that is refused tries again within 17 minutes. */
const RECENT_MS = 60 * 60_000;

/**
 * A stand-in for the pods of each workload that wants pods and has none, because the API server refuses to make them (quota, admission,
 * pod security: crash-semantics 2.5), as the live board judges it.
 */
export function refusedPods(index: ObjectIndex, events: readonly EventSnapshot[], now: EpochMs): readonly KubeObject[] {
  const found = new Map<KubeObject, KubeObject>();
  for (const { reason, involved, last } of events) {
    if (reason !== 'FailedCreate' || (last ?? now) < now - RECENT_MS) continue;
    const owner = index.find(involved.kind, involved.namespace, involved.name);
    if (!owner || found.has(owner)) continue;
    const { kind, name } = index.workload(owner).workload;
    const top = kind === 'Pod' ? { kind: involved.kind, name: nameOf(owner) } : { kind, name };
    if (index.podsOf({ ...top, namespace: namespaceOf(owner) }).length > 0) continue;
    const refused = refusedPod(owner);
    if (refused) found.set(owner, ownedBy(refused.pod, owner));
  }
  return [...found.values()];
}

function ownedBy(pod: KubeObject, owner: KubeObject): KubeObject {
  const reference = { kind: owner.kind, name: nameOf(owner), uid: uidOf(owner), controller: true };
  return { ...pod, metadata: { ...objectAt(pod, 'metadata'), ownerReferences: [reference] } };
}
