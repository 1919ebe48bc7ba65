import type { BackoffHistory } from '@/lib/domain/backoff-fit';
import { containerOf } from '@/lib/domain/container-exits';
import type { EpochMs } from '@/lib/domain/time';
import { turns } from '@/server/kubernetes/turn';
import { background } from '@/server/log';
import { isOfInterest, isStuck, type LoopEntry } from '@/server/loops/loop-entry';
import type { LoopTable } from '@/server/loops/loop-table';
import type { NodeKnowledge } from './node-knowledge';
import type { Replicas } from './replicas';

/** So long a loop that ended is known, so that it is the same loop when it comes back. */
export const REMEMBER_MS = 7 * 86_400_000;

const TICK_MS = 1_000;
const SWEEP_MS = 60_000;
const FIRST_SWEEP_MS = 10_000;

/** What upkeep needs of the rest of the pipeline. */
export interface UpkeepContext {
  readonly table: LoopTable;
  readonly replicas: Replicas;
  readonly nodes: NodeKnowledge;
  readonly crashHours: { refresh(now: EpochMs): Promise<void> };
  readonly judge: { askAll(applies: (entry: LoopEntry) => boolean): void };
}

/** What time alone asks for: each second the loops whose state it may change, each minute what is to be learned and dropped. */
export class Upkeep {
  readonly #context: UpkeepContext;
  #tick: NodeJS.Timeout | null = null;
  #sweptAt = Date.now() - SWEEP_MS + FIRST_SWEEP_MS;

  constructor(context: UpkeepContext) {
    this.#context = context;
  }

  start(): void {
    this.#tick = setInterval(() => this.#onTick(Date.now()), TICK_MS).unref();
  }

  stop(): void {
    if (this.#tick) clearInterval(this.#tick);
  }

  #onTick(now: EpochMs): void {
    const { judge, nodes, crashHours } = this.#context;
    const met = nodes.takeFresh();
    const isMet = ({ row }: LoopEntry) => met.size > 0 && row?.nodes.some((node) => met.has(node)) === true;
    judge.askAll((entry) => (entry.nextCheckAt !== null && entry.nextCheckAt <= now) || isMet(entry));
    background(crashHours.refresh(now), 'crashes per hour');
    if (now - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = now;
    background(this.#sweep(now), 'upkeep');
  }

  async #sweep(now: EpochMs): Promise<void> {
    const { table, replicas, nodes } = this.#context;
    await learnBackoff(table, nodes);
    await dropUnneeded(table, replicas, now);
  }
}

/**
 * Drops what is no loop and gives no reason to look any more, so that memory follows trouble and not time. Works in turns: with
 * thousands of entries it must not hold the event loop.
 */
async function dropUnneeded(table: LoopTable, replicas: Replicas, now: EpochMs): Promise<void> {
  const turn = turns();
  for (const entry of [...table.all()]) {
    await turn();
    const pods = replicas.of(entry);
    table.podsLeft(entry, new Set(pods.map((pod) => pod.uid)));
    table.delaysOutlived(entry);
    if (entry.row) {
      const ended = entry.current?.state === 'gone' || entry.current?.state === 'recovered' || entry.current === null;
      if (ended && !entry.isListed && now - (entry.current?.enteredAt ?? 0) > REMEMBER_MS) table.dropped(entry);
      continue;
    }
    const alive = pods.some((pod) => {
      const container = containerOf(pod, entry.container);
      return isStuck(pod) || (container !== null && isOfInterest(pod, container));
    });
    if (!alive && !entry.failedCreate) table.dropped(entry);
  }
}

/** Fits base and cap of each node's kubelet to what its containers waited. Works in turns, as `dropUnneeded`. */
async function learnBackoff(table: LoopTable, nodes: NodeKnowledge): Promise<void> {
  const turn = turns();
  const histories = new Map<string, BackoffHistory[]>();
  for (const entry of [...table.all()]) {
    await turn();
    for (const runs of entry.runs.values()) {
      const node = runs.at(-1)?.nodeName;
      if (!node || runs.length < 2) continue;
      const ofNode = histories.get(node) ?? [];
      ofNode.push({ runs, announced: entry.announced });
      histories.set(node, ofNode);
    }
  }
  for (const [node, ofNode] of histories) {
    await turn();
    nodes.learn(node, ofNode);
  }
}
