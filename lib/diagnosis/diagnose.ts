import type { CauseId } from '@/lib/domain/causes';
import type { Evidence, EvidencePart } from './evidence';
import { rank } from './rank';
import { RULES } from './registry';
import type { Rule } from './rule';
import { longestLifetime } from './run-statistics';
import { findOutlived } from './texts/companions';
import type { Verdict } from './verdict';

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
/** From this count on an event is no passing trouble. */
const MANY = 10;

/** One or two restarts over months are no loop. */
function isLoop({ status }: Evidence): boolean {
  return status.restartCount >= 3;
}

/**
 * Tells whether a container fails now: it waits on an error, ended when it should not, keeps ending, is killed by probes,
 * or its pod cannot be placed or started, or does not end because a sidecar runs on. A finished Job, a crash long survived, a
 * slow first start are well.
 */
export function isFailing(evidence: Evidence): boolean {
  const { status, pod, container, now } = evidence;
  if (pod.phase === 'Succeeded') return false;
  if (pod.phase === 'Failed' || findOutlived(evidence)) return true;
  const { state } = status;
  if (state.kind === 'terminated') {
    if (state.exitCode !== 0) return true;
    return container.type !== 'init' && container.restartPolicy !== 'Never' && pod.restartPolicy === 'Always';
  }
  if (state.kind === 'waiting' && !ORDINARY_WAITS.has(state.reason)) return true;
  if (state.kind === 'running') {
    if (hasStaleMount(evidence)) return true;
    const since = state.startedAt ?? pod.createdAt ?? now;
    const last = evidence.lastTermination;
    if (last)
      return (
        !status.ready || now - since < Math.max(FORGIVEN_MS, isLoop(evidence) ? (longestLifetime(evidence) ?? 0) : 0)
      );
    const failures = (evidence.events ?? []).some(
      (event) => event.type === 'Warning' && event.container === container.name,
    );
    return (container.type === 'init' || (!status.ready && failures)) && now - since > PATIENCE_MS;
  }
  const warned = (evidence.events ?? []).some((event) => event.type === 'Warning' && event.involved.kind !== 'Node');
  const waitedMs = now - (pod.createdAt ?? now);
  const unscheduled = pod.conditions.some((one) => one.type === 'PodScheduled' && one.status === 'False');
  const refused = (evidence.events ?? []).some((event) => event.reason === 'FailedCreate');
  return unscheduled || refused || (warned && waitedMs > 30_000) || waitedMs > PATIENCE_MS;
}

/** A running pod whose mount the kubelet keeps failing to refresh: it runs on, and its next start will not. */
function hasStaleMount({ events, now }: Evidence): boolean {
  return (events ?? []).some(
    (event) => event.reason === 'FailedMount' && event.count > MANY && now - (event.last ?? 0) < FORGIVEN_MS,
  );
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

/** What a crash leaves behind, so that the next runs die of it: then the first crash tells the truth. */
const AFTERMATH: ReadonlySet<CauseId> = new Set([
  'data-corrupt',
  'migration-failed',
  'port-in-use',
  'exits-early',
  'app-exception',
  'unknown',
]);

/** Evidence of the first crash by its log; null where none is held. */
function ofFirstCrash(evidence: Evidence): Evidence | null {
  const { firstLog, runs } = evidence;
  const first = runs.find((run) => run.finishedAt !== null && run.exitCode !== null);
  if (!firstLog || !first || first.exitCode === null) return null;
  const { exitCode, reason, message, startedAt, finishedAt, containerId } = first;
  const lastTermination = { exitCode, signal: 0, reason, message, startedAt, finishedAt, containerId };
  return { ...evidence, log: firstLog, lastTermination };
}

/** Verdicts that the log of the first crash supports, where it tells another story than the newest one. */
function supportedByFirst(outcomes: readonly Outcome[]): readonly Verdict[] {
  return outcomes
    .flatMap((one) => (one.outcome === 'fired' ? [one.verdict] : []))
    .filter(
      ({ facts: [{ place }], confidence }) =>
        place.tab === 'logs' && place.log === 'first' && confidence !== 'possible',
    )
    .filter(({ cause }) => !AFTERMATH.has(cause))
    .map((verdict) => ({ ...verdict, confidence: 'likely' as const }));
}

/** Judges one container by every rule. A rule that throws is `broken` and stops no other. */
export function diagnose(evidence: Evidence, rules: readonly Rule[] = RULES): Diagnosis {
  const steps = diagnoseInSteps(evidence, rules);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/**
 * As `diagnose`, in steps: whoever drives it may let other work go first after each rule. A rule that meets its first log has all its
 * patterns compiled, so that the first diagnoses of a process take more than ten times as long as the later ones.
 */
export function* diagnoseInSteps(
  evidence: Evidence,
  rules: readonly Rule[] = RULES,
): Generator<undefined, Diagnosis, undefined> {
  if (!isFailing(evidence)) return { verdicts: [], outcomes: [] };
  const outcomes = yield* judgeEach(evidence, rules);
  const fired = outcomes.flatMap((one) => (one.outcome === 'fired' ? [one.verdict] : []));
  const ranked = rank(fired, evidence, rules);
  const [best] = ranked;
  if (!best || best.confidence === 'certain' || !AFTERMATH.has(best.cause)) return { verdicts: ranked, outcomes };
  const earlier = ofFirstCrash(evidence);
  const ofFirst = earlier ? yield* judgeEach(earlier, rules) : [];
  const first = supportedByFirst(ofFirst).filter((one) => !ranked.some((other) => other.cause === one.cause));
  const broken = ofFirst.filter((one) => one.outcome === 'broken');
  return { verdicts: [...first, ...ranked], outcomes: [...outcomes, ...broken] };
}

function* judgeEach(evidence: Evidence, rules: readonly Rule[]): Generator<undefined, readonly Outcome[], undefined> {
  const outcomes: Outcome[] = [];
  for (const rule of rules) {
    outcomes.push(judge(rule, evidence));
    yield;
  }
  return outcomes;
}
