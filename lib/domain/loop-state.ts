import { failsEachTimeUntil, nextAttemptBy } from './attempt-chain';
import { totalWaitMs } from './backoff-curve';
import { BACKOFF_RESET_MS } from './container-exits';
import type { LoopState } from './loop';
import {
  LOOP_THRESHOLDS,
  type LoopInput,
  type LoopJudgement,
  type LoopStanding,
  type PreviousStanding,
} from './loop-standing';
import { type Crashing, completedSince, crashingOf, hasEnded, isComing, type LoopView, viewOf } from './loop-view';
import { holdAfterMs, isFailing, isLoopingChain } from './replica-state';
import { slowFailure, slowFailureEndsAt } from './slow-failure';
import type { EpochMs } from './time';

export type { LoopInput, LoopJudgement, LoopStanding, PreviousStanding } from './loop-standing';

/**
 * Judges a loop anew from its pods, its runs, the clock and the judgement before. A loop is known by its exits, never by the
 * word `CrashLoopBackOff`, which kubelets from 1.35 on do not show in the first minutes (crash-semantics 1.5, 12). Pure; the
 * cost grows with the pods and runs that are handed in. Thresholds: `LOOP_THRESHOLDS`, `START_GRACE`, `slowFailure`.
 */
export function judgeLoop(input: LoopInput): LoopJudgement {
  const view = viewOf(input);
  const standing = decide(view);
  const upcoming = view.checks.filter((at) => at > input.now);
  return { standing, nextCheckAt: upcoming.length === 0 ? null : Math.min(...upcoming) };
}

function decide(view: LoopView): LoopStanding | null {
  const crashing = crashingOf(view);
  if (crashing.length > 0) return crashes(view, crashing);
  return neverStarted(view) ?? slow(view) ?? rests(view);
}

function crashes(view: LoopView, crashing: readonly Crashing[]): LoopStanding {
  const { now, previous } = view;
  const active = previous !== null && !hasEnded(previous) ? previous : null;
  const first = crashing.map(began).reduce((a, b) => (b.at < a.at ? b : a));
  const endedAt = previous !== null && hasEnded(previous) ? (previous.enteredAt ?? Number.NEGATIVE_INFINITY) : null;
  const since = endedAt === null ? Math.min(first.at, active?.since ?? first.at) : Math.max(first.at, endedAt);
  const hasReturned = endedAt !== null || active?.state === 'came-back' || active?.hasReturned === true;

  const crashedSince = active === null || active.state === 'never-started' ? first.at : since;
  const count = Math.max(...crashing.map(({ chain }) => chain.crashes));
  const isLong =
    active?.state === 'looping' ||
    count >= LOOP_THRESHOLDS.loopingCrashes ||
    crashing.some(({ announcedMs }) => announcedMs >= LOOP_THRESHOLDS.loopingWaitMs) ||
    now - crashedSince >= LOOP_THRESHOLDS.loopingAfterMs;
  view.checks.push(crashedSince + LOOP_THRESHOLDS.loopingAfterMs);
  const state = hasReturned ? 'came-back' : isLong ? 'looping' : 'starting';
  return standing(view, state, since, { hasReturned, crashes: count, isSinceKnown: since < first.at || first.isKnown });
}

/** When a chain began: known, or estimated from the restarts that nobody saw, each with its nominal wait and longest run. */
function began({ chain, podCreatedAt }: Crashing): { readonly at: EpochMs; readonly isKnown: boolean } {
  const { firstAt, unseenBefore, longestMs } = chain;
  if (unseenBefore === 0) return { at: firstAt, isKnown: true };
  const estimate = firstAt - totalWaitMs(unseenBefore) - unseenBefore * longestMs;
  return { at: Math.min(firstAt, Math.max(estimate, podCreatedAt ?? estimate)), isKnown: false };
}

function neverStarted(view: LoopView): LoopStanding | null {
  const faults = view.replicas.flatMap(({ state }) => (state.kind === 'fault' ? [state.since] : []));
  if (view.refusedAt !== null) faults.push(view.refusedAt);
  if (faults.length === 0) return null;
  return standing(view, 'never-started', since(view, Math.min(...faults)));
}

