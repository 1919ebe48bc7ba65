import type { Workload } from '@/lib/domain/loop';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';

/** Key of the pods that belong to one workload, over revisions: `namespace/Kind/name`. */
export function groupKey(workload: Workload): string {
  return `${workload.namespace}/${workload.kind}/${workload.name}`;
}

const NONE: ReadonlySet<string> = new Set();

/** Counts pods by namespace and keeps which pods belong to which group, see `groupKey`. Nothing of a pod is copied. */
export class PodCensus {
  readonly #groups = new Map<string, Set<string>>();
  readonly #namespaces = new Map<string, number>();
  #pods = 0;

  add(group: string, pod: PodSnapshot): void {
    const known = this.#groups.get(group);
    if (known) known.add(pod.uid);
    else this.#groups.set(group, new Set([pod.uid]));
    this.#namespaces.set(pod.namespace, (this.#namespaces.get(pod.namespace) ?? 0) + 1);
    this.#pods++;
  }

  /** Counts a pod out of the group to which it was added; one that is not in it changes nothing. */
  remove(group: string, pod: PodSnapshot): void {
    const known = this.#groups.get(group);
    if (!known?.delete(pod.uid)) return;
    if (known.size === 0) this.#groups.delete(group);
    const left = (this.#namespaces.get(pod.namespace) ?? 1) - 1;
    if (left === 0) this.#namespaces.delete(pod.namespace);
    else this.#namespaces.set(pod.namespace, left);
    this.#pods--;
  }

  /** UIDs of the pods of a group. */
  group(key: string): ReadonlySet<string> {
    return this.#groups.get(key) ?? NONE;
  }

  get podCount(): number {
    return this.#pods;
  }

  /** Namespaces that have pods, with their number. */
  get namespaces(): ReadonlyMap<string, number> {
    return this.#namespaces;
  }
}
