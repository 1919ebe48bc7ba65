import type { Evidence } from './evidence';
import type { LogMatch } from './match-log';
import { findProbeKill } from './probe-kill';
import type { Confidence } from './verdict';

/** From this score on the statement is one that programs end with; below it, it may be talk on the way. */
const STRONG = 50;

/**
 * How far a log line alone may be believed: `likely` where it is among what the program ended with and the exit agrees,
 * else `possible`. Never `certain`: log text is not written by Kubernetes (crash-semantics 7.0).
 */
export function logConfidence(evidence: Evidence, match: LogMatch<unknown>): Confidence {
  const last = evidence.lastTermination;
  if (last?.reason === 'OOMKilled') return 'possible';
  if (last && last.exitCode === 0 && match.score < 80) return 'possible';
  if (match.score < STRONG || match.position > 40) return 'possible';
  return findProbeKill(evidence) && match.score < 66 ? 'possible' : 'likely';
}
