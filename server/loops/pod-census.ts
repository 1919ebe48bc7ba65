import type { Workload } from '@/lib/domain/loop';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';

/** Key of the pods that belong to one workload, over revisions: `namespace/Kind/name`. */
export function groupKey(workload: Workload): string {
  return `${workload.namespace}/${workload.kind}/${workload.name}`;
}

/** Counts pods by namespace and keeps which pods belong to which workload. Nothing of a pod is copied. */
export class PodCensus {
  #groups = new Map<string, Set<string>>();
  #namespaces = new Map<string, number>();
  #pods = 0;
  #workloadOf: (pod: PodSnapshot) => Workload;

  /** `workloadOf` must give the same answer for the same pod each time. */
  constructor(workloadOf: (pod: PodSnapshot) => Workload) {
    this.#workloadOf = workloadOf;
  }

  add(pod: PodSnapshot): void {
    const key = groupKey(this.#workloadOf(pod));
    const group = this.#groups.get(key);
    if (group) group.add(pod.uid);
    else this.#groups.set(key, new Set([pod.uid]));
    this.#namespaces.set(pod.namespace, (this.#namespaces.get(pod.namespace) ?? 0) + 1);
    this.#pods++;
  }

  remove(pod: PodSnapshot): void {
    const key = groupKey(this.#workloadOf(pod));
    const group = this.#groups.get(key);
    if (!group?.delete(pod.uid)) return;
    if (group.size === 0) this.#groups.delete(key);
    const left = (this.#namespaces.get(pod.namespace) ?? 1) - 1;
    if (left === 0) this.#namespaces.delete(pod.namespace);
    else this.#namespaces.set(pod.namespace, left);
    this.#pods--;
  }

  /** UIDs of the pods of a workload. */
  group(key: string): ReadonlySet<string> {
    return this.#groups.get(key) ?? new Set();
  }

  get podCount(): number {
    return this.#pods;
  }

  /** Namespaces that have pods, with their number. */
  get namespaces(): ReadonlyMap<string, number> {
    return this.#namespaces;
  }
}
