import type { EventBody } from '@/lib/contract/diagnosis';
import { overlaps, type TimeSpan } from '@/lib/url/time-span';

/** Events that say the same about the same object, as one. `uids` are those that went into it. */
export interface MergedEvent extends EventBody {
  readonly uids: readonly string[];
}

const earlier = (a: string | null, b: string | null) => (a === null ? b : b === null || a < b ? a : b);
const later = (a: string | null, b: string | null) => (a === null ? b : b === null || a > b ? a : b);

/** Merges events of one reason, message, object and container, newest first. Their counts add up. */
export function mergeEvents(events: readonly EventBody[]): readonly MergedEvent[] {
  const merged = new Map<string, MergedEvent>();
  for (const event of events) {
    const key = JSON.stringify([event.type, event.reason, event.message, event.object, event.container]);
    const known = merged.get(key);
    merged.set(
      key,
      known
        ? {
            ...known,
            count: known.count + event.count,
            first: earlier(known.first, event.first),
            last: later(known.last, event.last),
            uids: [...known.uids, event.uid],
          }
        : { ...event, uids: [event.uid] },
    );
  }
  return [...merged.values()].sort((a, b) => (b.last ?? '').localeCompare(a.last ?? ''));
}

/** The events that happened, or may have happened, in a stretch of time; all of them without one. */
export function eventsIn(events: readonly EventBody[], span: TimeSpan | null): readonly EventBody[] {
  const time = (at: string | null) => (at === null ? null : Date.parse(at));
  return span === null ? events : events.filter(({ first, last }) => overlaps(span, time(first), time(last)));
}
