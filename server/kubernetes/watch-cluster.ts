import type { EventSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';
import { UnloopError } from '@/lib/domain/unloop-error';
import type { WatchState } from '@/lib/domain/watch-state';
import { background, describeError, logLine } from '@/server/log';
import { type ConfigChange, ConfigFollower } from './config-follower';
import { withDeadline } from './deadline';
import { decodeEvent } from './decode-event';
import { decodePod } from './decode-pod';
import { Interner } from './intern';
import { type KubeClient, pause } from './kube-client';
import { inWords, isRefused, KubeError, messageOf } from './kube-error';
import { type PermittedScope, permittedScope } from './permitted-scope';
import { Reflector } from './reflector';
import { PATIENCE, type ReflectorState, type ServerTraits, type WatchPatience } from './reflector.types';
import { sameValue } from './same-value';
import { toEventSnapshot } from './to-event-snapshot';
import { toPodSnapshot } from './to-pod-snapshot';
import type { ClusterWatch, WatchHandlers } from './watch-cluster.types';

export interface WatchOptions {
  /** Namespaces to watch; null: everything that is permitted. */
  readonly namespaces: readonly string[] | null;
  /** Default `PATIENCE`. */
  readonly patience?: WatchPatience;
  /** Milliseconds between two looks at the kubeconfig. Default 2 s. */
  readonly configMs?: number;
}

/** Events that tell who killed a container are Normal ones (crash-semantics 2.4). */
const EVENT_QUERIES = ['fieldSelector=type!%3DNormal', 'fieldSelector=type%3DNormal,reason%3DKilling'];
/** Silence after which the server is asked whether it is there. With the deadline: a dead one is noticed within 5 s. */
const BEAT_MS = 1_500;
const BEAT_CHECK_MS = 500;
const BEAT_DEADLINE_MS = 2_500;
/** Of a server that is away, every other question waits no longer: one that starts takes the first it gets and leaves them lying. */
const RETURN_DEADLINE_MS = 1_000;
const BEATS_LOST_MAX = 6;
const CONFIG_MS = 2_000;
const SCOPE_AGAIN_MS = 300_000;
/** Events wait this long at most for the first list of pods: what makes the board goes first over the server's cores and ours. */
const EVENTS_WAIT_MS = 30_000;
const SCOPE_FORBIDDEN_AGAIN_MS = 30_000;
const NO_STATE: ReflectorState = {
  state: 'connecting',
  text: '',
  since: 0,
  attempt: 0,
  lastHeardAt: null,
  nextTryAt: null,
};

/**
 * Watches pods, Warning events and Killing events of one cluster until `stop()`. Returns at once; nothing is called before it
 * returned. Handlers that throw are logged and counted, and never end the watch.
 */
export function watchCluster(client: KubeClient, options: WatchOptions, handlers: WatchHandlers): ClusterWatch {
  const watch = new Watch(client, options, handlers);
  background(watch.run(), `watch of ${client.target.id}`);
  return watch;
}

class Watch implements ClusterWatch {
  readonly #client: KubeClient;
  readonly #options: WatchOptions;
  readonly #handlers: WatchHandlers;
  readonly #abort = new AbortController();
  /** Aborts what asks by a configuration that was replaced. */
  #configured = new AbortController();
  readonly #intern = new Interner();
  readonly #traits: ServerTraits;
  readonly #pods = new Map<string, PodSnapshot>();
  /** Count and time of each known event, so that a new list repeats none. */
  readonly #events = new Map<string, { count: number; last: number | null; namespace: string }>();
  readonly #reflectors = new Map<string, Reflector<PodSnapshot> | Reflector<EventSnapshot>>();
  readonly #running = new Set<Promise<void>>();
  readonly #states = new Map<string, WatchState>();
  #scopeState: ReflectorState = { ...NO_STATE, since: Date.now() };
  #hasScopeState = true;
  #version = '';
  #lostBeats = 0;
  #beatAt = 0;
  #failures = 0;

  constructor(client: KubeClient, options: WatchOptions, handlers: WatchHandlers) {
    this.#client = client;
    this.#options = options;
    this.#handlers = handlers;
    const patience = options.patience ?? PATIENCE;
    this.#traits = { watchListAgainAt: 0, jsonOnly: false, sendsBookmarks: false, patience };
  }

  get pods(): ReadonlyMap<string, PodSnapshot> {
    return this.#pods;
  }

  /** Calls into handlers that threw, so far. */
  get handlerFailures(): number {
    return this.#failures;
  }

  states(): readonly WatchState[] {
    return [...this.#states.values()].map((state) => ({ ...state, lastHeardAt: this.#lastHeardAt(state) }));
  }

  async stop(): Promise<void> {
    this.#abort.abort(new Error('stopped'));
    await Promise.all(this.#running);
    await this.#client.close();
  }

  async run(): Promise<void> {
    await Promise.resolve();
    background(this.#beat(), `heartbeat of ${this.#client.target.id}`);
    const { signal } = this.#abort;
    const follower = new ConfigFollower(this.#client.target, (change) => this.#configure(change));
    background(follower.run(this.#options.configMs ?? CONFIG_MS, signal), `kubeconfig of ${this.#client.target.id}`);
    for (let failures = 0; !signal.aborted; ) {
      const configured = this.#configured.signal;
      const either = AbortSignal.any([signal, configured]);
      this.#publish('pods', '*');
      let wait = SCOPE_AGAIN_MS;
      try {
        const scope = await permittedScope(
          this.#client,
          this.#options.namespaces,
          either,
          this.#traits.patience.answerMs,
        );
        failures = 0;
        wait = this.#enter(scope);
      } catch (error) {
        if (signal.aborted) return;
        if (configured.aborted) continue;
        failures++;
        wait = this.#scopeFailed(error, failures);
      }
      try {
        await pause(wait, either);
      } catch {
        failures = 0;
      }
    }
  }

  /** Asks all anew where the configuration names another server or other credentials, and looks again at what may be seen. */
  #configure({ access, text }: ConfigChange): void {
    this.#client.take(access);
    if (text !== null) {
      Object.assign(this.#traits, { watchListAgainAt: 0, jsonOnly: false, sendsBookmarks: false });
      this.#version = '';
      this.#lostBeats = 0;
      this.#scopeState = { ...NO_STATE, since: Date.now(), text };
      for (const each of this.#reflectors.values()) each.restart(text);
    }
    const before = this.#configured;
    this.#configured = new AbortController();
    before.abort(new Error('the configuration changed'));
  }

  /** Starts what the scope adds. Gives the milliseconds until it is looked at again. */
  #enter(scope: PermittedScope): number {
    const heard = { lastHeardAt: Date.now(), attempt: 0, nextTryAt: null };
    if (scope.namespaces.length === 0) {
      this.#scopeState = { ...this.#since('forbidden'), ...heard, state: 'forbidden', text: scope.text };
      this.#hasScopeState = true;
      this.#publish('pods', '*');
      return SCOPE_FORBIDDEN_AGAIN_MS;
    }
    const isPartial = scope.text !== '';
    if (isPartial) {
      this.#scopeState = { ...this.#since('forbidden'), ...heard, state: 'forbidden', text: scope.text };
    }
    this.#hasScopeState = isPartial;
    for (const namespace of scope.namespaces) this.#watchNamespace(namespace);
    if (!scope.namespaces.includes('*') && !isPartial) this.#states.delete('pods/*');
    this.#publish('pods', '*');
    if (isPartial) return SCOPE_AGAIN_MS;
    const isForbidden = [...this.#reflectors.values()].some((each) => each.state.state === 'forbidden');
    return isForbidden ? SCOPE_FORBIDDEN_AGAIN_MS : SCOPE_AGAIN_MS;
  }

  #scopeFailed(error: unknown, failures: number): number {
    const refused = isRefused(error);
    const text =
      error instanceof UnloopError
        ? inWords(error)
        : error instanceof KubeError && error.status === 401
          ? `The API server does not accept these credentials (401): ${messageOf(error)}. Log in again or renew the token; Unloop tries again every 30 s.`
          : `${this.#client.server} does not answer as a Kubernetes API server: ${messageOf(error).replace(/[.!]$/, '')}. Check the address in the kubeconfig.`;
    const isUnreachable = error instanceof UnloopError && error.code !== 'misconfigured';
    const grown = Math.min(isUnreachable ? 3_000 : 30_000, 250 * 2 ** Math.min(failures, 10));
    const wait = refused ? SCOPE_FORBIDDEN_AGAIN_MS : grown * (0.5 + Math.random() / 2);
    if (this.#reflectors.size === 0) {
      const state = refused ? 'forbidden' : 'connecting';
      this.#scopeState = { ...this.#since(state), state, text, attempt: failures, nextTryAt: Date.now() + wait };
      this.#publish('pods', '*');
    }
    return wait;
  }

  #since(state: WatchState['state']): ReflectorState {
    const before = this.#scopeState;
    return before.state === state ? before : { ...before, since: Date.now() };
  }

  #watchNamespace(namespace: string): void {
    if (this.#reflectors.has(`pods/${namespace}`)) return;
    const { signal } = this.#abort;
    const podsListed = Promise.withResolvers<void>();
    const changedPods = () => this.#publish('pods', namespace);
    const changedEvents = () => this.#publish('events', namespace);
    const pods = new Reflector<PodSnapshot>(
      this.#client,
      {
        name: 'pods',
        namespace,
        query: '',
        isCached: true,
        keyOf: (pod) => pod.uid,
        codec: {
          fromBytes: (bytes, start, end) => decodePod(bytes, this.#intern, start, end),
          fromJson: (value) => toPodSnapshot(value, this.#intern),
        },
      },
      {
        apply: (pod, origin) => this.#applyPod(pod, origin),
        remove: (pod) => this.#removePod(pod.uid, 'watch'),
        listed: (seen) => {
          podsListed.resolve();
          return this.#podsListed(namespace, seen);
        },
        changed: changedPods,
      },
      this.#traits,
      signal,
    );
    this.#start(`pods/${namespace}`, pods);
    const eventsMayBegin = Promise.race([podsListed.promise, pause(EVENTS_WAIT_MS, signal)]);
    for (const query of EVENT_QUERIES) {
      const events = new Reflector<EventSnapshot>(
        this.#client,
        {
          name: 'events',
          namespace,
          query,
          isCached: false,
          keyOf: (event) => event.uid,
          codec: {
            fromBytes: (bytes, start, end) => decodeEvent(bytes, this.#intern, start, end),
            fromJson: (value) => toEventSnapshot(value, this.#intern),
          },
        },
        {
          apply: (event, origin) => this.#applyEvent(event, origin),
          remove: (event) => void this.#events.delete(event.uid),
          // Expired events are no news; only what is remembered of them may go, and only by the watch that holds Warnings.
          listed: (seen) => this.#eventsListed(namespace, query, seen),
          changed: changedEvents,
        },
        this.#traits,
        signal,
      );
      this.#start(`events/${namespace}/${query}`, events, eventsMayBegin);
    }
  }

  #start(
    key: string,
    reflector: Reflector<PodSnapshot> | Reflector<EventSnapshot>,
    begin: Promise<void> = Promise.resolve(),
  ): void {
    this.#reflectors.set(key, reflector);
    const run = begin
      .then(() => reflector.run())
      .catch((error: unknown) => {
        if (!this.#abort.signal.aborted) logLine('error', key, describeError(error));
      });
    this.#running.add(run);
    run.finally(() => this.#running.delete(run)).catch(() => undefined);
    this.#publish(reflector.resource.name, reflector.resource.namespace);
  }

  #applyPod(pod: PodSnapshot, origin: 'list' | 'watch'): boolean {
    if (pod.uid === '') return false;
    const previous = this.#pods.get(pod.uid);
    if (previous && sameValue(previous, pod)) return false;
    this.#pods.set(pod.uid, pod);
    this.#call('onPod', () => this.#handlers.onPod(previous, pod, origin));
    return true;
  }

  #removePod(uid: string, origin: 'list' | 'watch'): void {
    const previous = this.#pods.get(uid);
    if (!previous) return;
    this.#pods.delete(uid);
    this.#call('onPod', () => this.#handlers.onPod(previous, undefined, origin));
  }

  /** Whether a pod that was known is gone. */
  #podsListed(namespace: string, seen: ReadonlySet<string>): boolean {
    let isGone = false;
    for (const [uid, pod] of this.#pods) {
      if ((namespace !== '*' && pod.namespace !== namespace) || seen.has(uid)) continue;
      isGone = true;
      this.#removePod(uid, 'list');
    }
    this.#call('onSynced', () => this.#handlers.onSynced(namespace));
    return isGone;
  }

  #applyEvent(event: EventSnapshot, origin: 'list' | 'watch'): boolean {
    const known = this.#events.get(event.uid);
    if (known && known.count === event.count && known.last === event.last) return false;
    this.#events.set(event.uid, { count: event.count, last: event.last, namespace: event.namespace });
    this.#call('onEvent', () => this.#handlers.onEvent(event, origin));
    return true;
  }

  /** Always false: what is gone from a list of events has expired. */
  #eventsListed(namespace: string, query: string, seen: ReadonlySet<string>): boolean {
    if (query !== EVENT_QUERIES[0]) return false;
    for (const [uid, event] of this.#events) {
      // Killing events are few and come with a DELETED of their own.
      if ((namespace === '*' || event.namespace === namespace) && !seen.has(uid) && this.#events.size > 50_000) {
        this.#events.delete(uid);
      }
    }
    return false;
  }

  /**
   * A server that hangs, or a network that swallows packets, closes no connection. While nothing is heard, `/version` is asked about
   * every 2 s; the answer also tells of an upgrade.
   */
  async #beat(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      const heardAt = Math.max(
        this.#beatAt,
        ...[...this.#reflectors.values()].map((each) => each.state.lastHeardAt ?? 0),
      );
      if (this.#version === '' || this.#lostBeats > 0 || Date.now() - heardAt >= BEAT_MS) {
        await this.#askVersion(signal);
        this.#beatAt = Date.now();
      }
      try {
        await pause(BEAT_CHECK_MS, signal);
      } catch {
        return;
      }
    }
  }

  async #askVersion(signal: AbortSignal): Promise<void> {
    const configured = this.#configured.signal;
    try {
      const deadline = this.#lostBeats % 2 === 1 ? RETURN_DEADLINE_MS : BEAT_DEADLINE_MS;
      const either = AbortSignal.any([signal, configured]);
      const version = await withDeadline(deadline, either, (beat) => this.#client.version({ signal: beat }));
      if (configured.aborted) return;
      this.#answered();
      if (version !== '' && version !== this.#version) {
        this.#version = version;
        this.#call('onVersion', () => this.#handlers.onVersion(version));
      }
    } catch (error) {
      if (signal.aborted || configured.aborted) return;
      // A refusal is an answer.
      if (error instanceof KubeError) {
        this.#answered();
        return;
      }
      this.#lostBeats++;
      const isSilent = !(error instanceof UnloopError);
      if (!isSilent) return;
      for (const each of this.#reflectors.values()) {
        each.suspect(
          `${this.#client.server} accepts connections but has not answered for some seconds. It may be overloaded or stopped; Unloop keeps asking.`,
        );
        if (this.#lostBeats === BEATS_LOST_MAX && !each.isPausing) each.tryAgainSoon();
      }
    }
  }

  #answered(): void {
    const wasLost = this.#lostBeats > 0;
    this.#lostBeats = 0;
    for (const each of this.#reflectors.values()) {
      each.trust();
      if (wasLost && (each.isPausing || each.isLost)) each.tryAgainSoon();
    }
  }

  /** The state of a resource in a namespace: for events the worse of the two watches. */
  #publish(resource: WatchState['resource'], namespace: string): void {
    const parts = [...this.#reflectors.entries()]
      .filter(([key]) => key === `${resource}/${namespace}` || key.startsWith(`${resource}/${namespace}/`))
      .map(([, reflector]) => reflector.state);
    if (parts.length === 0 && resource === 'pods' && namespace === '*' && this.#hasScopeState) {
      parts.push(this.#scopeState);
    }
    const worst = parts.sort((a, b) => RANK[b.state] - RANK[a.state])[0];
    if (!worst) return;
    const key = `${resource}/${namespace}`;
    const state: WatchState = { resource, namespace, ...worst };
    const before = this.#states.get(key);
    this.#states.set(key, state);
    if (before && before.state === state.state && before.text === state.text && before.attempt === state.attempt)
      return;
    this.#call('onState', () => this.#handlers.onState(state));
  }

  #lastHeardAt(state: WatchState): number | null {
    const own = [...this.#reflectors.values()].filter(
      (each) => each.resource.name === state.resource && each.resource.namespace === state.namespace,
    );
    if (own.length === 0) return state.lastHeardAt;
    return Math.max(...own.map((each) => each.state.lastHeardAt ?? 0)) || null;
  }

  #call(name: string, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#failures++;
      logLine('error', `${name} of ${this.#client.target.id}`, describeError(error));
    }
  }
}

const RANK: Readonly<Record<WatchState['state'], number>> = {
  live: 0,
  syncing: 1,
  connecting: 2,
  forbidden: 3,
  stale: 4,
};
