import { logLine } from '@/server/log';

/** So many different failures are told apart; a rule that names its evidence in the error must not fill the log or the memory. */
const LOGGED_MAX = 200;

/** Counts the rules that threw, and logs each failure the first time. */
export class BrokenRules {
  readonly #counts = new Map<string, number>();
  readonly #logged = new Set<string>();

  /** Notes what broke while one loop was judged. */
  note(loopId: string, broken: readonly { readonly ruleId: string; readonly error: string }[]): void {
    for (const { ruleId, error } of broken) {
      this.#counts.set(ruleId, (this.#counts.get(ruleId) ?? 0) + 1);
      const key = `${ruleId} ${error}`;
      if (this.#logged.has(key) || this.#logged.size >= LOGGED_MAX) continue;
      this.#logged.add(key);
      logLine('error', 'rule', `${ruleId} failed on ${loopId}: ${error}`);
    }
  }

  /** How often each rule threw, by its id. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}
