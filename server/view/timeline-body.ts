import type { Timeline, TimelineChange, TimelineLane, TimelineRun } from '@/lib/contract/timeline';
import { type BackoffRun, type BackoffWait, replayBackoff } from '@/lib/domain/backoff';
import { containerOf, mayBeDeletion } from '@/lib/domain/container-exits';
import { nextImagePull } from '@/lib/domain/image-pull-backoff';
import { kubectlStatus } from '@/lib/domain/kubectl-status';
import { lifetimeOf } from '@/lib/domain/lifetime';
import type { Run } from '@/lib/domain/loop';
import type { RecordedChange } from '@/lib/domain/loop-changes';
import { changesBeforeEnd, changesBeforeStart } from '@/lib/domain/loop-changes';
import { backoffOf, NOTHING_KNOWN, type NodeFactsByName } from '@/lib/domain/node-facts';
import type { EventSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';
import { type EpochMs, toInstant } from '@/lib/domain/time';
import type { DiagnosisBody } from './diagnosis-body';
import { type KnownChange, knownChanges } from './known-changes';
import { restartOf } from './next-restart';
import { pairReplaced } from './replaced-pods';
import { heldSince, type ShownLoop } from './shown-loop';

/** The kubelet kills at the event, and the container may take its grace period to end. */
const KILL_LATE_MS = 35_000;
const NO_IMAGE = new Set(['ErrImagePull', 'ImagePullBackOff']);

/** What a timeline is drawn from. */
export interface TimelineInput {
  readonly entry: ShownLoop;
  /** Recorded runs of the loop, any order. */
  readonly runs: readonly Run[];
  readonly isCut: boolean;
  /** Pods of the workload that exist. */
  readonly pods: readonly PodSnapshot[];
  readonly events: readonly EventSnapshot[];
  readonly changes: readonly RecordedChange[];
  /** Shown as it was when it ended: what its pods do now is another story. */
  readonly isPast: boolean;
  readonly body: DiagnosisBody | null;
  readonly nodes: NodeFactsByName;
  readonly serverMinor: number | undefined;
  readonly now: EpochMs;
}

/** Puts together what is drawn of one loop on one time axis: every run with the wait after it, and what happened around them. */
export function timelineBody(input: TimelineInput): Timeline {
  const { entry, body, nodes } = input;
  const changes = knownChanges(input.changes);
  const runsOf = Map.groupBy(input.runs, (run) => run.podUid);
  const existing = new Map(input.pods.map((pod) => [pod.uid, pod]));
  const numberOf = new Map(body?.revisions.map(({ number, hash }) => [hash, number]));
  const lanes = [...new Set([...existing.keys(), ...runsOf.keys()])].map((uid) => {
    const pod = existing.get(uid) ?? null;
    const runs = inOrder(runsOf.get(uid) ?? []);
    const waits = waitsOf(input, pod, runs);
    return { lane: laneOf(input, uid, pod, runs, waits, numberOf, changes), waits };
  });
  const known = lanes.flatMap(({ waits }) => waits).filter((wait) => wait.actualMs !== null && wait.kind !== 'missed');
  const node = entry.row?.nodes[0] ?? input.pods[0]?.nodeName ?? '';
  return {
    loopId: entry.id,
    lanes: [
      ...pairReplaced(
        lanes.map(({ lane }) => lane),
        changes,
        (hash) => numberOf.get(hash) ?? '',
      ),
    ],
    isCut: input.isCut,
    changes: changeBodies(entry, changes),
    backoff: {
      ...backoffOf(nodes, node).params,
      basis: (nodes.get(node) ?? NOTHING_KNOWN).fit.basis,
      explained: known.filter((wait) => wait.kind !== 'reset' && !wait.isLate).length,
      total: known.length,
    },
    lifetime: lifetimeBody(input, runsOf),
    probes: body?.probes ?? null,
  };
}

/** Runs of one pod in the order in which they ran. */
function inOrder(runs: readonly Run[]): readonly Run[] {
  const beganAt = (run: Run) => run.startedAt ?? run.finishedAt ?? 0;
  return runs.toSorted((a, b) => a.restartIndex - b.restartIndex || beganAt(a) - beganAt(b));
}

function waitsOf(input: TimelineInput, pod: PodSnapshot | null, runs: readonly Run[]): readonly BackoffWait[] {
  const { entry, nodes } = input;
  const node = pod?.nodeName ?? runs.at(-1)?.nodeName ?? '';
  const name = pod?.name ?? runs.at(-1)?.podName;
  const kills = input.events.filter(
    ({ reason, involved, message, container }) =>
      reason === 'Killing' &&
      involved.name === name &&
      (container === '' || container === entry.container) &&
      /failed (?:liveness|startup) probe/.test(message),
  );
  const told = runs.map((run): BackoffRun => (isKilled(run, kills) ? { ...run, killedByKubelet: true } : run));
  return replayBackoff(told, { ...backoffOf(nodes, node), announced: entry.announced }).waits;
}

function isKilled(run: Run, kills: readonly EventSnapshot[]): boolean {
  const { finishedAt } = run;
  if (finishedAt === null) return false;
  return kills.some(({ first, last }) =>
    [first, last].some((at) => at !== null && finishedAt >= at - 1_000 && finishedAt <= at + KILL_LATE_MS),
  );
}

function laneOf(
  input: TimelineInput,
  uid: string,
  pod: PodSnapshot | null,
  runs: readonly Run[],
  waits: readonly BackoffWait[],
  numberOf: ReadonlyMap<string, string>,
  changes: readonly KnownChange[],
): TimelineLane {
  const { entry } = input;
  const newest = runs.at(-1);
  const name = pod?.name ?? newest?.podName ?? uid;
  const gone =
    pod === null ? changes.findLast((change) => change.kind === 'pod-gone' && change.pod === name) : undefined;
  const waitAfter = new Map(waits.map((wait) => [wait.afterRunId, wait]));
  const own = input.events.filter((event) => isAbout(event, uid, entry));
  const started = own
    .filter(({ reason }) => reason === 'Started')
    .flatMap(({ first }) => (first === null ? [] : [first]));
  const pulls = own.filter(({ reason }) => reason === 'Pulled');
  const kubectl = pod ? kubectlStatus(pod, input.serverMinor) : null;
  return {
    pod: name,
    podUid: uid,
    node: pod?.nodeName ?? newest?.nodeName ?? '',
    revision: numberOf.get(pod?.templateHash ?? gone?.hash ?? '') ?? '',
    createdAt: toInstant(pod?.createdAt ?? gone?.createdAt ?? null),
    deletedAt: toInstant(pod?.deletedAt ?? gone?.at ?? null),
    firstStartAt: toInstant(started.length === 0 ? null : Math.min(...started)),
    isAlive: pod !== null && pod.deletedAt === null,
    isReady: pod?.conditions.some((one) => one.type === 'Ready' && one.status === 'True') ?? false,
    restarts: kubectl?.restarts ?? newest?.restartIndex ?? 0,
    status: kubectl?.status ?? '',
    runs: runs.map((run): TimelineRun => {
      const wait = waitAfter.get(run.id);
      const nominal = wait ? Math.round(wait.nominalMs / 1000) : 0;
      const [start, end] = [seconds(run.startedAt), seconds(run.finishedAt)];
      const late = wait?.isLate ?? false;
      const code = pod === null && run === newest && mayBeDeletion(run.exitCode) ? null : run.exitCode;
      return [run.restartIndex, start, end, code, run.missedBefore, wait?.kind ?? null, nominal, late];
    }),
    next: nextOf(input, pod),
    pull: pullOf(input, pod),
    pullText: (pulls.find(({ message }) => message.startsWith('Successfully pulled')) ?? pulls[0])?.message ?? '',
    replaced: null,
  };
}

function nextOf({ entry, nodes, now, isPast }: TimelineInput, pod: PodSnapshot | null): TimelineLane['next'] {
  const next = pod && !isPast ? restartOf(entry, pod, nodes, now) : null;
  if (next === null) return null;
  return {
    from: new Date(next.earliestAt).toISOString(),
    to: new Date(next.latestAt).toISOString(),
    since: new Date(next.wait.endedAt).toISOString(),
    nominalMs: next.wait.nominalMs,
    basis: next.wait.basis,
    isCollected: next.wait.kind === 'collected',
  };
}

function pullOf({ entry, events, isPast }: TimelineInput, pod: PodSnapshot | null): TimelineLane['pull'] {
  const state = pod ? containerOf(pod, entry.container)?.state : undefined;
  if (!pod || isPast || state?.kind !== 'waiting' || !NO_IMAGE.has(state.reason)) return null;
  const failed = events.filter(
    (one) => one.reason === 'Failed' && one.message.startsWith('Failed to pull image') && isAbout(one, pod.uid, entry),
  );
  const lastAt = Math.max(...failed.map((one) => one.last ?? one.first ?? 0));
  if (failed.length === 0 || lastAt <= 0) return null;
  const failures = failed.reduce((sum, one) => sum + one.count, 0);
  const next = nextImagePull({ count: failures, lastAt });
  return {
    failures,
    lastAt: new Date(lastAt).toISOString(),
    nominalMs: next.nominalMs,
    from: new Date(next.earliestAt).toISOString(),
    to: new Date(next.latestAt).toISOString(),
  };
}

function isAbout(event: EventSnapshot, podUid: string, entry: ShownLoop): boolean {
  return event.involved.uid === podUid && (event.container === '' || event.container === entry.container);
}

function changeBodies(entry: ShownLoop, changes: readonly KnownChange[]): TimelineChange[] {
  const { current } = entry;
  const started = new Set(current ? changesBeforeStart(changes, current.since) : []);
  const ended = new Set(
    current?.state === 'recovered' || current?.state === 'holding'
      ? changesBeforeEnd(changes, current.since, heldSince(entry))
      : [],
  );
  return changes
    .filter((change) => change.kind !== 'pod-gone')
    .map((change) => ({
      kind: change.kind,
      at: new Date(change.at).toISOString(),
      text: change.text,
      short: change.short,
      role: started.has(change) ? 'started' : ended.has(change) ? 'ended' : null,
    }));
}

/** The lifetimes of the replica that the row speaks of, against the probe that may end it. */
function lifetimeBody(
  { entry, pods, body }: TimelineInput,
  runsOf: ReadonlyMap<string, readonly Run[]>,
): Timeline['lifetime'] {
  const uid = pods.find((pod) => pod.name === entry.row?.pod)?.uid ?? [...runsOf.keys()].at(-1) ?? '';
  const probe = body?.probes.find(({ budget }) => budget !== null);
  const lives = inOrder(runsOf.get(uid) ?? []).flatMap(({ startedAt, finishedAt }) =>
    startedAt === null || finishedAt === null ? [] : [finishedAt - startedAt],
  );
  const found = lifetimeOf(lives, probe?.budget ?? null);
  if (found === null) return null;
  const { pattern, runs, minMs, medianMs, maxMs, changeMsPerRun, budget } = found;
  const kind = probe?.kind === 'startup' || probe?.kind === 'liveness' ? probe.kind : null;
  return { pattern, runs, minMs, medianMs, maxMs, changeMsPerRun, probe: kind, budget };
}

function seconds(at: EpochMs | null): number | null {
  return at === null ? null : Math.round(at / 1000);
}
