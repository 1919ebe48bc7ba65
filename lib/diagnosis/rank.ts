import type { Evidence } from './evidence';
import { rankStatements } from './log/decisive-line';
import type { Rule } from './rule';
import type { Confidence, Fact, Verdict } from './verdict';

const CONFIDENCE: Readonly<Record<Confidence, number>> = { certain: 0, likely: 1, possible: 2 };
/** Own evidence over correlation: a status field or event over a log line over the spec alone. */
const PLACE: Readonly<Record<Fact['place']['tab'], number>> = { status: 0, events: 0, logs: 1, runs: 2, spec: 2 };

/** How many statements of the log say more than the one a verdict stands on; 0 for verdicts that stand on no log line. */
function logPosition(verdict: Verdict, evidence: Evidence): number {
  const { place } = verdict.facts[0];
  if (place.tab !== 'logs' || evidence.log?.which !== place.log) return 0;
  const position = rankStatements(evidence.log).findIndex(
    ({ statement }) =>
      (place.line >= statement.no && place.line <= statement.endNo) ||
      statement.texts.some((one) => one.no === place.line),
  );
  return position < 0 ? Number.MAX_SAFE_INTEGER : position;
}

/**
 * Orders verdicts, best first, and drops what another explains away. Confidence decides, then specificity (causes over
 * symptoms), then where the evidence stands (own fields and events over log lines), then how decisive the quoted log line
 * is, then the id.
 */
export function rank(verdicts: readonly Verdict[], evidence: Evidence, rules: readonly Rule[]): readonly Verdict[] {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const explained = new Set(
    verdicts
      .filter((verdict) => verdict.confidence !== 'possible')
      .flatMap((verdict) => byId.get(verdict.ruleId)?.supersedes ?? []),
  );
  const keyOf = (verdict: Verdict): readonly number[] => [
    verdict.cause === 'unknown' ? 1 : 0,
    CONFIDENCE[verdict.confidence],
    -(byId.get(verdict.ruleId)?.specificity ?? 1),
    PLACE[verdict.facts[0].place.tab],
    logPosition(verdict, evidence),
  ];
  const kept = verdicts.filter((verdict) => !explained.has(verdict.ruleId));
  const keys = new Map(kept.map((verdict) => [verdict, keyOf(verdict)]));
  return kept.toSorted((a, b) => {
    const left = keys.get(a) ?? [];
    const right = keys.get(b) ?? [];
    for (const [index, value] of left.entries()) {
      const difference = value - (right[index] ?? 0);
      if (difference !== 0) return difference;
    }
    return a.ruleId < b.ruleId ? -1 : 1;
  });
}
