import type { Loop } from '@/lib/contract/loop';
import type { LoopState } from '@/lib/domain/loop';
import type { NodeFactsByName } from '@/lib/domain/node-facts';
import type { EpochMs } from '@/lib/domain/time';
import { turns } from '@/server/kubernetes/turn';
import { background } from '@/server/log';
import { evaluateEntry, isOnBoard } from '@/server/loops/evaluate';
import type { LoopEntry } from '@/server/loops/loop-entry';
import type { LoopTable } from '@/server/loops/loop-table';
import type { Replicas } from './replicas';

const FLUSH_MS = 15;
/** While the first list comes in, thousands of pods in a row, rounds are rare and rarer, so that no loop is judged pod by pod. */
const EARLY_FLUSH_MS = 250;
const EARLY_FLUSH_MAX_MS = 2_000;

/** What these states stand on may have changed since the last diagnosis: no crash asks for a new one. */
const LOOK_AGAIN: ReadonlySet<LoopState> = new Set(['never-started', 'holding', 'recovered']);

/** What one round of judging changed. */
export interface Judgement {
  readonly now: EpochMs;
  /** Loops whose row says something else than before. */
  readonly changed: readonly LoopEntry[];
  /** Rows of the board that are other than before, or that came to it. */
  readonly upserts: readonly Loop[];
  /** Ids of rows that left the board. */
  readonly removed: readonly string[];
}

/** What the judge needs of the rest of the pipeline. */
export interface JudgeContext {
  readonly table: LoopTable;
  readonly replicas: Replicas;
  readonly firstList: { readonly isComplete: boolean; covers(namespace: string): boolean };
  readonly nodes: { readonly facts: NodeFactsByName };
  readonly connection: { readonly serverMinor: number | undefined };
  /** Resolves when a round is recorded and published; the next one waits for it. */
  readonly publisher: { publish(judgement: Judgement): Promise<void> };
  /** A loop came to the board, or to a state that asks for another look. */
  onDue(entry: LoopEntry): void;
}

/** Judging: which loops are to be judged anew, and one round after the other. */
export class Judge {
  readonly #context: JudgeContext;
  #asked = new Set<LoopEntry>();
  /** Loops of the record none of whose pods was listed yet. */
  #postponed = new Set<LoopEntry>();
  #timer: NodeJS.Timeout | null = null;
  #dueAt = 0;
  #earlyRounds = 0;
  #isJudging = false;
  #stopped = false;

  constructor(context: JudgeContext) {
    this.#context = context;
  }

  /** Asks for an entry to be judged anew. Requests close together become one. */
  ask(entry: LoopEntry): void {
    this.#asked.add(entry);
    this.#plan();
  }

  /** Asks for every entry to which the condition applies. */
  askAll(applies: (entry: LoopEntry) => boolean): void {
    for (const entry of this.#context.table.all()) if (applies(entry)) this.ask(entry);
  }

  /** More was listed: what waited for it is judged. */
  listed(): void {
    const waiting = this.#postponed;
    this.#postponed = new Set();
    for (const entry of waiting) this.ask(entry);
    this.#plan();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  #plan(): void {
    if (this.#asked.size === 0 || this.#isJudging || this.#stopped) return;
    const delayMs = this.#context.firstList.isComplete
      ? FLUSH_MS
      : Math.min(EARLY_FLUSH_MAX_MS, EARLY_FLUSH_MS * 2 ** this.#earlyRounds);
    const dueAt = Date.now() + delayMs;
    if (this.#timer && this.#dueAt <= dueAt) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => this.#begin(), delayMs);
  }

  #begin(): void {
    this.#timer = null;
    this.#isJudging = true;
    if (!this.#context.firstList.isComplete) this.#earlyRounds++;
    const round = this.#round().finally(() => {
      this.#isJudging = false;
      this.#plan();
    });
    background(round, 'judging');
  }

  async #round(): Promise<void> {
    const asked = this.#asked;
    this.#asked = new Set();
    const judgement = { now: Date.now(), changed: [], upserts: [], removed: [] };
    const turn = turns();
    for (const entry of asked) {
      await turn();
      this.#judge(entry, judgement);
    }
    await this.#context.publisher.publish(judgement);
  }

  #judge(entry: LoopEntry, round: { now: EpochMs; changed: LoopEntry[]; upserts: Loop[]; removed: string[] }): void {
    const { table, replicas, firstList, nodes, connection, onDue } = this.#context;
    const context = { now: round.now, serverMinor: connection.serverMinor, nodes: nodes.facts };
    const evaluation = evaluateEntry(entry, replicas.of(entry), context);
    // Before the first list is complete, an entry from the store is not judged by the absence of its pods.
    if (entry.row && evaluation.pod === null && !firstList.covers(entry.workload.namespace)) {
      table.postponed(entry, evaluation);
      this.#postponed.add(entry);
      return;
    }
    const isListed = evaluation.row !== null && isOnBoard(evaluation.standing, round.now);
    const judged = table.judged(entry, evaluation, isListed);
    if (!judged) return;
    const { isRowChanged, wasListed, hasEntered } = judged;
    if (isRowChanged) round.changed.push(entry);
    if (isListed && entry.row && (isRowChanged || !wasListed)) round.upserts.push(entry.row);
    if (wasListed && !isListed) round.removed.push(entry.id);
    const { current } = entry;
    const asksAgain = hasEntered && current !== null && LOOK_AGAIN.has(current.state);
    if (isListed && (!wasListed || asksAgain)) onDue(entry);
  }
}
