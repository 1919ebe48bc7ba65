import { type BackoffParams, DEFAULT_BACKOFF, nominalWaitMs } from './backoff-curve';
import { BACKOFF_RESET_MS } from './container-exits';
import type { Run } from './loop';
import { retrySlackMs } from './restart-window';
import type { EpochMs } from './time';

/** What the model reads of a run. `killedByKubelet`: by a liveness or startup probe, where events tell; else left out. */
export type BackoffRun = Pick<
  Run,
  'id' | 'containerId' | 'restartIndex' | 'startedAt' | 'finishedAt' | 'exitCode' | 'reason' | 'image' | 'missedBefore'
> & { readonly killedByKubelet?: boolean };

export interface BackoffOptions {
  readonly params?: BackoffParams;
  /** Minor of the node's kubelet, or null where unknown: decides how late a start may be before it counts as late. */
  readonly kubeletMinor: number | null;
  /** Delays that the kubelet named in `waiting.message` after a run, in milliseconds by run id. They beat the model. */
  readonly announced?: ReadonlyMap<string, number>;
}

/**
 * Why a wait is as long as it is.
 * - `free`: the kubelet keeps no back-off yet; so it is after the first run
 * - `long-run`: the run outlived the kubelet's memory (600 s), the restart is immediate and the curve fresh
 * - `back-off`: the ordinary delay
 * - `collected`: the kubelet forgets the back-off while the container waits; the curve is fresh afterwards
 * - `probe-kill`: killed by the kubelet and started again in the same breath; the curve advances all the same
 * - `reset`: started before its time with a fresh curve: resized in place, another image, or a restarted kubelet
 * - `missed`: restarts lie in between that nobody saw
 */
export const WAIT_KINDS = ['free', 'long-run', 'back-off', 'collected', 'probe-kill', 'reset', 'missed'] as const;
export type WaitKind = (typeof WAIT_KINDS)[number];

/** The wait after one run. */
export interface BackoffWait {
  readonly afterRunId: string;
  readonly kind: WaitKind;
  readonly endedAt: EpochMs;
  /** The kubelet's delay from `endedAt`, in milliseconds; 0 where it starts at once. */
  readonly nominalMs: number;
  /** 0 without a delay, 1 for the base, one more for each doubling, the highest for the cap. */
  readonly stage: number;
  /** When the kubelet may start the container at the earliest: after the delay, or when it forgets the back-off. */
  readonly dueAt: EpochMs;
  /** From the end to the next start; null while it waits and for a missed start. */
  readonly actualMs: number | null;
  /** Started later than the kubelet's own retries explain: an image pull, or a busy or stopped node. */
  readonly isLate: boolean;
  /** The curve is fresh after this wait. */
  readonly resets: boolean;
  /** Where the delay comes from: named by the kubelet, replayed from recorded runs, or an upper bound from `restartCount`. */
  readonly basis: 'announced' | 'replayed' | 'formula';
}

export interface BackoffReplay {
  /** One per ended run that has an end time, oldest first; the last one is still going on where no later run is known. */
  readonly waits: readonly BackoffWait[];
  /** The wait that would follow, should the container end now: for a run that is alive. */
  readonly ahead: { readonly delayMs: number; readonly stage: number };
  /** While it runs: from when an end would find no back-off any more, and from when the wait after it would be cut short. */
  readonly freshAt: EpochMs | null;
  readonly cutShortAt: EpochMs | null;
  /** Waits that the model does not explain with these parameters: shorter than the delay, or other than announced. */
  readonly contradictions: number;
}

interface Entry {
  readonly delayMs: number;
  readonly updatedAt: EpochMs;
}

/** Whole seconds on both ends make a wait look up to a second shorter than it was. */
const ROUNDING_MS = 1_000;

/** From the kubelet's decision to the first instant of the run: the image is looked up, the container made and started. */
const START_LATENCY_MS = 3_000;

/** A start within this time of the end did not wait. */
const AT_ONCE_MS = 3_000;

