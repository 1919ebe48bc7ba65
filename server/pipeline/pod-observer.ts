import { containerOf } from '@/lib/domain/container-exits';
import type { Run, Workload } from '@/lib/domain/loop';
import type { OwnerReference, PodSnapshot } from '@/lib/domain/pod-snapshot';
import { guessWorkload } from '@/server/kubernetes/evidence-reader';
import { podGone } from '@/server/loops/change-log';
import { isOfInterest, isStuck, isSuspect, type LoopEntry } from '@/server/loops/loop-entry';
import type { LoopTable } from '@/server/loops/loop-table';
import { groupKey, type PodCensus } from '@/server/loops/pod-census';
import type { Recorder } from './recorder';

/** What the observer needs of the rest of the pipeline. */
export interface PodObserverContext {
  readonly table: LoopTable;
  readonly census: PodCensus;
  readonly owners: { resolve(group: string, pod: PodSnapshot): void };
  readonly nodes: { meet(node: string): void };
  readonly recorder: Pick<Recorder, 'addRun' | 'addChange'>;
  readonly crashLogs: { crashed(entry: LoopEntry, run: Run, pod: PodSnapshot): void };
  readonly judge: { ask(entry: LoopEntry): void };
}

/** Whose a pod is, as far as the pod itself tells. */
interface Guess {
  readonly namespace: string;
  readonly templateHash: string;
  readonly workload: Workload;
  /** See `groupKey`. */
  readonly group: string;
}

/** Observing pods: what each change says about runs. A pod that is well touches the census and nothing else. */
export class PodObserver {
  readonly #context: PodObserverContext;
  /** By owner, whose pods share one reference to it: over a first list the texts would be put together for every pod. */
  readonly #guesses = new WeakMap<OwnerReference, Guess>();
  #changes = 0;

  constructor(context: PodObserverContext) {
    this.#context = context;
  }

  /** Pod changes seen so far. */
  get changes(): number {
    return this.#changes;
  }

  /** Takes a pod that appeared (`previous` undefined), changed, or went (`next` undefined). */
  see(previous: PodSnapshot | undefined, next: PodSnapshot | undefined): void {
    this.#changes++;
    const pod = next ?? previous;
    if (!pod) return;
    const { census, table, owners, nodes, judge } = this.#context;
    const { workload, group } = this.#guess(pod);
    if (!previous) census.add(group, pod);
    else if (!next) census.remove(group, pod);
    if (next && isSuspect(next)) this.#suspect(group, workload, next);
    const entries = table.group(group);
    if (!entries) return;
    if (next) {
      owners.resolve(group, next);
      nodes.meet(next.nodeName);
    }
    for (const entry of entries.values()) {
      if (next) this.#observe(entry, next);
      else this.#gone(entry, pod);
      judge.ask(entry);
    }
  }

  #guess(pod: PodSnapshot): Guess {
    const { owner, namespace, templateHash } = pod;
    const known = owner ? this.#guesses.get(owner) : undefined;
    if (known && known.namespace === namespace && known.templateHash === templateHash) return known;
    const workload = guessWorkload(pod);
    const guess = { namespace, templateHash, workload, group: groupKey(workload) };
    // A pod that is its own workload stands for itself alone: all mirror pods of a node name it as their owner.
    if (owner && workload.kind !== 'Pod') this.#guesses.set(owner, guess);
    return guess;
  }

  /** Makes entries of the containers that give reason to look. */
  #suspect(group: string, workload: Workload, pod: PodSnapshot): void {
    const stuck = isStuck(pod);
    for (const spec of pod.specContainers) {
      const container = containerOf(pod, spec.name);
      if (stuck || (container !== null && isOfInterest(pod, container)))
        this.#context.table.suspected(group, workload, spec);
    }
  }

  #observe(entry: LoopEntry, pod: PodSnapshot): void {
    const { table, recorder, crashLogs } = this.#context;
    if (!pod.specContainers.some(({ name }) => name === entry.container)) return;
    const runs = table.seen(entry, pod, Date.now());
    // What is seen before is recorded when the owner is known.
    if (table.isSettled(entry)) for (const run of runs) recorder.addRun(run);
    const ended = table.logWanted(entry, pod.uid);
    if (ended) crashLogs.crashed(entry, ended, pod);
  }

  #gone(entry: LoopEntry, pod: PodSnapshot): void {
    const { table, recorder } = this.#context;
    if (containerOf(pod, entry.container)) table.podGone(entry, pod);
    const isRecorded = entry.changes.some((change) => change.kind === 'pod-gone' && change.pod === pod.name);
    if (!entry.row || isRecorded) return;
    const change = podGone(pod, Date.now());
    table.changed(entry, change);
    recorder.addChange(entry.id, change);
  }
}
