import type { Evidence } from './evidence';
import { rankStatements } from './log/decisive-line';
import type { LogMatch } from './match-log';
import { findProbeKill } from './probe-kill';
import type { Confidence } from './verdict';

/** From this score on the statement is one that programs end with; below it, it may be talk on the way. */
const STRONG = 50;

/** This much above a warning, another statement is what the program ended with. */
const FAR = 30;

/** A warning that something far worse was said after: the program went on from it. */
function isPassing({ log, no, score, position, statement }: LogMatch<unknown>): boolean {
  if (position === 0 || statement.level === null || !['warn', 'info', 'debug'].includes(statement.level)) return false;
  const best = rankStatements(log)[0];
  return best !== undefined && best.statement.no > no && best.score - score > FAR;
}

/**
 * How far a log line alone may be believed: `likely` where it is among what the program ended with and the exit agrees,
 * else `possible`. Never `certain`: log text is not written by Kubernetes (crash-semantics 7.0).
 */
export function logConfidence(evidence: Evidence, match: LogMatch<unknown>): Confidence {
  const last = evidence.lastTermination;
  if (last?.reason === 'OOMKilled') return 'possible';
  if (last && last.exitCode === 0 && match.score < 80) return 'possible';
  if (match.score < STRONG || match.position > 40 || isPassing(match)) return 'possible';
  return findProbeKill(evidence) && match.score < 66 ? 'possible' : 'likely';
}
