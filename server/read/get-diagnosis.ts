import 'server-only';
import type { Diagnosis, EventBody, RunBody, VerdictBody } from '@/lib/contract/diagnosis';
import { kubectlStatus } from '@/lib/domain/kubectl-status';
import { loopId, type Run } from '@/lib/domain/loop';
import type { EventSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';
import { redactText } from '@/lib/domain/redact/text';
import { toInstant } from '@/lib/domain/time';
import { UnloopError } from '@/lib/domain/unloop-error';
import { sightOf } from '@/lib/domain/viewer';
import { kindOfPlural } from '@/lib/domain/workload-plural';
import { clusterOf, runtime } from '@/server/runtime-slot';
import type { EndedLoop } from '@/server/store/store';
import { withDoneSteps } from '@/server/view/done-steps';
import { knownChanges } from '@/server/view/known-changes';
import { exitOf } from '@/server/view/row';
import { timelineBody } from '@/server/view/timeline-body';
import type { ReadContext } from './context';
import { deletedPods, endedLoops, type LoopHistory, MAX_DRAWN, presentLoops, type WorkloadKey } from './loop-history';
import { logStatesOf, logWords } from './run-logs';

function eventBody(event: EventSnapshot): EventBody {
  return {
    uid: event.uid,
    type: event.type,
    reason: event.reason,
    message: redactText(event.message),
    object: `${event.involved.kind}/${event.involved.name}`,
    container: event.container,
    first: toInstant(event.first),
    last: toInstant(event.last),
    count: event.count,
  };
}

function runBody(run: Run, aliveIds: ReadonlySet<string>, logs: Awaited<ReturnType<typeof logStatesOf>>): RunBody {
  const alive = aliveIds.has(run.id);
  const exit = run.exitCode === null ? null : exitOf(run);
  return {
    id: run.id,
    loopId: run.loopId,
    pod: run.podName,
    podUid: run.podUid,
    container: run.container,
    restartIndex: run.restartIndex,
    startedAt: toInstant(run.startedAt),
    finishedAt: toInstant(run.finishedAt),
    livedMs: exit?.livedMs ?? null,
    exitCode: run.exitCode,
    signal: exit?.signal ?? null,
    reason: run.exitCode === null && !alive ? 'end not seen' : run.reason,
    message: redactText(run.message),
    node: run.nodeName,
    missedBefore: run.missedBefore,
    ...logWords(run, alive, logs),
  };
}

function replica(pod: PodSnapshot, serverMinor: number | undefined): Diagnosis['pods'][number] {
  const { status, restarts } = kubectlStatus(pod, serverMinor);
  const ready = pod.conditions.some((c) => c.type === 'Ready' && c.status === 'True');
  return {
    pod: pod.name,
    uid: pod.uid,
    node: pod.nodeName,
    status,
    restarts,
    ready,
    alive: pod.deletedAt === null,
    restartPolicy: pod.restartPolicy,
  };
}

/** Which workload, and when. */
export interface DiagnosisQuery extends WorkloadKey {
  readonly cluster: string;
  /** As it was when a loop of it ended, epoch ms; null: as it stands now. */
  readonly endedAt: number | null;
}

/**
 * Everything recorded about the loops of one workload, as they stand now; of a workload that Unloop no longer watches, as its
 * loops last ended. With `endedAt` as they were at that end. Throws `not-found` where no loop of it is
 * recorded or the viewer may not see its namespace.
 */
export async function getDiagnosis(
  { viewer }: ReadContext,
  { cluster, endedAt, ...key }: DiagnosisQuery,
): Promise<Diagnosis> {
  const { live, hub, brokenRules } = clusterOf(viewer, cluster);
  const { store } = runtime();
  const sight = sightOf(viewer, cluster, [key.namespace]);
  if (!sight.shows(key.namespace)) throw notRecorded(cluster, key, endedAt);
  const source = { sight, store, live, brokenRules };
  const present = endedAt === null ? await presentLoops(source, key) : [];
  const histories = present.length > 0 ? present : await endedLoops(source, key, endedAt);
  const [first] = histories;
  if (!first) throw notRecorded(cluster, key, endedAt);
  const runs = histories.flatMap((h) => h.runs);
  const pods = new Map(histories.flatMap((h) => h.pods).map((pod) => [pod.uid, pod]));
  const alive = aliveRuns(runs, pods);
  const logs = await logStatesOf(
    store,
    sight,
    key.namespace,
    live.unwritten,
    runs.map((run) => run.id),
  );
  const loops = histories.map((h) => h.loop);
  const events = new Map(histories.flatMap((h) => h.events).map((event) => [event.uid, event]));
  const verdicts = histories.flatMap(verdictsOf);
  const replicas = [...pods.values()].map((pod) => replica(pod, live.serverMinor));
  return {
    cluster,
    asOf: new Date().toISOString(),
    sequence: hub.sequence,
    past: first.end ? pastOf(first.end) : null,
    workload: { ...first.entry.workload, replicas: loops[0]?.replicas.total ?? pods.size },
    loops,
    verdicts,
    runs: runs.map((run) => runBody(run, alive, logs)),
    timelines: histories.map((one) =>
      timelineBody({
        entry: one.entry,
        runs: one.drawn,
        isCut: one.drawn.length >= MAX_DRAWN,
        pods: one.pods,
        events: one.events,
        changes: one.changes,
        isPast: one.end !== null,
        body: one.evidence.body,
        nodes: live.nodes,
        serverMinor: live.serverMinor,
        now: one.end?.endedAt ?? Date.now(),
      }),
    ),
    steps:
      verdicts.find((verdict) => verdict.loopId === loopId(first.entry.workload, first.entry.container))?.steps ?? [],
    events: [...events.values()].sort((a, b) => (b.last ?? 0) - (a.last ?? 0)).map(eventBody),
    pods: [...replicas, ...deletedPods(histories)].sort((a, b) => a.pod.localeCompare(b.pod)),
    ...collectedOf(first),
    collected: histories.slice(1).map((one) => ({ loopId: one.loop.id, ...collectedOf(one) })),
  };
}

/** Ids of the runs that are alive: the newest of its pod's container, in a pod that is there. Runs come newest first. */
function aliveRuns(runs: readonly Run[], pods: ReadonlyMap<string, PodSnapshot>): ReadonlySet<string> {
  const alive = new Set<string>();
  const seen = new Set<string>();
  for (const run of runs) {
    const id = `${run.podUid}/${run.container}`;
    if (!seen.has(id) && run.exitCode === null && pods.has(run.podUid)) alive.add(run.id);
    seen.add(id);
  }
  return alive;
}

/** The verdicts of a loop, with what is done of their steps; of a past end as they were. */
function verdictsOf({ evidence: { body }, end, loop, pods, changes }: LoopHistory): readonly VerdictBody[] {
  if (body === null || end !== null) return body?.verdicts ?? [];
  return withDoneSteps(body.verdicts, {
    now: Date.now(),
    since: Date.parse(loop.since),
    container: loop.container,
    pods,
    changes: knownChanges(changes),
  });
}

function pastOf(end: EndedLoop): NonNullable<Diagnosis['past']> {
  return {
    endedAt: new Date(end.endedAt).toISOString(),
    state: end.state,
    endedBy: end.endedBy,
    cameBackAt: toInstant(end.cameBackAt),
  };
}

function collectedOf(one: LoopHistory): Pick<Diagnosis, 'basis' | 'evidence' | 'eventsText' | 'spec' | 'specText'> {
  const { body, basis } = one.evidence;
  return {
    basis,
    evidence: body?.evidence ?? [],
    eventsText: body?.eventsText ?? '',
    spec: body?.spec ?? null,
    specText: specWords(one),
  };
}

function specWords({ evidence: { body, basis }, end }: LoopHistory): string {
  if (body) return body.specText;
  if (basis.problem !== '') return basis.problem;
  return end ? 'The pod was not read before the loop ended.' : 'The pod has not been read yet.';
}

function notRecorded(cluster: string, { plural, namespace, name }: WorkloadKey, endedAt: number | null): UnloopError {
  const what = `${kindOfPlural(plural)} ${namespace}/${name}`;
  if (endedAt !== null) {
    return new UnloopError(
      'not-found',
      `no loop of ${what} that ended at ${new Date(endedAt).toISOString()} is recorded in ${cluster}`,
      'It may be older than what is kept: the history lists the ends that are.',
    );
  }
  return new UnloopError(
    'not-found',
    `no container of ${what} loops in ${cluster}, nor did one while Unloop watched`,
    'Check the name, or look at the board: a workload whose containers run without restarts has no diagnosis.',
  );
}
