import type { Evidence, LogEvidence } from './evidence';
import { rankStatements } from './log/decisive-line';
import type { Statement } from './log/statement';

/**
 * A text that names a cause in a log. Patterns must not be made slow by a line: no unbounded repeat inside another, `.`
 * repeats with an upper bound.
 */
export interface Signature<T = unknown> {
  readonly pattern: RegExp;
  /** What this text means for the rule that asks. */
  readonly meaning: T;
  /** Texts that look alike and mean something else. */
  readonly except?: RegExp;
}

/** Where a signature stood. `position` counts the statements that say more: 0 is the decisive line. */
export interface LogMatch<T> {
  readonly log: LogEvidence;
  readonly no: number;
  readonly text: string;
  readonly groups: readonly string[];
  readonly meaning: T;
  readonly statement: Statement;
  readonly position: number;
  readonly score: number;
}

/** Lowest score of a statement that a signature is believed in. */
const BELIEVABLE = 18;

/**
 * Looks for signatures in the statements that may say why the program ended, best first. The first statement with any
 * match decides; within it the order of signatures.
 */
export function matchStatements<T>(
  log: LogEvidence,
  signatures: readonly Signature<T>[],
  lowest: number = BELIEVABLE,
): LogMatch<T> | null {
  const ranked = rankStatements(log);
  for (const [position, { statement, score }] of ranked.entries()) {
    if (score < lowest) break;
    for (const { pattern, meaning, except } of signatures) {
      for (const { no, text } of statement.texts) {
        const found = pattern.exec(text);
        if (!found || except?.test(text)) continue;
        return { log, no, text, groups: found.slice(1).map((one) => one ?? ''), meaning, statement, position, score };
      }
    }
  }
  return null;
}

/** Looks for signatures in the log of the newest failure, or gives null where no log is held or none stands in it. */
export function matchLog<T>(
  evidence: Evidence,
  signatures: readonly Signature<T>[],
  lowest?: number,
): LogMatch<T> | null {
  return evidence.log ? matchStatements(evidence.log, signatures, lowest) : null;
}

/** The last line in which a pattern stands, whatever it says otherwise, or null. For ordinary lines such as "listening on". */
export function findLine(log: LogEvidence | undefined, pattern: RegExp): { no: number; text: string } | null {
  const line = log?.lines.findLast((one) => pattern.test(one.text.length > 2048 ? one.text.slice(0, 2048) : one.text));
  return line ? { no: line.no, text: line.text } : null;
}
