import 'server-only';
import { namespaceOfLoop } from '@/lib/domain/loop';
import type { EpochMs } from '@/lib/domain/time';
import { UnloopError } from '@/lib/domain/unloop-error';
import type { Sight } from '@/lib/domain/viewer';
import { describeError, logLine } from '@/server/log';
import type { BrokenRules } from '@/server/loops/broken-rules';
import { evidenceTexts } from '@/server/loops/evidence-texts';
import type { Store } from '@/server/store/store';
import {
  exportedEvidence,
  judgedEvidence,
  type LoopEvidence,
  noEvidence,
  shownEvidence,
} from '@/server/view/loop-evidence';

/** Which evidence is asked for: the newest, or the newest of an episode that began and ended at these instants. */
export interface EvidenceQuery {
  readonly sight: Sight;
  readonly loopId: string;
  readonly episode: { readonly beganAt: EpochMs; readonly endedAt: EpochMs } | null;
}

const NO_RIGHT =
  'A diagnosis is shown to whoever may see all that it is read from: pods, their logs, events, and the objects around them.';

/** Pages are opened again and again; what is judged takes up to some 50 KB. */
const KEPT_MAX = 100;
/** What was judged, by loop and record. A record never changes, and neither do the rules of a process. */
const judgedBefore = new Map<string, LoopEvidence>();

/**
 * Judges the evidence that is stored of a loop by the rules of this version. What cannot be read is logged and said in the
 * answer, never left out in silence; so is that the viewer may not see all that a diagnosis is read from.
 */
export async function readEvidence(
  store: Store,
  brokenRules: BrokenRules,
  { sight, loopId, episode }: EvidenceQuery,
): Promise<LoopEvidence> {
  const { cluster } = sight;
  if (!sight.canExplain(namespaceOfLoop(loopId))) return noEvidence(NO_RIGHT);
  try {
    const [record, presentation] = await Promise.all([
      store.evidence(cluster, loopId, episode?.endedAt),
      store.presentation(cluster, loopId, episode?.endedAt),
    ]);
    // An earlier loop's evidence says nothing about this one.
    const from = episode?.beganAt ?? 0;
    if (record && record.at >= Math.max(from, presentation?.at ?? 0)) {
      return await judgeOnce(store, brokenRules, cluster, loopId, record.manifest);
    }
    return presentation && presentation.at >= from ? shownEvidence(presentation) : noEvidence('');
  } catch (error) {
    if (!(error instanceof UnloopError)) throw error;
    logLine('error', 'evidence', `of ${loopId} in ${cluster}: ${describeError(error)}`);
    return noEvidence(error.message);
  }
}

/**
 * The files (path to text) of the capture that the newest record of a loop is, or null where there is no record for the
 * viewer.
 * @throws UnloopError `store-failed` where a part is lost or damaged
 */
export async function exportEvidence(
  store: Store,
  sight: Sight,
  loopId: string,
): Promise<ReadonlyMap<string, string> | null> {
  const { cluster } = sight;
  if (!sight.canExplain(namespaceOfLoop(loopId))) return null;
  const record = await store.evidence(cluster, loopId);
  if (!record) return null;
  return exportedEvidence(record.manifest, await evidenceTexts(store, cluster, record.manifest), loopId);
}

async function judgeOnce(
  store: Store,
  brokenRules: BrokenRules,
  cluster: string,
  loopId: string,
  manifest: string,
): Promise<LoopEvidence> {
  const key = `${cluster} ${loopId} ${manifest}`;
  const known = judgedBefore.get(key);
  const evidence = known ?? judgedEvidence(manifest, await evidenceTexts(store, cluster, manifest), loopId);
  if (!known) brokenRules.note(loopId, evidence.basis.brokenRules);
  judgedBefore.delete(key);
  judgedBefore.set(key, evidence);
  for (const oldest of judgedBefore.keys()) {
    if (judgedBefore.size <= KEPT_MAX) break;
    judgedBefore.delete(oldest);
  }
  return evidence;
}
