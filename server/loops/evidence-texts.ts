import type { LogText, Part } from '@/lib/domain/collected';
import type { Store } from '@/server/store/store';
import { type EvidenceTexts, wantedBy } from '@/server/view/loop-evidence';

/**
 * Reads the texts that a record of evidence (its manifest as text) refers to.
 * @throws UnloopError `store-failed` where they cannot be read
 */
export async function evidenceTexts(store: Store, cluster: string, manifest: string): Promise<EvidenceTexts> {
  const wanted = wantedBy(manifest);
  const [parts, logs] = await Promise.all([
    store.parts(wanted.parts),
    Promise.all(wanted.logs.map(async (run) => [run, await heldLog(store, cluster, run)] as const)),
  ]);
  return { parts, logs: new Map(logs) };
}

async function heldLog(store: Store, cluster: string, run: string): Promise<Part<LogText>> {
  const log = await store.log(cluster, run);
  if (log === null) return { missing: 'the log is no longer kept' };
  return log.state === 'held' ? { value: log.text } : { missing: log.reason };
}
