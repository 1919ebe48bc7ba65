import type { Run, Workload } from '@/lib/domain/loop';
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
  readonly recorder: { addRun(run: Run): void };
  readonly publisher: { retire(ids: readonly string[]): void };
  readonly judge: { ask(entry: LoopEntry): void };
}

/**
 * Asks the cluster once per group who owns the pod's owner, moves the group's entries where the guess was wrong, and only then has them
 * recorded: under the id of a guess they would be found by nobody.
 */
export class OwnerResolver {
  readonly #context: OwnerContext;
  readonly #slots = new Slots(OWNERS_AT_ONCE);
  #stopped = false;

  constructor(context: OwnerContext) {
    this.#context = context;
  }

  /** `pod` is any pod of the group. */
  resolve(group: string, pod: PodSnapshot): void {
    const { table, firstList, connection, recorder, publisher, judge } = this.#context;
    if (!table.ownerAsked(group)) return;
    background(
      this.#slots.use(async () => {
        await firstList.over;
        if (this.#stopped) return;
        const { retired } = table.owned(group, await connection.reader.resolveWorkload(pod));
        publisher.retire(retired);
        for (const entry of table.group(group)?.values() ?? []) {
          for (const runs of entry.runs.values()) for (const run of runs) recorder.addRun(run);
          judge.ask(entry);
        }
      }),
      `owner of ${pod.namespace}/${pod.name}`,
    );
  }

  stop(): void {
    this.#stopped = true;
  }
}