/**
 * Replays the kubelet's restart back-off over the recorded runs of one pod's container (oldest first, the newest may be
 * alive) and gives what each wait was, or is, made of. A start that lies in the past tells what really happened: whether the
 * entry had been collected, the probe's kill had its free restart, or the curve was reset. Pure.
 *
 * Source: `kuberuntime_manager.go` `doBackOff`, `client-go/util/flowcontrol/backoff.go` (crash-semantics 1.2, 1.3, 12).
 */
export function replayBackoff(runs: readonly BackoffRun[], options: BackoffOptions): BackoffReplay {
  const first = runs[0];
  const isFirstKilled = first?.killedByKubelet;
  const plain = replay(runs, options, isFirstKilled === true);
  if (isFirstKilled !== undefined || plain.contradictions === 0 || first === undefined || !mayBeKill(first))
    return plain;
  const killed = replay(runs, options, true);
  return killed.contradictions < plain.contradictions ? killed : plain;
}

/** When a run began, as far as known: a start that the runtime refused has only its end. */
export function startOf(run: Pick<Run, 'startedAt' | 'finishedAt'>): EpochMs | null {
  return run.startedAt ?? run.finishedAt;
}

function replay(runs: readonly BackoffRun[], options: BackoffOptions, isFirstKilled: boolean): BackoffReplay {
  const params = options.params ?? DEFAULT_BACKOFF;
  const waits: BackoffWait[] = [];
  let contradictions = 0;
  let isFormula = false;
  let entry: Entry | null = null;

  for (const [i, run] of runs.entries()) {
    const startedAt = startOf(run);
    const unseen = i === 0 ? run.restartIndex : run.missedBefore;
    if (unseen > 0 && startedAt !== null) {
      const delayMs: number =
        i === 0 ? nominalWaitMs(unseen + 1, params) : doubled(entry?.delayMs ?? 0, unseen, params);
      entry = { delayMs, updatedAt: startedAt };
      isFormula = true;
    }
    const next = runs[i + 1];
    const nextAt = next === undefined ? null : startOf(next);
    const endedAt = run.finishedAt;
    if (endedAt === null) {
      if (next === undefined) continue;
      entry = { delayMs: doubled(entry?.delayMs ?? 0, 1, params), updatedAt: nextAt ?? startedAt ?? 0 };
      isFormula = true;
      continue;
    }

    const announcedMs = options.announced?.get(run.id);
    if (announcedMs !== undefined) {
      const expected: number | null = entry === null || isExpired(entry, endedAt) ? null : entry.delayMs;
      if (announcedMs !== expected && !isFormula) contradictions += 1;
      entry = {
        delayMs: announcedMs,
        updatedAt: expected === null ? (startedAt ?? endedAt) : (entry?.updatedAt ?? endedAt),
      };
      isFormula = false;
    }
    const basis = announcedMs !== undefined ? 'announced' : isFormula ? 'formula' : 'replayed';
    const planned = plan(entry, endedAt);
    const base = { afterRunId: run.id, endedAt, ...planned, stage: stageOf(planned.nominalMs, params), basis } as const;
    if (next === undefined || nextAt === null || next.missedBefore > 0) {
      const kind = next === undefined ? planned.kind : 'missed';
      waits.push({ ...base, kind, actualMs: null, isLate: false });
      if (next !== undefined) entry = advance(entry, endedAt, nextAt ?? endedAt, params);
      continue;
    }

    const actualMs = nextAt - endedAt;
    const outcome = settle(run, runs[i - 1], next, planned, entry);
    const nominalMs = outcome === 'probe-kill' ? 0 : planned.nominalMs;
    const isCollected = entry !== null && nextAt - entry.updatedAt > BACKOFF_RESET_MS;
    const slackMs = retrySlackMs(options.kubeletMinor, nominalMs, outcome === 'collected');
    waits.push({
      ...base,
      kind: outcome,
      nominalMs,
      stage: outcome === 'probe-kill' ? 0 : base.stage,
      actualMs,
      isLate: outcome !== 'reset' && nextAt > planned.dueAt + slackMs + START_LATENCY_MS && outcome !== 'probe-kill',
      resets: outcome === 'reset' || outcome === 'long-run' || isCollected,
    });
    if (outcome === 'reset') {
      if (run.image === next.image) contradictions += 1;
      entry = { delayMs: params.baseMs, updatedAt: nextAt };
    } else if (i === 0 && run.restartIndex === 0 && isFirstKilled) {
      entry = null;
    } else {
      entry = advance(isCollected ? null : entry, endedAt, nextAt, params);
    }
    if (outcome === 'reset' || outcome === 'long-run' || isCollected) isFormula = false;
  }

  const alive = runs.at(-1);
  const isAlive = alive !== undefined && alive.finishedAt === null && alive.exitCode === null;
  const aliveEntry = isAlive ? entry : null;
  return {
    waits,
    ahead: { delayMs: entry?.delayMs ?? 0, stage: stageOf(entry?.delayMs ?? 0, params) },
    freshAt: aliveEntry === null ? null : aliveEntry.updatedAt + BACKOFF_RESET_MS,
    cutShortAt: aliveEntry === null ? null : aliveEntry.updatedAt + BACKOFF_RESET_MS - aliveEntry.delayMs,
    contradictions,
  };
}

