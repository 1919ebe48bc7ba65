import type { WatchState } from '@/lib/domain/watch-state';
import type { ReflectorState, ServerTraits } from './reflector.types';
import type { Failure } from './retry-delay';

import { blindWords, quietWords, unansweredWords, type WatchedThing } from './watch-words';

/** How one list-and-watch stands, by what was heard of it: what failed and how often, whether it may be called live, and the words. */
export class WatchStanding {
  readonly #watched: () => WatchedThing;
  readonly #isCached: boolean;
  readonly #traits: ServerTraits;
  readonly #changed: () => void;
  #state: ReflectorState = {
    state: 'connecting',
    text: '',
    since: Date.now(),
    attempt: 0,
    lastHeardAt: null,
    nextTryAt: null,
  };
  #failure: Failure | null = null;
  /** Kind of the failures that are counted, and how many came in a row. */
  #counted: Failure | null = null;
  #repeats = 0;
  #everSynced = false;
  /** Words of a doubt from outside, while it lasts. */
  #suspicion: string | null = null;
  /** When an event, a bookmark or a whole list last came. */
  #provenAt = Date.now();
  /** The watch was quiet for long: the list that is due tells whether it left something out. */
  #isDoubted = false;
  /** It did: that it is open proves nothing. */
  #isBlind = false;

  /** `changed` is called after each change of `state` that a reader would notice. */
  constructor(watched: () => WatchedThing, isCached: boolean, traits: ServerTraits, changed: () => void) {
    this.#watched = watched;
    this.#isCached = isCached;
    this.#traits = traits;
    this.#changed = changed;
  }

  get state(): ReflectorState {
    return this.#state;
  }

  /** What failed last and was not made good since. */
  get failure(): Failure | null {
    return this.#failure;
  }

  /** Whether a first list was completed once. */
  get everSynced(): boolean {
    return this.#everSynced;
  }

  heard(): void {
    this.#state = { ...this.#state, lastHeardAt: Date.now() };
  }

  /** A first list is asked for. */
  connecting(): void {
    if (!this.#everSynced) this.#set('connecting', this.#state.text);
  }

  /** A list is answered. */
  listBegins(): void {
    this.heard();
    if (!this.#isDoubted) this.#set('syncing', '');
  }

  /** The server took a question and sends nothing. */
  unanswered(): void {
    const text = unansweredWords(this.#watched(), this.#traits.patience.answerMs);
    const { state, attempt } = this.#state;
    this.#set(this.#everSynced ? 'stale' : state, text, { attempt, nextTryAt: null });
  }

  /** A list is complete. `isChanged`: it differs from what was known, which an open watch would have told. */
  listed(isChanged: boolean): void {
    this.#isBlind = this.#isDoubted && isChanged;
    this.#everSynced = true;
    this.#isDoubted = false;
    this.#provenAt = Date.now();
    if (this.#isBlind) {
      const { quietMs } = this.#traits.patience;
      const attempt = this.count('foreign');
      this.#set('stale', blindWords(this.#watched(), quietMs), { attempt, nextTryAt: Date.now() + quietMs });
      return;
    }
    // That the version is gone may be said of the next watch again.
    this.#good(this.#counted !== 'expired');
  }

  /** An event or a bookmark came: the watch works. */
  proven(): void {
    this.#provenAt = Date.now();
    this.#isBlind = false;
    this.#good(true);
  }

  /** The watch was granted and is still open; that its version is gone would have followed at once. */
  served(): void {
    if (!this.#isBlind) this.#good(this.#counted === 'expired');
  }

  /** Whether neither event nor bookmark nor list came for so long that only a list can tell whether the watch works. */
  isQuiet(): boolean {
    return Date.now() - this.#provenAt >= this.#traits.patience.quietMs;
  }

  /** A list is asked for because the watch was quiet. */
  doubt(): void {
    this.#isDoubted = true;
    if (this.#isCached && this.#traits.sendsBookmarks && !this.#isBlind) {
      this.#set('stale', quietWords(this.#watched(), this.#traits.patience.quietMs));
    }
  }

  /** Counts a failure. Gives how many of its kind came in a row. */
  count(failure: Failure): number {
    this.#repeats = failure === this.#counted ? this.#repeats + 1 : 1;
    this.#counted = failure;
    this.#failure = failure;
    return this.#repeats;
  }

  /** Says what failed, and when it is tried again (epoch milliseconds). */
  failed(failure: Failure, text: string, nextTryAt: number): void {
    const state = failure === 'refused' ? 'forbidden' : this.#everSynced ? 'stale' : 'connecting';
    this.#set(state, text, { attempt: this.#repeats, nextTryAt });
  }

  /** The next failure counts as the first. */
  forgetRepeats(): void {
    this.#repeats = 0;
  }

  /** All is asked anew of another server, or with other credentials. */
  restart(text: string): void {
    this.#isDoubted = false;
    this.#isBlind = false;
    this.#failure = null;
    this.#repeats = 0;
    this.#set(this.#everSynced ? 'stale' : 'connecting', text);
  }

  /** The server does not answer other questions although the watch is open. */
  suspect(text: string): void {
    if (this.#state.state !== 'live') return;
    this.#suspicion = text;
    this.#set('stale', text);
  }

  /** The server answers other questions again. */
  trust(): void {
    if (this.#suspicion !== null && this.#state.text === this.#suspicion) this.#set('live', '');
    this.#suspicion = null;
  }

  #good(isCountOver: boolean): void {
    if (isCountOver) this.#repeats = 0;
    this.#failure = null;
    this.#set('live', '');
  }

  #set(
    state: WatchState['state'],
    text: string,
    { attempt, nextTryAt }: Pick<WatchState, 'attempt' | 'nextTryAt'> = { attempt: 0, nextTryAt: null },
  ): void {
    const before = this.#state;
    if (before.state === state && before.text === text && before.attempt === attempt) return;
    const since = before.state === state ? before.since : Date.now();
    this.#state = { ...before, state, text, since, attempt, nextTryAt };
    this.#changed();
  }
}
