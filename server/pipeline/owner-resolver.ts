import type { Workload } from '@/lib/domain/loop';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import { background } from '@/server/log';
import type { LoopEntry } from '@/server/loops/loop-entry';
import type { LoopTable } from '@/server/loops/loop-table';
import { Slots } from './slots';

const OWNERS_AT_ONCE = 4;

/** What the resolver needs of the rest of the pipeline. */
export interface OwnerContext {
  readonly table: LoopTable;
  readonly firstList: { readonly over: Promise<void> };
  readonly connection: { readonly reader: { resolveWorkload(pod: PodSnapshot): Promise<Workload> } };
  readonly publisher: { retire(ids: readonly string[]): void };
  readonly judge: { ask(entry: LoopEntry): void };
}

/** Asks the cluster once per group who owns the pod's owner, and moves the group's entries where the guess was wrong. */
export class OwnerResolver {
  readonly #context: OwnerContext;
  readonly #slots = new Slots(OWNERS_AT_ONCE);
  #stopped = false;

  constructor(context: OwnerContext) {
    this.#context = context;
  }

  /** `guess` is the workload until the answer comes. */
  resolve(group: string, guess: Workload, pod: PodSnapshot): void {
    const { table, firstList, connection, publisher, judge } = this.#context;
    if (table.isOwned(group)) return;
    table.owned(group, guess);
    background(
      this.#slots.use(async () => {
        await firstList.over;
        if (this.#stopped) return;
        const { retired, moved } = table.owned(group, await connection.reader.resolveWorkload(pod));
        publisher.retire(retired);
        for (const entry of moved) judge.ask(entry);
      }),
      `owner of ${pod.namespace}/${pod.name}`,
    );
  }

  stop(): void {
    this.#stopped = true;
  }
}
