import type { EpochMs } from './time';

/** State of one list-and-watch. Health is a list or event that arrived, never a connect. */
export interface WatchState {
  readonly resource: 'pods' | 'events';
  /** `*` for cluster-wide. */
  readonly namespace: string;
  readonly state: 'connecting' | 'syncing' | 'live' | 'stale' | 'forbidden';
  /** What failed, where, what to do; empty when live. */
  readonly text: string;
  readonly since: EpochMs;
  /** Failed attempts in a row. */
  readonly attempt: number;
  /** When the last bytes arrived. */
  readonly lastHeardAt: EpochMs | null;
  /** When the next try begins, while one is waited for. */
  readonly nextTryAt: EpochMs | null;
}
