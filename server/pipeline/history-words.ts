import type { Store } from '@/server/store/store';
import type { LogQueue } from './log-queue';
import type { Recorder } from './recorder';

interface HistoryParts {
  readonly store: Pick<Store, 'waiting' | 'memoryReason'>;
  readonly recorder: Pick<Recorder, 'trouble' | 'lost'>;
  readonly logs: Pick<LogQueue, 'trouble'>;
}

/** What a reader must know of the history besides its content: that it cannot be written, or lives in memory, and why. Null where all is well. */
export function historyWords({ store, recorder, logs }: HistoryParts, isDemo: boolean): string | null {
  const trouble = store.waiting() ?? recorder.trouble ?? logs.trouble;
  const lost = recorder.lost > 0 ? ` ${recorder.lost} crashes were seen but could not be kept.` : '';
  if (trouble !== null) {
    return `${trouble.message}. What is seen meanwhile waits in memory and is written as soon as that is possible.${lost}`;
  }
  // Of the demo cluster nobody misses it; the history page says so all the same.
  if (store.memoryReason && !isDemo)
    return `The history lives in memory and is lost when Unloop stops: ${store.memoryReason}.${lost}`;
  return lost === '' ? null : lost.trim();
}
