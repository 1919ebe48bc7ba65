import type { Totals } from '@/lib/contract/loop';
import type { Category } from '@/lib/domain/causes';
import type { EpochMs } from '@/lib/domain/time';
import type { Sight } from '@/lib/domain/viewer';
import type { HourCount } from '@/server/store/store';

const HOUR = 3_600_000;

/** The last day's crashes by hour and category, for whatever a viewer sees; each sight is added up once. */
export class DayHours {
  readonly #counts: readonly HourCount[];
  readonly #known = new Map<string, { readonly last: EpochMs; readonly hours: Totals['crashesPerHour'] }>();

  /** Takes the store's counts of at least the last 24 hours. */
  constructor(counts: readonly HourCount[]) {
    this.#counts = counts;
  }

  /** 24 hours ending with the one that holds `now`, oldest first. Where the viewer may not know causes, all count as `unknown`. */
  of(sight: Sight, now: EpochMs): Totals['crashesPerHour'] {
    const last = Math.floor(now / HOUR) * HOUR;
    const known = this.#known.get(sight.key);
    if (known?.last === last) return known.hours;
    const hours = this.#add(sight, last);
    this.#known.set(sight.key, { last, hours });
    return hours;
  }

  #add(sight: Sight, last: EpochMs): Totals['crashesPerHour'] {
    const first = last - 23 * HOUR;
    const hours = Array.from({ length: 24 }, (): Partial<Record<Category, number>> => ({}));
    for (const { at, namespace, category, crashes } of this.#counts) {
      const hour = hours[(at - first) / HOUR];
      if (!hour || !sight.shows(namespace)) continue;
      const shown = sight.canExplain(namespace) ? category : 'unknown';
      hour[shown] = (hour[shown] ?? 0) + crashes;
    }
    return hours.map((counts, index) => ({ at: new Date(first + index * HOUR).toISOString(), counts }));
  }
}
