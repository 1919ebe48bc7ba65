import { ATTEMPTS_APART_MS, attemptChain, nextAttemptBy } from './attempt-chain';
import { type CrashChain, type Exit, exitsOf, mayBeDeletion } from './container-exits';
import type { LoopState } from './loop';
import { LOOP_THRESHOLDS, type LoopInput, type PreviousStanding } from './loop-standing';
import type { PodSnapshot } from './pod-snapshot';
import { holdAfterMs, isLoopingChain, type ReplicaState, replicaState } from './replica-state';
import type { EpochMs } from './time';

export interface Replica {
  readonly pod: PodSnapshot;
  readonly state: ReplicaState;
}

/** A chain of crashes that goes on now. */
export interface Crashing {
  readonly chain: CrashChain;
  /** The wait that the kubelet names for it, or 0. */
  readonly announcedMs: number;
  readonly podCreatedAt: EpochMs | null;
}

/** All that a judgement looks at, worked out once. */
export interface LoopView {
  readonly now: EpochMs;
  readonly previous: PreviousStanding | null;
  readonly refusedAt: EpochMs | null;
  readonly replicas: readonly Replica[];
  readonly isJob: boolean;
  /** Failed pods, oldest first, and of a Job those that are gone. */
  readonly failures: readonly Exit[];
  readonly failureChain: CrashChain | null;
  /** Crashes over all pods, also gone ones. */
  readonly exits: readonly Exit[];
  readonly lastCrashAt: EpochMs | null;
  readonly longestMs: number;
  /** Instants at which time alone may change the judgement; filled while deciding. */
  readonly checks: EpochMs[];
}

const ENDED: ReadonlySet<LoopState> = new Set(['recovered', 'gone']);

/** Whether a loop of this standing has ended: it may come back. */
export function hasEnded(previous: PreviousStanding): boolean {
  return ENDED.has(previous.state);
}

/** Works out what a judgement looks at. */
export function viewOf(input: LoopInput): LoopView {
  const { now, previous } = input;
  const checks: EpochMs[] = [];
  const runsOf = Map.groupBy(input.runs, (run) => run.podUid);
  const known = new Set(input.pods.map((pod) => pod.uid));
  const isJob = input.pods.some((pod) => pod.owner?.kind === 'Job');

  const bare = input.pods.map((pod): Replica => {
    const trouble = input.troubles?.get(pod.uid) ?? null;
    return { pod, state: replicaState(pod, input.container, runsOf.get(pod.uid) ?? [], trouble, now) };
  });
  const goneExits = [...runsOf]
    .filter(([uid]) => !known.has(uid))
    .map(([, runs]) => crashesOfGonePod(exitsOf(null, runs)));
  const failures = [
    ...bare.flatMap(({ state }) => (state.kind === 'failed' ? [state.exit] : [])),
    ...(isJob ? goneExits.flatMap((exits) => exits.slice(-1)) : []),
  ].sort((a, b) => a.at - b.at);
  const failureChain = attemptChain(failures);
  const replicas = bare.map((replica) => asNextAttempt(replica, failureChain));

  const exits = [
    ...replicas.flatMap(({ state }) => ('exits' in state ? state.exits : [])),
    ...goneExits.flat(),
    ...bare.flatMap(({ state }) => (state.kind === 'failed' ? [state.exit] : [])),
  ];
  for (const { state } of replicas) if (state.kind === 'pending') checks.push(state.checkAt);
  return {
    now,
    previous,
    refusedAt: input.refusedAt ?? null,
    replicas,
    isJob,
    failures,
    failureChain,
    exits,
    lastCrashAt: exits.length === 0 ? null : Math.max(...exits.map((exit) => exit.at)),
    longestMs: longestRun(replicas, exits, previous),
    checks,
  };
}

