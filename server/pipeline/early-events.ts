import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import type { EpochMs } from '@/lib/domain/time';

const EVENTS_MAX = 20_000;
/** The first list of a large cluster takes seconds; a pod that is not known by then is gone. */
const KEEP_MS = 120_000;

/**
 * Events whose pod is not known yet: pods and events come on two watches, and the first list of events may be over before
 * that of pods. What is told once must not be lost. Bounded in number and time; the oldest go first.
 */
export class EarlyEvents {
  #byPod = new Map<string, { readonly at: EpochMs; readonly events: EventSnapshot[] }>();
  #count = 0;

  add(podUid: string, event: EventSnapshot, now: EpochMs): void {
    const held = this.#byPod.get(podUid);
    if (held) held.events.push(event);
    else this.#byPod.set(podUid, { at: now, events: [event] });
    this.#count++;
    for (const [oldest, { at }] of this.#byPod) {
      if (this.#count <= EVENTS_MAX && at > now - KEEP_MS) break;
      this.take(oldest);
    }
  }

  /** The events of a pod that appeared, oldest first, and forgets them. */
  take(podUid: string): readonly EventSnapshot[] {
    const events = this.#byPod.get(podUid)?.events ?? [];
    this.#byPod.delete(podUid);
    this.#count -= events.length;
    return events;
  }
}
