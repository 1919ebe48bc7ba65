import 'server-only';
import { describeError } from '@/server/log';
import { wholeStatusOf } from '@/server/loops/live-cluster';
import { runtime } from '@/server/runtime-slot';
import { within } from '@/server/store/within';
import type { OperatorContext } from './context';

/** Who asks for readiness waits a few seconds at most, and a history that is locked may not answer for minutes. */
const PING_MS = 2000;

/**
 * Whether Unloop watches and records: the store answers, and each cluster's first list is complete. `text` has a line per
 * part that says why not.
 */
export async function readiness(_operator: OperatorContext): Promise<{ ready: boolean; text: string }> {
  const { store, clusters } = runtime();
  const lines: string[] = [];
  let ready = true;
  try {
    await within(PING_MS, store, store.ping());
    lines.push(`history ${store.engine}: ok`);
  } catch (error) {
    ready = false;
    lines.push(`history ${store.engine}: ${describeError(error)}`);
  }
  for (const [id, { live }] of clusters) {
    const { state, reason } = wholeStatusOf(live);
    if (!live.isSynced) ready = false;
    lines.push(`cluster ${id}: ${state}${reason ? `, ${reason}` : ''}`);
  }
  return { ready, text: `${lines.join('\n')}\n` };
}
