import type { CauseId } from '@/lib/domain/causes';
import type { DoneCondition } from './steps/condition';
import type { Operation } from './steps/operation';

/** `certain`: the evidence excludes the others. `likely`: it points here. `possible`: it narrows. Worded as is / most likely / may be. */
export type Confidence = 'certain' | 'likely' | 'possible';

/** Where a fact was read, so that a press opens it: a tab of the diagnosis and the place in it. */
export type FactPlace =
  | { readonly tab: 'logs'; readonly log: 'previous' | 'current' | 'first'; readonly line: number }
  | { readonly tab: 'events'; readonly eventUid: string }
  | { readonly tab: 'spec'; readonly path: string }
  | { readonly tab: 'status'; readonly path: string }
  | { readonly tab: 'runs' };

/** One quoted piece of evidence. `text` is the sentence shown; `value` the exact text read from `source`. */
export interface Fact {
  readonly text: string;
  /** The field path or place it was read from, e.g. `status.containerStatuses[app].lastState.terminated.reason`, `log line 9`. */
  readonly source: string;
  readonly value: string;
  readonly place: FactPlace;
}

/** One guided remediation step: what to do, why, and when it is done. */
export interface Step {
  /** Kebab-case, unique within a verdict. Public: kept once it is shipped. */
  readonly id: string;
  /** A verb phrase: "Raise the memory limit". */
  readonly title: string;
  /** One or two sentences: why, with the numbers. */
  readonly text: string;
  readonly operation: Operation;
  /** Absent where the step changes nothing: it is done when it is read. */
  readonly done?: DoneCondition;
}

/** What a rule says when it fires. `what` completes "checkout …" and stands alone on the board: "DATABASE_URL is not set". */
export interface Finding {
  readonly confidence: Confidence;
  /** Short, for a board row, no full stop: "killed at its memory limit, 512Mi". At most about 60 characters. */
  readonly what: string;
  /** The headline sentence of the diagnosis, subject first: "checkout exits 1 because DATABASE_URL is not set." */
  readonly sentence: string;
  /** At least one: no fact, no verdict. */
  readonly facts: readonly [Fact, ...Fact[]];
  readonly steps: readonly Step[];
}

export interface Verdict extends Finding {
  readonly ruleId: string;
  readonly cause: CauseId;
}
