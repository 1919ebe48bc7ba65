import { isDeepStrictEqual } from 'node:util';
import type { Loop } from '@/lib/contract/loop';
import { containerOf } from '@/lib/domain/container-exits';
import { loopId, type Run, type Workload } from '@/lib/domain/loop';
import type { RecordedChange } from '@/lib/domain/loop-changes';
import type { EventSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';
import type { StartTrouble } from '@/lib/domain/start-fault';
import type { EpochMs } from '@/lib/domain/time';
import { knownChanges } from '@/server/view/known-changes';
import type { Evaluation } from './evaluate';
import { type LoopContainer, type LoopEntry, newEntry, type OpenEntry, RUNS_IN_MEMORY } from './loop-entry';
import { announcedDelay, mergeRuns, observeRuns } from './observe';
import { groupKey } from './pod-census';

/** What a judgement changed of an entry. */
export interface Judged {
  readonly isRowChanged: boolean;
  readonly wasListed: boolean;
  /** Whether the state is another one than before. */
  readonly hasEntered: boolean;
}

/**
 * Every loop of a cluster, and the only place where an entry changes: each method that is no question is one transition of its life.
 * Filed by id and by group. A group is the workload as guessed from a pod alone; several groups may turn out to belong to one workload
 * (custom owners), and then share its entries. Transitions of an entry that was dropped or merged away do nothing.
 */
export class LoopTable {
  readonly #groups = new Map<string, Map<string, OpenEntry>>();
  readonly #entries = new Map<string, OpenEntry>();
  /** Groups whose owner was asked for. */
  readonly #asked = new Set<string>();
  /** Who owns a group, as far as that is known. */
  readonly #owners = new Map<string, Workload>();
  /** Recorded runs by pod whose container was no loop when Unloop was last stopped. Given away while the first list comes. */
  readonly #unclaimed = new Map<string, readonly Run[]>();

  all(): IterableIterator<LoopEntry> {
    return this.#entries.values();
  }

  byId(id: string): LoopEntry | undefined {
    return this.#entries.get(id);
  }

  /** Entries of a group by container name. */
  group(key: string): ReadonlyMap<string, LoopEntry> | undefined {
    return this.#groups.get(key);
  }

  /** Whether the owner of each of its groups is known, so that its id stays: until then nothing of it is worth recording. */
  isSettled(entry: LoopEntry): boolean {
    if (this.#entries.get(entry.id) !== entry) return false;
    for (const group of entry.groups) if (this.#asked.has(group) && !this.#owners.has(group)) return false;
    return true;
  }

  /** Who owns a group is to be found out. False where it was asked before. */
  ownerAsked(group: string): boolean {
    if (this.#asked.has(group)) return false;
    this.#asked.add(group);
    return true;
  }

  /** A loop was read back from the record. */
  resumed(entry: OpenEntry, isListed: boolean): void {
    entry.isListed = isListed;
    this.#file(groupKey(entry.workload), entry);
  }

  /** A recorded run was read back: of a known loop, or of a container that may become one. Runs come oldest first. */
  runResumed(run: Run): void {
    const entry = this.#entries.get(run.loopId);
    if (entry) entry.runs.set(run.podUid, mergeRuns(entry.runs.get(run.podUid) ?? [], [run], RUNS_IN_MEMORY));
    else this.#unclaimed.set(run.podUid, [...(this.#unclaimed.get(run.podUid) ?? []), run]);
  }

  /** All pods were listed: recorded runs of pods that are no more are claimed by nobody. */
  allListed(pods: ReadonlyMap<string, PodSnapshot>): void {
    for (const uid of this.#unclaimed.keys()) if (!pods.has(uid)) this.#unclaimed.delete(uid);
  }

  /** A container gives reason to look: its entry, made where there is none. `guess` names the workload until its owner is known. */
  suspected(group: string, guess: Workload, container: LoopContainer): LoopEntry {
    const existing = this.#groups.get(group)?.get(container.name);
    if (existing) return existing;
    const workload = this.#owners.get(group) ?? guess;
    // An entry that was read back from the store is filed under its workload only.
    const entry = this.#entries.get(loopId(workload, container.name)) ?? newEntry(workload, container);
    this.#file(group, entry);
    return entry;
  }

  /** A pod of the workload exists with this container. Gives the runs that were not known so, oldest first. */
  seen(known: LoopEntry, pod: PodSnapshot, now: EpochMs): readonly Run[] {
    const entry = this.#open(known);
    if (!entry) return [];
    entry.failedCreate = null;
    const container = containerOf(pod, entry.container);
    if (!container) return [];
    const before = entry.runs.get(pod.uid) ?? this.#claimed(entry, pod.uid);
    const runs = observeRuns(pod, container, entry.id, before, now);
    const merged = mergeRuns(before, runs, RUNS_IN_MEMORY);
    if (merged.length > 0) entry.runs.set(pod.uid, merged);
    const named = announcedDelay(merged, container);
    if (named) entry.announced.set(named.runId, named.delayMs);
    return runs;
  }

  /**
   * The newest ended run of a pod, once per run and life of Unloop: a log that an earlier life had no time to read may still be
   * there. Null where it was asked for before.
   */
  logWanted(known: LoopEntry, podUid: string): Run | null {
    const entry = this.#open(known);
    const ended = entry?.runs.get(podUid)?.findLast((run) => run.exitCode !== null);
    if (!entry || !ended || entry.logAsked.get(podUid) === ended.id) return null;
    entry.logAsked.set(podUid, ended.id);
    return ended;
  }

  /** A pod of the workload is gone. */
  podGone(known: LoopEntry, pod: PodSnapshot): void {
    const entry = this.#open(known);
    if (entry) entry.lastPod = pod;
  }

  /** An event told that a pod does not get going. */
  troubled(known: LoopEntry, podUid: string, trouble: StartTrouble): void {
    this.#open(known)?.troubles.set(podUid, trouble);
  }

  /** The controller may make no pod at all. */
  refused(known: LoopEntry, event: EventSnapshot): void {
    const entry = this.#open(known);
    if (entry) entry.failedCreate = event;
  }

  /** All changes that are recorded of the workload, any order. */
  changesRead(known: LoopEntry, recorded: readonly RecordedChange[]): void {
    const entry = this.#open(known);
    if (entry) entry.changes = knownChanges(recorded);
  }

  /** One more change was recorded. */
  changed(known: LoopEntry, recorded: RecordedChange): void {
    const entry = this.#open(known);
    if (entry) entry.changes = [...entry.changes, ...knownChanges([recorded])].sort((a, b) => a.at - b.at);
  }

  /** A diagnosis was made. `verdict` null: no rule fired. */
  diagnosed(known: LoopEntry, verdict: Loop['verdict'], fingerprint: string | null): void {
    const entry = this.#open(known);
    if (!entry) return;
    entry.verdict = verdict;
    entry.fingerprint = fingerprint;
  }

  /** Nothing can be said yet, its pods are not listed: only the next look is planned. */
  postponed(known: LoopEntry, { nextCheckAt }: Evaluation): void {
    const entry = this.#open(known);
    if (entry) entry.nextCheckAt = nextCheckAt;
  }

  /** It was judged anew. A row that says the same stays the same object. Null where the entry is none of the table any more. */
  judged(known: LoopEntry, evaluation: Evaluation, isListed: boolean): Judged | null {
    const entry = this.#open(known);
    if (!entry) return null;
    const { isListed: wasListed } = entry;
    const stateBefore = entry.current?.state;
    const isRowChanged = evaluation.row !== null && !isDeepStrictEqual(evaluation.row, entry.row);
    if (isRowChanged) entry.row = evaluation.row;
    entry.image = evaluation.row?.image ?? entry.image;
    entry.current = evaluation.standing;
    entry.change = evaluation.change;
    entry.subject = evaluation.pod?.uid ?? null;
    entry.nextCheckAt = evaluation.nextCheckAt;
    entry.isListed = isListed;
    return { isRowChanged, wasListed, hasEntered: entry.current?.state !== stateBefore };
  }

  /**
   * Somebody was named as the owner of a group's pods. Entries that were filed under a wrong guess move, or merge into the entry
   * that is there already. Gives the ids that are no longer used and the entries that moved.
   */
  owned(
    group: string,
    workload: Workload,
  ): { readonly retired: readonly string[]; readonly moved: readonly LoopEntry[] } {
    this.#owners.set(group, workload);
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
      for (const key of entry.groups) this.#file(key, target);
      moved.push(target);
    }
    return { retired, moved };
  }

  /** Only these pods of the workload exist: what is kept for one of another is no longer needed. */
  podsLeft(known: LoopEntry, uids: ReadonlySet<string>): void {
    const entry = this.#open(known);
    if (!entry) return;
    for (const perPod of [entry.troubles, entry.logAsked])
      for (const uid of perPod.keys()) if (!uids.has(uid)) perPod.delete(uid);
  }

  /** Delays that were named after runs which are not kept any more are no longer needed. */
  delaysOutlived(known: LoopEntry): void {
    const entry = this.#open(known);
    if (!entry || entry.announced.size === 0) return;
    const kept = new Set([...entry.runs.values()].flatMap((runs) => runs.map(({ id }) => id)));
    for (const id of entry.announced.keys()) if (!kept.has(id)) entry.announced.delete(id);
  }

  /** It is no loop and gives no reason to look any more. */
  dropped(known: LoopEntry): void {
    const entry = this.#open(known);
    if (!entry) return;
    this.#entries.delete(entry.id);
    for (const key of entry.groups) {
      const containers = this.#groups.get(key);
      if (containers?.get(entry.container) !== entry) continue;
      containers.delete(entry.container);
      if (containers.size > 0) continue;
      this.#groups.delete(key);
      this.#owners.delete(key);
      this.#asked.delete(key);
    }
  }

  #open(known: LoopEntry): OpenEntry | undefined {
    const entry = this.#entries.get(known.id);
    return entry === known ? entry : undefined;
  }

  /** Files an entry under a group and its id. */
  #file(group: string, entry: OpenEntry): void {
    const containers = this.#groups.get(group) ?? new Map<string, OpenEntry>();
    containers.set(entry.container, entry);
    this.#groups.set(group, containers);
    entry.groups.add(group);
    this.#entries.set(entry.id, entry);
  }

  /** Recorded runs of the entry's container in that pod, as runs of this loop. */
  #claimed(entry: OpenEntry, podUid: string): readonly Run[] {
    const runs = (this.#unclaimed.get(podUid) ?? []).filter((run) => run.container === entry.container);
    return mergeRuns(
      [],
      runs.map((run) => ({ ...run, loopId: entry.id })),
      RUNS_IN_MEMORY,
    );
  }
}
