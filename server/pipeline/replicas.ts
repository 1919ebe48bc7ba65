import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import type { LoopEntry } from '@/server/loops/loop-entry';
import type { PodCensus } from '@/server/loops/pod-census';

/** Finds the pods of a loop among those that are watched. */
export class Replicas {
  readonly #census: PodCensus;
  readonly #pods: () => ReadonlyMap<string, PodSnapshot>;

  /** `pods` gives every known pod by UID. */
  constructor(census: PodCensus, pods: () => ReadonlyMap<string, PodSnapshot>) {
    this.#census = census;
    this.#pods = pods;
  }

  of(entry: LoopEntry): readonly PodSnapshot[] {
    const pods = this.#pods();
    const found: PodSnapshot[] = [];
    for (const group of entry.groups) {
      for (const uid of this.#census.group(group)) {
        const pod = pods.get(uid);
        if (pod) found.push(pod);
      }
    }
    return found;
  }

  /** The replica that the entry was last judged by, or null where it is gone, and the other ones. */
  around(entry: LoopEntry): { readonly subject: PodSnapshot | null; readonly siblings: readonly PodSnapshot[] } {
    const pods = this.of(entry);
    return {
      subject: pods.find((pod) => pod.uid === entry.subject) ?? null,
      siblings: pods.filter((pod) => pod.uid !== entry.subject),
    };
  }
}