/** The chains that go on now, and notes when they would be over by time alone. */
export function crashingOf(view: LoopView): readonly Crashing[] {
  const crashing = view.replicas.flatMap(({ pod, state }): readonly Crashing[] => {
    if (state.kind === 'down') {
      const chain = state.chain ?? lone(state.since);
      const counts = state.isAnnounced || isLoopingChain(chain) || isReturn(view, state.exits);
      return counts ? [{ chain, announcedMs: state.announcedMs ?? 0, podCreatedAt: pod.createdAt }] : [];
    }
    if (state.kind !== 'up' || state.chain === null) return [];
    const overAt = state.since + holdAfterMs(state.chain.longestMs);
    if (view.now >= overAt || !(isLoopingChain(state.chain) || isReturn(view, state.exits))) return [];
    view.checks.push(overAt);
    return [{ chain: state.chain, announcedMs: 0, podCreatedAt: pod.createdAt }];
  });
  if (crashing.length > 0) return crashing;
  const chain = view.failureChain;
  return isLoopingChain(chain) && awaitsNextAttempt(view, chain) ? [{ chain, announcedMs: 0, podCreatedAt: null }] : [];
}

/** Whether some pod of the workload completed after the newest failure. */
export function completedSince(view: LoopView, at: EpochMs): boolean {
  return view.replicas.some(({ state }) => state.kind === 'completed' && (state.at === null || state.at >= at));
}

/** Whether a pod is under way: being created, or waiting for something that is not its fault. */
export function isComing({ pod, state }: Replica): boolean {
  return state.kind === 'pending' || (state.kind === 'quiet' && pod.deletedAt === null);
}

function awaitsNextAttempt(view: LoopView, chain: CrashChain): boolean {
  if (completedSince(view, chain.lastAt)) return false;
  const deadline = view.replicas.some(isComing) ? chain.lastAt + ATTEMPTS_APART_MS : nextAttemptBy(chain);
  const hasUp = view.replicas.some(({ state }) => state.kind === 'up');
  if (hasUp || !(view.isJob || view.replicas.some(isComing)) || view.now >= deadline) return false;
  view.checks.push(deadline);
  return true;
}

/** A crash after recovery brings the loop back at once, as long as the recovery is remembered. */
function isReturn({ previous, now }: LoopView, exits: readonly Exit[]): boolean {
  if (previous === null) return false;
  if (previous.state === 'came-back') return exits.some((exit) => exit.at >= previous.since);
  const endedAt = previous.enteredAt;
  if (previous.state !== 'recovered' || endedAt === undefined) return false;
  return now - endedAt < LOOP_THRESHOLDS.keepRecoveredMs && exits.some((exit) => exit.at > endedAt);
}

/** A pod that was made after others of its kind had failed is the next run of their chain. */
function asNextAttempt({ pod, state }: Replica, chain: CrashChain | null): Replica {
  if (state.kind !== 'up' || state.exits.length > 0 || chain === null || state.since <= chain.firstAt)
    return { pod, state };
  return { pod, state: { ...state, chain } };
}

/** The exits of a pod that is gone, without the last one where that may have been its deletion. */
function crashesOfGonePod(exits: readonly Exit[]): readonly Exit[] {
  const code = exits.at(-1)?.exitCode ?? null;
  return code === null || mayBeDeletion(code) ? exits.slice(0, -1) : exits;
}

function longestRun(replicas: readonly Replica[], exits: readonly Exit[], previous: PreviousStanding | null): number {
  const since = previous === null || hasEnded(previous) ? Number.POSITIVE_INFINITY : previous.since;
  const later = exits.filter((exit) => exit.at - (exit.livedMs ?? 0) >= since);
  const chains = replicas.map(({ state }) => ('chain' in state ? (state.chain?.longestMs ?? 0) : 0));
  return Math.max(0, ...chains, ...later.map((exit) => exit.livedMs ?? 0));
}

function lone(at: EpochMs): CrashChain {
  return { crashes: 1, firstAt: at, unseenBefore: 0, lastAt: at, longestMs: 0 };
}
