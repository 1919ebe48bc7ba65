import type { CauseId } from '@/lib/domain/causes';
import type { Evidence, EvidencePart } from './evidence';
import type { Finding } from './verdict';

/** The parts a rule declared as needed are present in what it is given; reading another needs a null check. */
export type EvidenceWith<P extends EvidencePart> = Evidence & { readonly [K in P]-?: NonNullable<Evidence[K]> };

/** What the quick reference shows for a rule's cause. Plain sentences; `code` in backticks. */
export interface RuleDoc {
  /** What `kubectl describe pod` and `kubectl get pods` show. */
  readonly describe: string;
  /** What the log of the crashed run shows. */
  readonly logs: string;
  /** What to do, in order. */
  readonly steps: readonly string[];
  /** How it is kept from coming back. */
  readonly prevention: string;
}

/**
 * A pure function from evidence to a finding. No clock, no randomness, no I/O. The subject is one container of one pod.
 * `specificity` breaks ties of confidence: causes (3) over narrowed causes (2) over symptoms (1).
 */
export interface Rule<P extends EvidencePart = EvidencePart> {
  readonly id: string;
  readonly cause: CauseId;
  readonly title: string;
  readonly docs: string;
  readonly doc: RuleDoc;
  readonly needs: readonly P[];
  readonly specificity: 1 | 2 | 3;
  /** Ids of rules whose findings this one explains away. */
  readonly supersedes?: readonly string[];
  detect(evidence: EvidenceWith<P>): Finding | null;
}

/** Declares a rule; the type makes `detect` see only declared parts as present. */
export const defineRule = <const P extends EvidencePart>(rule: Rule<P>): Rule<P> => Object.freeze(rule);
