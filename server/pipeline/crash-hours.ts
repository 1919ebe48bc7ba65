import type { EpochMs } from '@/lib/domain/time';
import { describeError, logLine } from '@/server/log';
import { DayHours } from '@/server/loops/day-hours';
import type { Store } from '@/server/store/store';

const REFRESH_MS = 5_000;
const DAY_MS = 86_400_000;

/** The last day's crashes as the store counts them, read again every few seconds. */
export class CrashHours {
  readonly #store: Pick<Store, 'crashesPerHour' | 'heldSince'>;
  readonly #cluster: string;
  #hours = new DayHours([]);
  #recordedSince: EpochMs | null = null;
  #readAt = 0;
  /** Why they could not be read the last time; empty where they could. */
  #trouble = '';

  constructor(store: Pick<Store, 'crashesPerHour' | 'heldSince'>, cluster: string) {
    this.#store = store;
    this.#cluster = cluster;
  }

  get hours(): DayHours {
    return this.#hours;
  }

  /** Since when ends of runs are recorded, as far as they are held; null where nothing has ended. */
  get recordedSince(): EpochMs | null {
    return this.#recordedSince;
  }

  /** Reads the counts where those that are held are too old. Where that fails those stay, and each reason is said once. */
  async refresh(now: EpochMs): Promise<void> {
    if (now - this.#readAt < REFRESH_MS) return;
    this.#readAt = now;
    try {
      const [counts, recordedSince] = await Promise.all([
        this.#store.crashesPerHour(this.#cluster, now - DAY_MS),
        this.#store.heldSince(this.#cluster),
      ]);
      this.#hours = new DayHours(counts);
      this.#recordedSince = recordedSince;
      this.#trouble = '';
    } catch (error) {
      const trouble = describeError(error);
      if (trouble !== this.#trouble) logLine('error', 'crashes per hour', trouble);
      this.#trouble = trouble;
    }
  }
}
