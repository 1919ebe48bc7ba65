import { setImmediate } from 'node:timers/promises';

/**
 * Keeps a long piece of work from holding the event loop: `await turn()` between chunks lets timers and requests run once the
 * work has held it for 8 ms. A stream whose bytes are already there would otherwise be read to its end in one go.
 */
export function turns(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < 8) return;
    await setImmediate();
    since = performance.now();
  };
}
