import type { LogText, Part } from '@/lib/domain/collected';
import { containerOf } from '@/lib/domain/container-exits';
import type { Run } from '@/lib/domain/loop';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import { readCrashLog } from '@/server/kubernetes/crash-log';
import type { KubeClient } from '@/server/kubernetes/kube-client';
import { background } from '@/server/log';
import type { LoopEntry } from '@/server/loops/loop-entry';
import type { Store } from '@/server/store/store';
import { isStoreFailure, within } from '@/server/store/within';
import type { LogQueue } from './log-queue';
import { Slots } from './slots';

/** So many logs are waited for at once. */
const LOGS_AT_ONCE = 20;
/** The history is asked this long whether it has a log. */
const HELD_MS = 2000;

/** What is needed of the rest of the pipeline. */
export interface CrashLogsContext {
  readonly cluster: string;
  readonly connection: { readonly client: KubeClient };
  /** Until it is over, what is asked for waits. */
  readonly firstList: { readonly over: Promise<void> };
  readonly store: Store;
  readonly logs: LogQueue;
  /** Called when a log was kept, or why there is none. */
  onKept(entry: LoopEntry): void;
  readonly now: () => number;
}

/** Collecting: the log of each crash, before the next crash erases it. */
export class CrashLogs {
  readonly #context: CrashLogsContext;
  readonly #slots = new Slots(LOGS_AT_ONCE);
  readonly #stop = new AbortController();

  constructor(context: CrashLogsContext) {
    this.#context = context;
  }

  /** A run ended: its log is fetched before anything else, since the next crash erases it. Then a diagnosis is asked for. */
  crashed(entry: LoopEntry, run: Run, pod: PodSnapshot): void {
    const { firstList, onKept } = this.#context;
    this.#run(
      this.#slots.use(async () => {
        await firstList.over;
        if (this.#stop.signal.aborted) return;
        if (await this.#isHeld(run)) return;
        await this.#keepLog(run, pod);
        onKept(entry);
      }),
      `log of ${entry.id}`,
    );
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Lets work go on; what a shutdown interrupts is no failure. */
  #run(work: Promise<void>, name: string): void {
    background(
      work.catch((error: unknown) => {
        if (!this.#stop.signal.aborted) throw error;
      }),
      name,
    );
  }

  async #keepLog(run: Run, pod: PodSnapshot): Promise<void> {
    const { connection, logs, now } = this.#context;
    const container = containerOf(pod, run.container);
    const log = await readCrashLog(
      connection.client,
      {
        namespace: run.namespace,
        pod: run.podName,
        container: run.container,
        node: run.nodeName,
        isRunning: container?.state.kind === 'running',
        containerId: run.containerId,
        endedAt: run.finishedAt,
      },
      this.#stop.signal,
    );
    const stored = log.state === 'held' ? ({ state: 'held', text: log.text, fetchedAt: now() } as const) : log;
    logs.add(run.id, stored);
  }

  /** Whether the log is kept already. Where the history does not say, it is read again: the next crash erases it. */
  async #isHeld(run: Run): Promise<boolean> {
    const { store, cluster, logs } = this.#context;
    if (logs.get(run.id)?.state === 'held') return true;
    try {
      return (await within(HELD_MS, store, store.log(cluster, run.id)))?.state === 'held';
    } catch (error) {
      if (isStoreFailure(error)) return false;
      throw error;
    }
  }

  /** The log of a run as it is kept, or why there is none; `nothing` is the reason where there is no run. */
  async of(run: Run | undefined, nothing: string): Promise<Part<LogText>> {
    if (!run) return { missing: nothing };
    const { logs, store, cluster } = this.#context;
    const log = logs.get(run.id) ?? (await store.log(cluster, run.id));
    if (log?.state === 'held') return { value: log.text };
    return { missing: log ? log.reason : 'the log was not kept' };
  }
}
