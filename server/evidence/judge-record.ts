import { buildEvidence } from '@/lib/diagnosis/build-evidence';
import { type Diagnosis, diagnose, diagnoseInSteps } from '@/lib/diagnosis/diagnose';
import type { Evidence } from '@/lib/diagnosis/evidence';
import type { EvidenceSource } from '@/lib/diagnosis/evidence-source';
import type { Rule } from '@/lib/diagnosis/rule';
import type { Verdict } from '@/lib/diagnosis/verdict';
import type { Said } from './manifest';
import { RULESET_VERSION } from './ruleset';

/** A rule that threw while it looked at one loop, and what it threw. */
export interface BrokenRule {
  readonly ruleId: string;
  readonly error: string;
}

/** What the rules of this version say of evidence. */
export interface Judged {
  readonly evidence: Evidence;
  /** Best first. */
  readonly verdicts: readonly Verdict[];
  /** Each rule once. */
  readonly broken: readonly BrokenRule[];
}

/** Judges what was collected, when it was collected or later: the same evidence and rules give the same words. */
export function judgeSource(source: EvidenceSource, rules?: readonly Rule[]): Judged {
  const evidence = buildEvidence(source);
  return judgedBy(evidence, diagnose(evidence, rules));
}

/** As `judgeSource`, with `turn` awaited between any two rules. */
export async function judgeSourceInTurns(source: EvidenceSource, turn: () => Promise<void>): Promise<Judged> {
  const evidence = buildEvidence(source);
  const steps = diagnoseInSteps(evidence);
  for (;;) {
    await turn();
    const { done, value } = steps.next();
    if (done) return judgedBy(evidence, value);
  }
}

function judgedBy(evidence: Evidence, { verdicts, outcomes }: Diagnosis): Judged {
  const broken = new Map<string, BrokenRule>();
  for (const one of outcomes) {
    if (one.outcome === 'broken') broken.set(one.ruleId, { ruleId: one.ruleId, error: one.error });
  }
  return { evidence, verdicts, broken: [...broken.values()] };
}

/** The verdict as a record keeps it; null where there is none. */
export function saidOf(verdict: Verdict | undefined): Said | null {
  if (verdict === undefined) return null;
  const { cause, confidence, what, sentence } = verdict;
  return { ruleset: RULESET_VERSION, cause, confidence, what, sentence };
}