function slow(view: LoopView): LoopStanding | null {
  const found = view.replicas.flatMap(({ pod, state }) => {
    if (state.kind !== 'down' && state.kind !== 'up') return [];
    const mayGuess = view.previous === null || view.previous.state === 'slow';
    const failure = slowFailure(state.exits, mayGuess ? pod.createdAt : null, view.now);
    if (failure === null) return [];
    const overAt = state.kind === 'up' ? state.since + holdAfterMs(failure.longestMs) : Number.POSITIVE_INFINITY;
    if (view.now >= overAt) return [];
    view.checks.push(overAt, slowFailureEndsAt(state.exits, view.now) ?? overAt);
    return [failure];
  });
  const worst = found.toSorted((a, b) => b.crashes - a.crashes)[0];
  if (worst !== undefined) {
    return standing(view, 'slow', since(view, worst.firstAt), { crashes: worst.crashes });
  }
  const last = view.failures.at(-1);
  const first = view.failures[0];
  if (first === undefined || last === undefined || completedSince(view, last.at)) return null;
  const until = failsEachTimeUntil(view.failures, view.now);
  if (until === null) return null;
  view.checks.push(until);
  return standing(view, 'slow', since(view, first.at), { crashes: view.failures.length });
}

/** Nothing fails now: the loop holds, has recovered, is gone, or is between two pods; or there never was one. */
function rests(view: LoopView): LoopStanding | null {
  const { previous } = view;
  if (previous === null) return foundHolding(view);
  if (hasEnded(previous)) return afterEnd(view, previous);
  const keep = () => standing(view, previous.state, previous.since);
  if (view.replicas.length === 0) return withoutPods(view, previous);

  const ups = view.replicas.flatMap(({ state }) => (state.kind === 'up' ? [state.since] : []));
  const isDown = view.replicas.some(({ state }) => state.kind === 'down');
  if (isDown && previous.state === 'holding') {
    return standing(view, previous.hasReturned === true ? 'came-back' : 'looping', previous.since);
  }
  if (isDown) return keep();
  if (ups.length === 0)
    return view.replicas.some(isComing) || isLeaving(view) ? keep() : withoutAttempts(view, previous);

  const youngest = Math.max(...ups);
  const wasFault = view.exits.length === 0;
  const holdsAt = youngest + (wasFault ? 0 : holdAfterMs(view.longestMs));
  const recoversAt = youngest + (wasFault ? LOOP_THRESHOLDS.recoverAfterFaultMs : recoverAfterMs(view.longestMs));
  view.checks.push(holdsAt, recoversAt);
  if (view.now >= recoversAt && !view.replicas.some(isComing)) {
    // Where nobody looked for a while, it has recovered then and not now; where what failed was replaced by what ran already, now.
    const isSinceThen = recoversAt >= Math.max(view.lastCrashAt ?? 0, previous.enteredAt ?? 0);
    return standing(view, 'recovered', previous.since, { enteredAt: isSinceThen ? recoversAt : view.now });
  }
  return view.now >= holdsAt ? standing(view, 'holding', previous.since) : keep();
}

function foundHolding(view: LoopView): LoopStanding | null {
  const found = view.replicas.flatMap(({ pod, state }): readonly Crashing[] => {
    if (state.kind !== 'up' || !isLoopingChain(state.chain)) return [];
    const recoversAt = state.since + recoverAfterMs(state.chain.longestMs);
    if (view.now >= recoversAt) return [];
    view.checks.push(recoversAt);
    return [{ chain: state.chain, announcedMs: 0, podCreatedAt: pod.createdAt }];
  });
  if (found.length === 0) return null;
  const first = found.map(began).reduce((a, b) => (b.at < a.at ? b : a));
  const count = Math.max(...found.map(({ chain }) => chain.crashes));
  return standing(view, 'holding', first.at, { crashes: count, isSinceKnown: first.isKnown });
}

