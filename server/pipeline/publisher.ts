import type { LiveCluster } from '@/server/loops/live-cluster';
import type { LoopEntry } from '@/server/loops/loop-entry';
import type { LoopTable } from '@/server/loops/loop-table';
import { toStoredLoop } from '@/server/loops/stored-loop';
import type { StreamHub } from '@/server/stream/hub';
import type { Judgement } from './judge';
import type { Recorder } from './recorder';

/** What the publisher needs of the rest of the pipeline. */
export interface PublisherContext {
  readonly live: LiveCluster;
  readonly table: Pick<LoopTable, 'byId' | 'isSettled'>;
  readonly hub: Pick<StreamHub, 'publish'>;
  readonly recorder: Pick<Recorder, 'addLoop' | 'flush'>;
}

/** Publishing: tells the stream what changed, rows only after they were recorded. */
export class Publisher {
  readonly #context: PublisherContext;
  /** Loops whose row is not recorded as it is: those whose owner is not known yet. */
  readonly #unrecorded = new Set<LoopEntry>();

  constructor(context: PublisherContext) {
    this.#context = context;
  }

  /** Records a round of judging in one transaction, then sends the rows that it changed. */
  async publish({ now, changed, upserts, removed }: Judgement): Promise<void> {
    const { live, hub, recorder, table } = this.#context;
    for (const entry of changed) this.#unrecorded.add(entry);
    for (const entry of this.#unrecorded) {
      const isKnown = table.byId(entry.id) === entry;
      if (isKnown && !table.isSettled(entry)) continue;
      this.#unrecorded.delete(entry);
      const stored = isKnown ? toStoredLoop(live.target.id, entry, now) : null;
      if (stored) recorder.addLoop(stored);
    }
    await recorder.flush();
    if (upserts.length > 0 || removed.length > 0) hub.publish({ asOf: new Date(now).toISOString(), upserts, removed });
  }

  /** These ids are no longer used: their rows leave the board. */
  retire(ids: readonly string[]): void {
    if (ids.length === 0) return;
    this.#context.hub.publish({ asOf: new Date().toISOString(), upserts: [], removed: ids });
  }

  /** The cluster or its watches may stand otherwise than before. */
  status(): void {
    this.#context.hub.publish({ asOf: new Date().toISOString(), upserts: [], removed: [], isStatus: true });
  }
}
