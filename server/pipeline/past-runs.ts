import type { LogText } from '@/lib/diagnosis/evidence-source';
import { loopId, type Run } from '@/lib/domain/loop';
import { guessWorkload } from '@/server/kubernetes/evidence-reader';
import { Interner } from '@/server/kubernetes/intern';
import { toPodSnapshot } from '@/server/kubernetes/to-pod-snapshot';
import { isOfInterest } from '@/server/loops/loop-entry';
import { observeRuns } from '@/server/loops/observe';
import type { Store } from '@/server/store/store';

/** So many logs of one loop are kept, the newest; what the store keeps of it, too. */
const LOGS_MAX = 20;
const LOG_BYTES_MAX = 64 * 1024;

/** Reads a log as the kubelet had it at that moment: of the container that was named, or of its previous instance. */
export type PastLog = (container: string, previous: boolean) => string;

/**
 * Records the runs of a cluster whose past is told pod by pod, as if it had been watched all along. Only containers that ended
 * or restarted are recorded, as a watch does.
 */
export class PastRuns {
  readonly #intern = new Interner();
  readonly #runs = new Map<string, Run[]>();
  readonly #logs = new Map<string, Map<string, string>>();

  /** Takes a pod (core/v1 as JSON) as it was at an instant, epoch milliseconds. */
  see(pod: unknown, at: number, readLog: PastLog): void {
    const snapshot = toPodSnapshot(pod, this.#intern);
    for (const container of [...snapshot.init, ...snapshot.app]) {
      if (!isOfInterest(snapshot, container)) continue;
      const key = `${snapshot.uid}/${container.name}`;
      const known = this.#runs.get(key) ?? [];
      const id = loopId(guessWorkload(snapshot), container.name);
      for (const run of observeRuns(snapshot, container, id, known, at)) {
        const before = known.findIndex((one) => one.id === run.id);
        if (before >= 0) known[before] = run;
        else known.push(run);
        if (run.exitCode !== null) this.#keepLog(run, readLog(container.name, container.state.kind === 'running'));
      }
      if (known.length > 0) this.#runs.set(key, known);
    }
  }

  /** Writes all that was seen, as a watch would have written it. */
  async record(store: Store, cluster: string): Promise<void> {
    await store.record({ cluster, runs: [...this.#runs.values()].flat(), loops: [] });
    for (const [runId, text] of [...this.#logs.values()].flatMap((logs) => [...logs])) {
      const log: LogText = { head: text.slice(0, LOG_BYTES_MAX), tail: '', skippedLines: 0, stamped: true };
      await store.saveLog(cluster, runId, { state: 'held', text: log, fetchedAt: Date.now() });
    }
  }

  #keepLog(run: Run, text: string): void {
    const logs = this.#logs.get(run.loopId) ?? new Map<string, string>();
    logs.set(run.id, text);
    // The first stays: it may tell the truth that later ones hide.
    const [, second] = logs.keys();
    if (logs.size > LOGS_MAX && second !== undefined) logs.delete(second);
    this.#logs.set(run.loopId, logs);
  }
}