function afterEnd(view: LoopView, previous: PreviousStanding): LoopStanding | null {
  const endedAt = previous.enteredAt ?? view.now;
  const ups = view.replicas.flatMap(({ state }) => (state.kind === 'up' ? [state.since] : []));
  if (previous.state === 'gone' && ups.length > 0) {
    const recoversAt = Math.max(...ups) + BACKOFF_RESET_MS;
    view.checks.push(recoversAt);
    if (view.now >= recoversAt) return standing(view, 'recovered', previous.since);
  }
  const isStillThere = previous.state === 'gone' && view.replicas.some(({ state }) => state.kind === 'failed');
  const keepMs = previous.state === 'gone' ? LOOP_THRESHOLDS.keepGoneMs : LOOP_THRESHOLDS.keepRecoveredMs;
  if (!isStillThere && view.now - endedAt >= keepMs) return null;
  view.checks.push(endedAt + keepMs);
  return standing(view, previous.state, previous.since);
}

function withoutPods(view: LoopView, previous: PreviousStanding): LoopStanding {
  const emptySince = previous.emptySince ?? view.now;
  const goneAt = emptySince + LOOP_THRESHOLDS.goneAfterMs;
  view.checks.push(goneAt);
  return standing(view, view.now >= goneAt ? 'gone' : previous.state, previous.since, { emptySince });
}

/** Only pods that ended are left: their work is done, or their owner has given up. */
function withoutAttempts(view: LoopView, previous: PreviousStanding): LoopStanding {
  const lastFailure = view.failures.at(-1);
  if (completedSince(view, lastFailure?.at ?? Number.NEGATIVE_INFINITY)) {
    return standing(view, 'recovered', previous.since);
  }
  if (view.failureChain !== null && view.now < nextAttemptBy(view.failureChain)) {
    view.checks.push(nextAttemptBy(view.failureChain));
    return standing(view, previous.state, previous.since);
  }
  return standing(view, 'gone', previous.since);
}

function isLeaving(view: LoopView): boolean {
  return view.replicas.some(({ pod }) => pod.deletedAt !== null);
}

/** How long a run must last, in milliseconds, until its loop counts as recovered: past the longest run before and the reset of the back-off. */
export function recoverAfterMs(longestMs: number): number {
  return longestMs > BACKOFF_RESET_MS ? 2 * longestMs : Math.max(BACKOFF_RESET_MS, holdAfterMs(longestMs));
}

/** The start of an episode: of the one that goes on, or `at`. */
function since(view: LoopView, at: EpochMs): EpochMs {
  const { previous } = view;
  if (previous === null) return at;
  return hasEnded(previous) ? Math.max(at, previous.enteredAt ?? at) : Math.min(at, previous.since);
}

function standing(
  view: LoopView,
  state: LoopState,
  episodeSince: EpochMs,
  over: Partial<LoopStanding> = {},
): LoopStanding {
  const { previous, now } = view;
  const failing = hasEnded({ state, since: episodeSince })
    ? 0
    : view.replicas.filter((r) => r.state.kind !== 'failed' && isFailing(r.state, view.longestMs, now)).length;
  const isAttemptsOnly = state === 'starting' || state === 'looping' || state === 'came-back' || state === 'slow';
  const failingReplicas = Math.max(failing, isAttemptsOnly && view.failures.length > 0 ? 1 : 0);
  const live = view.replicas.filter(
    (r) => r.pod.deletedAt === null && r.state.kind !== 'failed' && r.state.kind !== 'completed',
  );
  return {
    state,
    since: episodeSince,
    enteredAt: previous?.state === state ? (previous.enteredAt ?? now) : now,
    hasReturned: previous?.hasReturned ?? previous?.state === 'came-back',
    emptySince: null,
    isSinceKnown: true,
    crashes: Math.max(0, ...view.replicas.map(({ state: s }) => ('chain' in s ? (s.chain?.crashes ?? 0) : 0))),
    lastCrashAt: view.lastCrashAt,
    failingReplicas,
    totalReplicas: Math.max(live.length, failingReplicas),
    ...over,
  };
}