interface Plan {
  readonly kind: 'free' | 'long-run' | 'back-off' | 'collected';
  readonly nominalMs: number;
  readonly dueAt: EpochMs;
  readonly resets: boolean;
}

/** What the kubelet will do after an end, going by its entry. */
function plan(entry: Entry | null, endedAt: EpochMs): Plan {
  if (entry === null) return { kind: 'free', nominalMs: 0, dueAt: endedAt, resets: false };
  if (isExpired(entry, endedAt)) return { kind: 'long-run', nominalMs: 0, dueAt: endedAt, resets: true };
  const collectedAt = entry.updatedAt + BACKOFF_RESET_MS;
  const dueAt = endedAt + entry.delayMs;
  if (dueAt > collectedAt) return { kind: 'collected', nominalMs: entry.delayMs, dueAt: collectedAt, resets: true };
  return { kind: 'back-off', nominalMs: entry.delayMs, dueAt, resets: false };
}

/** What a start that has happened says about the wait before it. */
function settle(
  run: BackoffRun,
  before: BackoffRun | undefined,
  next: BackoffRun,
  planned: Plan,
  entry: Entry | null,
): WaitKind {
  const nextAt = startOf(next) ?? planned.dueAt;
  if (nextAt >= planned.dueAt - ROUNDING_MS) return planned.kind;
  if (run.image !== next.image) return 'reset';
  const beforeAt = before?.finishedAt ?? null;
  const isAtOnce = nextAt - (run.finishedAt ?? nextAt) <= AT_ONCE_MS;
  const mayBe = run.killedByKubelet ?? (mayBeKill(run) && isAtOnce);
  const passesGate = beforeAt !== null && entry !== null && nextAt - beforeAt >= entry.delayMs - ROUNDING_MS;
  return mayBe && passesGate ? 'probe-kill' : 'reset';
}

/** The entry after a start: fresh where there was none or it had expired by the time of the end, else doubled up to the cap. */
function advance(entry: Entry | null, endedAt: EpochMs, startedAt: EpochMs, params: BackoffParams): Entry {
  if (entry === null || isExpired(entry, endedAt)) return { delayMs: params.baseMs, updatedAt: startedAt };
  return { delayMs: doubled(entry.delayMs, 1, params), updatedAt: startedAt };
}

function doubled(delayMs: number, times: number, params: BackoffParams): number {
  const from = delayMs === 0 ? params.baseMs / 2 : delayMs;
  return Math.min(params.capMs, from * 2 ** Math.min(times, 30));
}

function isExpired(entry: Entry, endedAt: EpochMs): boolean {
  return endedAt - entry.updatedAt > BACKOFF_RESET_MS;
}

/** A process that the kubelet stops ends with SIGTERM's or SIGKILL's code, or with 0 where it obeys. */
function mayBeKill(run: BackoffRun): boolean {
  return (run.exitCode === 137 || run.exitCode === 143 || run.exitCode === 0) && run.reason !== 'OOMKilled';
}

function stageOf(delayMs: number, params: BackoffParams): number {
  if (delayMs <= 0) return 0;
  if (delayMs >= params.capMs) return Math.ceil(Math.log2(params.capMs / params.baseMs)) + 1;
  return Math.round(Math.log2(delayMs / params.baseMs)) + 1;
}
