import type { Totals } from '@/lib/contract/loop';
import type { Category } from '@/lib/domain/causes';
import type { EpochMs } from '@/lib/domain/time';
import type { HourCount } from '@/server/store/store';

const HOUR = 3_600_000;

/** The last day's crashes by hour and category, for any choice of namespaces; each choice is added up once. */
export class DayHours {
  readonly #counts: readonly HourCount[];
  readonly #known = new Map<string, { readonly last: EpochMs; readonly hours: Totals['crashesPerHour'] }>();

  /** Takes the store's counts of at least the last 24 hours. */
  constructor(counts: readonly HourCount[]) {
    this.#counts = counts;
  }

  /** 24 hours ending with the one that holds `now`, oldest first, of these namespaces (null: of all). */
  of(namespaces: readonly string[] | null, now: EpochMs): Totals['crashesPerHour'] {
    const last = Math.floor(now / HOUR) * HOUR;
    const key = namespaces === null ? '*' : namespaces.join(',');
    const known = this.#known.get(key);
    if (known?.last === last) return known.hours;
    const hours = this.#add(namespaces, last);
    this.#known.set(key, { last, hours });
    return hours;
  }

  #add(namespaces: readonly string[] | null, last: EpochMs): Totals['crashesPerHour'] {
    const seen = namespaces === null ? null : new Set(namespaces);
    const first = last - 23 * HOUR;
    const hours = Array.from({ length: 24 }, (): Partial<Record<Category, number>> => ({}));
    for (const { at, namespace, category, crashes } of this.#counts) {
      const hour = hours[(at - first) / HOUR];
      if (!hour || (seen !== null && !seen.has(namespace))) continue;
      hour[category] = (hour[category] ?? 0) + crashes;
    }
    return hours.map((counts, index) => ({ at: new Date(first + index * HOUR).toISOString(), counts }));
  }
}
