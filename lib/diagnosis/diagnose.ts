import type { Evidence, EvidencePart } from './evidence';
import { rank } from './rank';
import { RULES } from './registry';
import type { Rule } from './rule';
import type { Verdict } from './verdict';

/** Changes whenever a rule may judge otherwise than before: stored verdicts of another version are judged anew. */
export const RULESET_VERSION = '1';

export type Outcome =
  | { readonly ruleId: string; readonly outcome: 'fired'; readonly verdict: Verdict }
  | { readonly ruleId: string; readonly outcome: 'quiet' }
  | { readonly ruleId: string; readonly outcome: 'not-evaluated'; readonly missing: readonly EvidencePart[] }
  | { readonly ruleId: string; readonly outcome: 'broken'; readonly error: string };

/** Best verdict first. Empty for a container that is well; `unknown` where it fails and nothing explains it. */
export interface Diagnosis {
  readonly verdicts: readonly Verdict[];
  readonly outcomes: readonly Outcome[];
}

const ORDINARY_WAITS = new Set(['ContainerCreating', 'PodInitializing', '']);
/** How long a start may take before it counts as a failure to start. */
const PATIENCE_MS = 5 * 60_000;
/** How long after a crash that was followed by a healthy run it is history: the kubelet's own reset of the back-off. */
const FORGIVEN_MS = 10 * 60_000;

/**
 * Tells whether a container fails now: it waits on an error, ended when it should not, keeps ending, is killed by probes,
 * or its pod cannot be placed or started. A finished Job, a crash long survived, a slow first start are well.
 */
export function isFailing(evidence: Evidence): boolean {
  const { status, pod, container, now } = evidence;
  if (pod.phase === 'Succeeded') return false;
  if (pod.phase === 'Failed') return true;
  const { state } = status;
  if (state.kind === 'terminated') {
    if (state.exitCode !== 0) return true;
    return container.type !== 'init' && container.restartPolicy !== 'Never' && pod.restartPolicy === 'Always';
  }
  if (state.kind === 'waiting' && !ORDINARY_WAITS.has(state.reason)) return true;
  if (state.kind === 'running') {
    const since = state.startedAt ?? pod.createdAt ?? now;
    const last = evidence.lastTermination;
    if (last) return now - since < FORGIVEN_MS || !status.ready;
    const failures = (evidence.events ?? []).some(
      (event) => event.type === 'Warning' && event.container === container.name,
    );
    return (container.type === 'init' || (!status.ready && failures)) && now - since > PATIENCE_MS;
  }
  const warned = (evidence.events ?? []).some((event) => event.type === 'Warning' && event.involved.kind !== 'Node');
  const waitedMs = now - (pod.createdAt ?? now);
  const unscheduled = pod.conditions.some((one) => one.type === 'PodScheduled' && one.status === 'False');
  return unscheduled || (warned && waitedMs > 30_000) || waitedMs > PATIENCE_MS;
}

function judge(rule: Rule, evidence: Evidence): Outcome {
  const missing = rule.needs.filter((part) => evidence[part] === undefined);
  if (missing.length > 0) return { ruleId: rule.id, outcome: 'not-evaluated', missing };
  try {
    const finding = rule.detect(evidence as Parameters<Rule['detect']>[0]);
    if (!finding) return { ruleId: rule.id, outcome: 'quiet' };
    return { ruleId: rule.id, outcome: 'fired', verdict: { ruleId: rule.id, cause: rule.cause, ...finding } };
  } catch (error) {
    return { ruleId: rule.id, outcome: 'broken', error: error instanceof Error ? error.message : String(error) };
  }
}

/** Judges one container by every rule. A rule that throws is `broken` and stops no other. */
export function diagnose(evidence: Evidence, rules: readonly Rule[] = RULES): Diagnosis {
  if (!isFailing(evidence)) return { verdicts: [], outcomes: [] };
  const outcomes = rules.map((rule) => judge(rule, evidence));
  const fired = outcomes.flatMap((one) => (one.outcome === 'fired' ? [one.verdict] : []));
  return { verdicts: rank(fired, evidence, rules), outcomes };
}
