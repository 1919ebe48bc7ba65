import type { EventSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';
import type { WatchState } from '@/lib/domain/watch-state';

/** Calls from the watch into the pipeline. They must not throw; the watch guards against it and counts. */
export interface WatchHandlers {
  /**
   * One pod appeared (`previous` undefined), changed, or went (`next` undefined). `origin` `list` marks (re)lists, where what
   * lay between was not seen. Called only when the projection changed.
   */
  onPod(previous: PodSnapshot | undefined, next: PodSnapshot | undefined, origin: 'list' | 'watch'): void;
  /** One Warning event, new or counted up. */
  onEvent(event: EventSnapshot, origin: 'list' | 'watch'): void;
  /** All pods of the first list have been handed over. Called once a (re)list is complete. */
  onSynced(namespace: string): void;
  onState(state: WatchState): void;
  /** The server's version, once it answered, and again when it changed. */
  onVersion(version: string): void;
}

/** A running watch of one cluster: one list-and-watch per resource (and namespace where cluster-wide is not permitted). */
export interface ClusterWatch {
  /** Every known pod by UID. */
  readonly pods: ReadonlyMap<string, PodSnapshot>;
  states(): readonly WatchState[];
  /** Stops all watches and closes connections. */
  stop(): Promise<void>;
}
