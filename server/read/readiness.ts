import 'server-only';
import { describeError } from '@/server/log';
import { runtime } from '@/server/runtime-slot';

/**
 * Whether Unloop watches and records: the store answers, and each cluster's first list is complete. `text` has a line per
 * part that says why not.
 */
export async function readiness(): Promise<{ ready: boolean; text: string }> {
  const { store, pipelines } = runtime();
  const lines: string[] = [];
  let ready = true;
  try {
    await store.ping();
    lines.push(`history ${store.engine}: ok`);
  } catch (error) {
    ready = false;
    lines.push(`history ${store.engine}: ${describeError(error)}`);
  }
  for (const [id, pipeline] of pipelines) {
    const { state, reason } = pipeline.status();
    if (!pipeline.synced) ready = false;
    lines.push(`cluster ${id}: ${state}${reason ? `, ${reason}` : ''}`);
  }
  return { ready, text: `${lines.join('\n')}\n` };
}
