import type { Clock } from './clock';
import type { KubeObject, ObjectReference } from './kube-types';
import type { ObjectStore } from './object-store';
import type { Random } from './random';

/** `--event-ttl` of the API server, renewed by every write (crash-semantics 2.1). */
const EVENT_TTL_MS = 3_600_000;
/** The correlator of client-go `tools/record/events_cache.go` (crash-semantics 2.1). */
const SIMILAR_MAX = 10;
const SIMILAR_WINDOW_MS = 600_000;
const SPAM_BURST = 25;
const SPAM_REFILL_MS = 300_000;
const CACHE_MAX = 4096;
const COMBINED = '(combined from similar events): ';

export interface EventInput {
  readonly about: ObjectReference;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

interface Observation {
  readonly name: string;
  readonly first: number;
  readonly uid: string;
  count: number;
}

interface Similar {
  readonly messages: Set<string>;
  last: number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Remembers an entry as the newest one and lets the oldest go beyond the correlator's size. */
function remember<T>(cache: Map<string, T>, key: string, value: T): void {
  cache.delete(key);
  cache.set(key, value);
  if (cache.size <= CACHE_MAX) return;
  const oldest = cache.keys().next().value;
  if (oldest !== undefined) cache.delete(oldest);
}

/**
 * Writes the events of one component as the core/v1 recorder does: similar ones combined, identical ones counted up in
 * place, and beyond 25 per object and type only one in five minutes let through, with the full count.
 */
export class EventRecorder {
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #component: string;
  readonly #host: string;
  readonly #similar = new Map<string, Similar>();
  readonly #observed = new Map<string, Observation>();
  readonly #buckets = new Map<string, Bucket>();

  /** `host` is the node for kubelets, empty for controllers. */
  constructor(options: { store: ObjectStore; clock: Clock; random: Random; component: string; host: string }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#component = options.component;
    this.#host = options.host;
  }

  /** Records one event; whether it is written, counted up or held back is the correlator's decision. */
  record(input: EventInput): void {
    const { about, type, reason } = input;
    const now = this.#clock.now;
    const subject = `${about.kind}/${about.namespace ?? ''}/${about.name}/${about.uid}`;
    const group = `${subject}/${type}/${reason}`;
    let { message } = input;
    let identity = `${group}/${about.fieldPath ?? ''}/${message}`;

    let similar = this.#similar.get(group);
    if (!similar || now - similar.last > SIMILAR_WINDOW_MS) similar = { messages: new Set(), last: now };
    similar.messages.add(message);
    similar.last = now;
    remember(this.#similar, group, similar);
    if (similar.messages.size >= SIMILAR_MAX) {
      const [oldest] = similar.messages;
      if (oldest !== undefined) similar.messages.delete(oldest);
      message = COMBINED + message;
      identity = group;
    }

    let observation = this.#observed.get(identity);
    if (observation) observation.count += 1;
    else
      observation = { name: `${about.name}.${this.#random.hex(16)}`, uid: this.#random.uuid(), first: now, count: 1 };
    remember(this.#observed, identity, observation);

    if (this.#allowed(`${subject}/${type}`)) this.#write({ ...input, message }, observation);
  }

  #allowed(key: string): boolean {
    const now = this.#clock.now;
    const bucket = this.#buckets.get(key) ?? { tokens: SPAM_BURST, filledAt: now };
    bucket.tokens = Math.min(SPAM_BURST, bucket.tokens + (now - bucket.filledAt) / SPAM_REFILL_MS);
    bucket.filledAt = now;
    remember(this.#buckets, key, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  #write(input: EventInput, observation: Observation): void {
    const stamp = this.#clock.stamp(this.#clock.now);
    const namespace = input.about.namespace ?? 'default';
    const existing = this.#store.get('events', namespace, observation.name);
    this.#store.put('events', {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        name: observation.name,
        namespace,
        uid: existing?.metadata.uid ?? observation.uid,
        creationTimestamp: existing?.metadata.creationTimestamp ?? stamp,
      },
      involvedObject: input.about,
      reason: input.reason,
      message: input.message,
      source: { component: this.#component, ...(this.#host === '' ? {} : { host: this.#host }) },
      firstTimestamp: this.#clock.stamp(observation.first),
      lastTimestamp: stamp,
      count: observation.count,
      type: input.type,
      eventTime: null,
      reportingComponent: this.#component,
      reportingInstance: this.#host,
    });
  }
}

/**
 * Writes an event as the scheduler does, through events.k8s.io: no count, no first and last time, but `eventTime` and, from
 * the second time on, a series. Gives the event's name, to be handed in again for the next one of the same series.
 */
export function recordSchedulerEvent(
  options: { store: ObjectStore; clock: Clock; random: Random },
  input: EventInput & { action: string },
  earlier?: string,
): string {
  const { store, clock, random } = options;
  const namespace = input.about.namespace ?? 'default';
  const name = earlier ?? `${input.about.name}.${random.hex(16)}`;
  const existing = earlier === undefined ? undefined : store.get('events', namespace, earlier);
  const series = existing?.series as { count: number } | undefined;
  store.put('events', {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name,
      namespace,
      uid: existing?.metadata.uid ?? random.uuid(),
      creationTimestamp: existing?.metadata.creationTimestamp ?? clock.stamp(clock.now),
    },
    involvedObject: input.about,
    reason: input.reason,
    message: input.message,
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    type: input.type,
    eventTime: existing?.eventTime ?? clock.microStamp(clock.now),
    ...(existing ? { series: { count: (series?.count ?? 1) + 1, lastObservedTime: clock.microStamp(clock.now) } } : {}),
    action: input.action,
    reportingComponent: 'default-scheduler',
    reportingInstance: 'default-scheduler-control-1',
  });
  return name;
}

/** Deletes events an hour after their last write, for as long as the clock runs. */
export function expireEvents(store: ObjectStore, clock: Clock): void {
  const writtenAt = new Map<string, { at: number; object: KubeObject }>();
  let planned = false;

  const sweep = (): void => {
    planned = false;
    let oldest = Number.POSITIVE_INFINITY;
    for (const { at, object } of [...writtenAt.values()]) {
      if (clock.now - at < EVENT_TTL_MS) oldest = Math.min(oldest, at);
      else store.remove('events', object.metadata.namespace, object.metadata.name);
    }
    if (oldest < Number.POSITIVE_INFINITY) plan(oldest + EVENT_TTL_MS);
  };
  const plan = (at: number): void => {
    if (planned) return;
    planned = true;
    // Half a minute of slack, so that many events go in one sweep.
    clock.at(at + 30_000, sweep);
  };

  store.subscribe('events', ({ next, object }) => {
    if (!next) {
      writtenAt.delete(object.metadata.uid);
      return;
    }
    writtenAt.set(object.metadata.uid, { at: clock.now, object });
    plan(clock.now + EVENT_TTL_MS);
  });
}
