import type { Basis } from '@/lib/contract/diagnosis';
import type { Loop } from '@/lib/contract/loop';
import { fingerprintOf } from '@/lib/diagnosis/fingerprint';
import { categoryOf } from '@/lib/domain/causes';
import type { LogText, Part } from '@/lib/domain/collected';
import { captureFiles } from '@/server/evidence/capture-files';
import { judgeSource } from '@/server/evidence/judge-record';
import { namesOf, type Said } from '@/server/evidence/manifest';
import { RULESET_VERSION } from '@/server/evidence/ruleset';
import { readManifest, unpackRecord } from '@/server/evidence/unpack-record';
import { type DiagnosisBody, diagnosisBody } from './diagnosis-body';
import { readPresentation } from './old-presentation';

/** What one loop's stored evidence shows, and what that stands on. `body` is null where nothing is stored or can be read. */
export interface LoopEvidence {
  readonly body: DiagnosisBody | null;
  readonly basis: Basis;
}

/** The texts that a record of evidence refers to. */
export interface EvidenceTexts {
  /** Parts by name. */
  readonly parts: ReadonlyMap<string, string>;
  /** Logs by the id of their run. */
  readonly logs: ReadonlyMap<string, Part<LogText>>;
}

const NOTHING: Basis = {
  kind: 'none',
  at: null,
  ruleset: RULESET_VERSION,
  saidThen: null,
  brokenRules: [],
  problem: '',
};

/** Nothing is shown: because nothing is stored, or because of a problem (a sentence) with what is. */
export function noEvidence(problem: string): LoopEvidence {
  return { body: null, basis: { ...NOTHING, problem } };
}

/**
 * Names the parts and the runs with logs that a record (its manifest as text) refers to.
 * @throws UnloopError `store-failed` where it cannot be read
 */
export function wantedBy(manifest: string): { readonly parts: readonly string[]; readonly logs: readonly string[] } {
  const read = readManifest(manifest);
  return {
    parts: namesOf(read),
    logs: Object.values(read.logs).flatMap((log) => ('held' in log ? [log.run] : [])),
  };
}

/**
 * Judges a record by the rules of this version.
 * @throws UnloopError `store-failed` where a part is lost or damaged
 */
export function judgedEvidence(manifest: string, texts: EvidenceTexts, loopId: string): LoopEvidence {
  const record = recordOf(manifest, texts);
  const judged = judgeSource(record.source);
  const body = diagnosisBody(record, judged, loopId);
  return {
    body,
    basis: {
      ...NOTHING,
      kind: 'record',
      at: new Date(record.source.now).toISOString(),
      saidThen: isSaid(record.said, body) ? null : record.said,
      brokenRules: [...judged.broken],
    },
  };
}

/**
 * Whether rules of another version judged a record when it was collected.
 * @throws UnloopError `store-failed` where it cannot be read
 */
export function judgedByOtherRules(manifest: string): boolean {
  const { said } = readManifest(manifest);
  return said !== null && said.ruleset !== RULESET_VERSION;
}

/**
 * What a row of the board says of a record by the rules of this version, and the rules that failed.
 * @throws UnloopError `store-failed` where a part is lost or damaged
 */
export function rowVerdict(manifest: string, texts: EvidenceTexts) {
  const { evidence, verdicts, broken } = judgeSource(recordOf(manifest, texts).source);
  const [best] = verdicts;
  const verdict: Loop['verdict'] = best
    ? { cause: best.cause, category: categoryOf(best.cause), confidence: best.confidence, what: best.what }
    : null;
  return { verdict, fingerprint: best ? fingerprintOf(evidence, best) : null, broken };
}

/**
 * The files (path to text) of the capture that a record is.
 * @throws UnloopError `store-failed` where a part is lost or damaged
 */
export function exportedEvidence(manifest: string, texts: EvidenceTexts, title: string): ReadonlyMap<string, string> {
  return captureFiles(recordOf(manifest, texts), title);
}

/**
 * Shows what an earlier version of Unloop stored without its evidence.
 * @throws UnloopError `store-failed` where it cannot be read
 */
export function shownEvidence(stored: { at: number; ruleset: string; body: string }): LoopEvidence {
  const at = new Date(stored.at).toISOString();
  return {
    body: readPresentation(stored.body),
    basis: { ...NOTHING, kind: 'presentation', at, ruleset: stored.ruleset },
  };
}

function recordOf(manifest: string, { parts, logs }: EvidenceTexts) {
  return unpackRecord(readManifest(manifest), {
    text: (name) => parts.get(name),
    logOfRun: (run) => logs.get(run) ?? { missing: 'the log is no longer kept' },
  });
}

/** Whether the rules say now what they said then. */
function isSaid(then: Said | null, { verdicts: [now] }: DiagnosisBody): boolean {
  if (then === null) return true;
  return then.cause === now?.cause && then.confidence === now.confidence && then.sentence === now.sentence;
}
