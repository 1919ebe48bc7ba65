import type { Loop } from '@/lib/contract/loop';
import { containerOf } from '@/lib/domain/container-exits';
import { signalName } from '@/lib/domain/exit-code';
import { kubectlStatus } from '@/lib/domain/kubectl-status';
import type { Run } from '@/lib/domain/loop';
import type { LoopStanding } from '@/lib/domain/loop-state';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import { type EpochMs, toInstant } from '@/lib/domain/time';
import { allRuns, type ShownLoop } from './shown-loop';

const HOUR = 3_600_000;
const MAX_NODES = 20;
const MAX_STRIP = 60;

/** What a row says beside what is known of the loop. */
export interface RowInput {
  /** The replica the row speaks of: the one that restarted most; null where no pod is left. */
  readonly pod: PodSnapshot | null;
  readonly replicas: { readonly failing: number; readonly total: number };
  /** Of the replicas that fail, or of the one spoken of where none does. */
  readonly failingNodes: readonly string[];
  /** Of each replica, and whether it fails. */
  readonly places: readonly { readonly node: string; readonly isFailing: boolean }[];
  readonly nextRestart: Loop['nextRestart'];
  readonly change: Loop['change'];
  readonly serverMinor: number | undefined;
  readonly now: EpochMs;
}

/** The end of a run as rows and pages show it; exit code 0 where none is known. */
export function exitOf(run: Run): NonNullable<Loop['lastExit']> {
  return {
    exitCode: run.exitCode ?? 0,
    signal: signalName(run.exitCode ?? 0),
    reason: run.reason,
    startedAt: toInstant(run.startedAt),
    finishedAt: toInstant(run.finishedAt),
    livedMs: run.startedAt !== null && run.finishedAt !== null ? run.finishedAt - run.startedAt : null,
  };
}

function stripOf(runs: readonly Run[], now: EpochMs): Loop['strip'] {
  const seconds = (at: EpochMs | null) => (at === null ? null : Math.round(at / 1000));
  return runs
    .filter((run) => (run.finishedAt ?? now) > now - HOUR)
    .slice(-MAX_STRIP)
    .map((run): [number | null, number | null] => [seconds(run.startedAt ?? run.finishedAt), seconds(run.finishedAt)]);
}

/** Counts replicas by node: those where most fail first, then by name, so that a row that has not changed stays the same. */
function placementOf(places: RowInput['places']): NonNullable<Loop['placement']> {
  const byNode = new Map<string, { node: string; failing: number; total: number }>();
  for (const { node, isFailing } of places) {
    if (node === '') continue;
    const count = byNode.get(node) ?? { node, failing: 0, total: 0 };
    count.total += 1;
    if (isFailing) count.failing += 1;
    byNode.set(node, count);
  }
  return [...byNode.values()].sort((a, b) => b.failing - a.failing || (a.node < b.node ? -1 : 1)).slice(0, MAX_NODES);
}

/** Builds the board's row of a loop that stands as `state` says. Throws nothing. */
export function toRow(entry: ShownLoop, state: LoopStanding, input: RowInput): Loop {
  const { pod, now } = input;
  const shown = pod ?? entry.lastPod;
  const kubectl = shown ? kubectlStatus(shown, input.serverMinor) : null;
  const container = pod ? containerOf(pod, entry.container) : null;
  const runs = shown ? (entry.runs.get(shown.uid) ?? []) : allRuns(entry);
  const ended = runs.filter((run) => run.exitCode !== null).at(-1);
  return {
    id: entry.id,
    workload: entry.workload,
    container: entry.container,
    containerType: entry.containerType,
    state: state.state,
    status: entry.failedCreate ? 'FailedCreate' : pod ? (kubectl?.status ?? '') : 'pod deleted',
    restarts: kubectl?.restarts ?? 0,
    lastRestartAt: toInstant(kubectl?.lastRestartAt ?? null),
    pod: shown?.name ?? '',
    replicas: { ...input.replicas },
    verdict: entry.verdict,
    lastExit: ended ? exitOf(ended) : null,
    nextRestart: input.nextRestart,
    since: new Date(state.since).toISOString(),
    runningSince: container?.state.kind === 'running' ? toInstant(container.state.startedAt) : null,
    change: input.change,
    nodes: [...new Set(input.failingNodes)].filter(Boolean).slice(0, MAX_NODES),
    placement: placementOf(input.places),
    fingerprint: entry.fingerprint,
    image: pod?.specContainers.find(({ name }) => name === entry.container)?.image || entry.image,
    strip: stripOf(runs, now),
  };
}
