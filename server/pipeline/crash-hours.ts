import type { EpochMs } from '@/lib/domain/time';
import { DayHours } from '@/server/loops/day-hours';
import type { Store } from '@/server/store/store';

const REFRESH_MS = 5_000;
const DAY_MS = 86_400_000;

/** The last day's crashes as the store counts them, read again every few seconds. */
export class CrashHours {
  readonly #store: Store;
  readonly #cluster: string;
  #hours = new DayHours([]);
  #recordedSince: EpochMs | null = null;
  #readAt = 0;

  constructor(store: Store, cluster: string) {
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

  /** Reads the counts where those that are held are too old. Rejects as the store does. */
  async refresh(now: EpochMs): Promise<void> {
    if (now - this.#readAt < REFRESH_MS) return;
    this.#readAt = now;
    const [counts, recordedSince] = await Promise.all([
      this.#store.crashesPerHour(this.#cluster, now - DAY_MS),
      this.#store.heldSince(this.#cluster),
    ]);
    this.#hours = new DayHours(counts);
    this.#recordedSince = recordedSince;
  }
}
