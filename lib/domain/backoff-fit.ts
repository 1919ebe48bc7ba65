import { type BackoffOptions, type BackoffRun, replayBackoff } from './backoff';
import { type BackoffParams, DEFAULT_BACKOFF, REDUCED_BACKOFF } from './backoff-curve';

/** The recorded runs of one pod's container, oldest first, with the delays that the kubelet named after them. */
export interface BackoffHistory {
  readonly runs: readonly BackoffRun[];
  readonly announced?: ReadonlyMap<string, number>;
}

export interface BackoffFit {
  readonly params: BackoffParams;
  /** `announced`: the kubelet named the cap; `observed`: the waits fit no other way; `assumed`: nothing speaks against it. */
  readonly basis: 'announced' | 'observed' | 'assumed';
  /** Waits and named delays that the parameters explain, out of those there are. */
  readonly explained: number;
  readonly total: number;
}

/** What kubelets are configured to, most common first; a cap of one's own is searched for when none of them fits. */
const KNOWN: readonly BackoffParams[] = [DEFAULT_BACKOFF, REDUCED_BACKOFF, { baseMs: 1_000, capMs: 300_000 }];
const BASES_MS = [10_000, 1_000] as const;
const MAX_CAP_S = 300;

/** Caps that people choose, in seconds, roundest first: among equally good ones the roundest is taken. */
const ROUND_CAPS_S = [
  60, 120, 180, 240, 30, 90, 150, 210, 270, 300, 20, 40, 50, 100, 200, 10, 15, 25, 45, 5, 75, 1, 2, 3, 4,
];

/** Of each history the newest runs are looked at. */
const RUNS_MAX = 60;

/**
 * A wait that nothing explains (a resize, a stopped node) is no reason to doubt the common parameters: others must explain at
 * least so many more, and so large a share more.
 */
const GAIN_MIN = 2;
const GAIN_SHARE_MIN = 0.05;

/**
 * Finds the base and the cap of a node's kubelet from the histories of containers on it: which parameters explain the waits
 * and the delays that were named. A kubelet may run with a cap of 1 s to 300 s of its own, and with base 1 s behind a feature
 * gate; the API shows neither (crash-semantics 1.8). A cap below the base lowers the base. Delays named beat waits seen.
 */
export function fitBackoff(histories: readonly BackoffHistory[], kubeletMinor: number | null): BackoffFit {
  const newest = histories.map(({ runs, ...rest }) => ({ ...rest, runs: runs.slice(-RUNS_MAX) }));
  const known = best(newest, KNOWN, kubeletMinor);
  if (known.explained === known.total) return described(newest, known);
  const own = capsToTry(newest).flatMap((capMs) =>
    BASES_MS.map((baseMs) => ({ baseMs: Math.min(baseMs, capMs), capMs })),
  );
  const searched = best(newest, own, kubeletMinor);
  const gain = searched.explained - known.explained;
  return described(newest, gain >= Math.max(GAIN_MIN, GAIN_SHARE_MIN * known.total) ? searched : known);
}

/** Delays that were named, round numbers, and the waits themselves, in milliseconds. */
function capsToTry(histories: readonly BackoffHistory[]): readonly number[] {
  const named = histories.flatMap(({ announced }) => [...(announced?.values() ?? [])]);
  const waits = histories.flatMap(({ runs }) => replayBackoff(runs, { kubeletMinor: null }).waits);
  const seen = waits.flatMap(({ actualMs }) => (actualMs === null ? [] : [actualMs, actualMs - 1_000]));
  const all = [...named, ...ROUND_CAPS_S.map((s) => s * 1_000), ...seen];
  return [...new Set(all)].filter((ms) => ms >= 1_000 && ms <= MAX_CAP_S * 1_000);
}

interface Scored {
  readonly params: BackoffParams;
  readonly explained: number;
  readonly total: number;
}

/** The best of the candidates; the earlier one where two explain as much. */
function best(
  histories: readonly BackoffHistory[],
  candidates: readonly BackoffParams[],
  minor: number | null,
): Scored {
  let found: Scored | null = null;
  for (const params of candidates) {
    const scored = score(histories, params, minor);
    if (found === null || scored.explained > found.explained) found = scored;
  }
  return found ?? { params: DEFAULT_BACKOFF, explained: 0, total: 0 };
}

/**
 * Counts the waits that the parameters explain, and the named delays that the replay foretells without having been told.
 * A named delay weighs like several waits: it is exact.
 */
function score(histories: readonly BackoffHistory[], params: BackoffParams, kubeletMinor: number | null): Scored {
  const options: BackoffOptions = { params, kubeletMinor };
  let explained = 0;
  let total = 0;
  for (const { runs, announced } of histories) {
    const waits = replayBackoff(runs, options).waits;
    for (const wait of waits) {
      const named = announced?.get(wait.afterRunId);
      if (named !== undefined) {
        total += ANNOUNCED_WEIGHT;
        if (named === wait.nominalMs) explained += ANNOUNCED_WEIGHT;
      }
      if (wait.actualMs === null || wait.kind === 'missed') continue;
      total += 1;
      if (wait.kind !== 'reset' && !wait.isLate) explained += 1;
    }
  }
  return { params, explained, total };
}

const ANNOUNCED_WEIGHT = 3;

function described(histories: readonly BackoffHistory[], { params, explained, total }: Scored): BackoffFit {
  const named = histories.flatMap(({ announced }) => [...(announced?.values() ?? [])]);
  if (named.includes(params.capMs)) return { params, basis: 'announced', explained, total };
  const isDefault = params.baseMs === DEFAULT_BACKOFF.baseMs && params.capMs === DEFAULT_BACKOFF.capMs;
  return { params, basis: isDefault && !reachesCap(histories) ? 'assumed' : 'observed', explained, total };
}

function reachesCap(histories: readonly BackoffHistory[]): boolean {
  return histories.some(({ runs }) =>
    replayBackoff(runs, { kubeletMinor: null }).waits.some(
      (wait) => wait.kind === 'back-off' && wait.nominalMs === DEFAULT_BACKOFF.capMs && wait.actualMs !== null,
    ),
  );
}
