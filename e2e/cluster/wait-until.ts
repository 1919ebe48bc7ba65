import { setTimeout as after } from 'node:timers/promises';

const INTERVAL_MS = 200;

/**
 * Asks `probe` until it gives something other than null, undefined or false, and gives that. Rejects after `deadlineMs` with
 * `what` and the last answer or error; `describe` adds what was seen instead.
 */
export async function waitUntil<T>(
  what: string,
  deadlineMs: number,
  probe: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  describe: () => string = () => '',
): Promise<T> {
  const end = Date.now() + deadlineMs;
  let problem = '';
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== null && answer !== undefined && answer !== false) return answer;
      problem = '';
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() > end) {
      const seen = [problem, describe()].filter(Boolean).join('; ');
      throw new Error(`not within ${deadlineMs / 1000} s: ${what}${seen ? ` (${seen})` : ''}`);
    }
    await after(INTERVAL_MS);
  }
}
