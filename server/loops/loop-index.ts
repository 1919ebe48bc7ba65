import { loopId, type Workload } from '@/lib/domain/loop';
import type { ContainerType } from '@/lib/domain/pod-snapshot';
import { type LoopEntry, newEntry, RUNS_IN_MEMORY } from './loop-entry';
import { mergeRuns } from './observe';
import { groupKey } from './pod-census';

/**
 * Files entries by id and by group. A group is the workload as guessed from a pod alone; several groups may turn out to
 * belong to one workload (custom owners), and then share its entries.
 */
export class LoopIndex {
  #groups = new Map<string, Map<string, LoopEntry>>();
  #entries = new Map<string, LoopEntry>();
  #resolved = new Map<string, Workload>();

  all(): Iterable<LoopEntry> {
    return this.#entries.values();
  }

  get size(): number {
    return this.#entries.size;
  }

  byId(id: string): LoopEntry | undefined {
    return this.#entries.get(id);
  }

  /** Entries of a group by container name. */
  group(key: string): ReadonlyMap<string, LoopEntry> | undefined {
    return this.#groups.get(key);
  }

  isResolved(group: string): boolean {
    return this.#resolved.has(group);
  }

  /** Files an entry under a group and its id. */
  adopt(group: string, entry: LoopEntry): void {
    const containers = this.#groups.get(group) ?? new Map<string, LoopEntry>();
    containers.set(entry.container, entry);
    this.#groups.set(group, containers);
    entry.groups.add(group);
    this.#entries.set(entry.id, entry);
  }

  /** Gives the entry of a group's container, made where there is none; `guess` names the workload until it is resolved. */
  ensure(group: string, guess: Workload, container: string, type: ContainerType, image: string): LoopEntry {
    const existing = this.#groups.get(group)?.get(container);
    if (existing) {
      existing.image = image || existing.image;
      return existing;
    }
    const workload = this.#resolved.get(group) ?? guess;
    // An entry that was read back from the store is filed under its workload only.
    const entry = this.#entries.get(loopId(workload, container)) ?? newEntry(workload, container, type, image);
    this.adopt(group, entry);
    return entry;
  }

  /**
   * Sets who a group's pods belong to. Entries that were filed under a wrong guess move, or merge into the entry that is
   * there already. Gives the ids that are no longer used and the entries to judge anew.
   */
  resolve(
    group: string,
    workload: Workload,
  ): { readonly retired: readonly string[]; readonly moved: readonly LoopEntry[] } {
    this.#resolved.set(group, workload);
    const retired: string[] = [];
    const moved: LoopEntry[] = [];
    for (const entry of [...(this.#groups.get(group)?.values() ?? [])]) {
      if (groupKey(entry.workload) === groupKey(workload)) continue;
      retired.push(entry.id);
      this.#entries.delete(entry.id);
      const id = loopId(workload, entry.container);
      const target = this.#entries.get(id) ?? entry;
      if (target === entry) {
        entry.workload = workload;
        entry.id = id;
        entry.row = null;
        entry.isListed = false;
      }
      for (const [uid, runs] of entry.runs) {
        const renamed = runs.map((run) => ({ ...run, loopId: id }));
        target.runs.set(
          uid,
          target === entry ? renamed : mergeRuns(target.runs.get(uid) ?? [], renamed, RUNS_IN_MEMORY),
        );
      }
      for (const key of entry.groups) this.adopt(key, target);
      moved.push(target);
    }
    return { retired, moved };
  }

  /** Forgets an entry. */
  drop(entry: LoopEntry): void {
    this.#entries.delete(entry.id);
    for (const key of entry.groups) {
      const containers = this.#groups.get(key);
      if (containers?.get(entry.container) !== entry) continue;
      containers.delete(entry.container);
      if (containers.size === 0) {
        this.#groups.delete(key);
        this.#resolved.delete(key);
      }
    }
  }
}
