import 'server-only';
import type { Diagnosis, EventBody, RunBody } from '@/lib/contract/diagnosis';
import type { Loop } from '@/lib/contract/loop';
import { kubectlStatus } from '@/lib/domain/kubectl-status';
import { loopId, type Run } from '@/lib/domain/loop';
import type { EventSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';
import { toInstant } from '@/lib/domain/time';
import { UnloopError } from '@/lib/domain/unloop-error';
import { isWorkloadAt, kindOfPlural } from '@/lib/domain/workload-plural';
import { type DiagnosisBody, DiagnosisBodySchema } from '@/server/pipeline/diagnosis-body';
import type { LoopEntry } from '@/server/pipeline/loop-entry';
import { exitOf } from '@/server/pipeline/row';
import { timelineBody } from '@/server/pipeline/timeline-body';
import { pipelineOf, runtime } from '@/server/runtime-slot';
import type { Store } from '@/server/store/store';

const MAX_RUNS = 500;
const MAX_EVENTS = 300;
/** A timeline shows two weeks, at a crash each five minutes in one replica 4,032 runs. */
const MAX_DRAWN = 5_000;
const DRAWN_MS = 14 * 86_400_000;

function eventBody(event: EventSnapshot): EventBody {
  return {
    uid: event.uid,
    type: event.type,
    reason: event.reason,
    message: event.message,
    object: `${event.involved.kind}/${event.involved.name}`,
    container: event.container,
    first: toInstant(event.first),
    last: toInstant(event.last),
    count: event.count,
  };
}

type LogStates = Awaited<ReturnType<Store['logStates']>>;

function runBody(run: Run, newest: ReadonlySet<string>, logs: LogStates): RunBody {
  const alive = run.exitCode === null && newest.has(run.id);
  const log = logs.get(run.id);
  const pending = run.exitCode !== null && !log && (run.observedAt ?? 0) > Date.now() - 30_000;
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
    message: run.message,
    node: run.nodeName,
    missedBefore: run.missedBefore,
    log: alive ? 'running' : log ? log.state : pending ? 'pending' : 'missing',
    logText: log
      ? log.text
      : alive || pending
        ? ''
        : run.exitCode === null
          ? 'the end of this run was not seen'
          : 'older logs than these are not kept',
    logLines: log?.lines ?? null,
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

function parseBody(text: string | undefined): DiagnosisBody | null {
  if (text === undefined) return null;
  const parsed = DiagnosisBodySchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
}

interface LoopHistory {
  readonly entry: LoopEntry;
  readonly runs: readonly Run[];
  /** Up to two weeks of them, for the timeline. */
  readonly drawn: readonly Run[];
  readonly body: DiagnosisBody | null;
  readonly events: readonly EventSnapshot[];
}

async function history(cluster: string, store: Store, entry: LoopEntry): Promise<LoopHistory> {
  const now = Date.now();
  const [runs, drawn, stored, events] = await Promise.all([
    store.runsOfLoop(cluster, entry.id, { limit: MAX_RUNS }),
    store.runsBetween(cluster, entry.id, now - DRAWN_MS, now, MAX_DRAWN),
    store.diagnosis(cluster, entry.id),
    store.eventsOfLoop(cluster, entry.id, MAX_EVENTS),
  ]);
  return { entry, runs, drawn, body: parseBody(stored?.body), events };
}

/**
 * Everything recorded about the loops of one workload. Throws `not-found` where Unloop never saw a loop of it; the message
 * says whether the workload's pods are simply healthy.
 */
export async function getDiagnosis(
  cluster: string,
  plural: string,
  namespace: string,
  name: string,
): Promise<Diagnosis> {
  const pipeline = pipelineOf(cluster);
  const { store } = runtime();
  const entries = pipeline.entriesAt((workload) => isWorkloadAt(workload, plural, namespace, name));
  const shown = entries.filter((entry) => entry.row !== null);
  if (shown.length === 0) {
    throw new UnloopError(
      'not-found',
      `no container of ${kindOfPlural(plural)} ${namespace}/${name} loops in ${cluster}, nor did one while Unloop watched`,
      'Check the name, or look at the board: a workload whose containers run without restarts has no diagnosis.',
    );
  }
  const histories = await Promise.all(shown.map((entry) => history(cluster, store, entry)));
  const runs = histories.flatMap((h) => h.runs);
  const newest = new Set<string>();
  const seen = new Set<string>();
  for (const run of runs) {
    const key = `${run.podUid}/${run.container}`;
    if (!seen.has(key)) newest.add(run.id);
    seen.add(key);
  }
  const logs = await store.logStates(
    cluster,
    runs.map((run) => run.id),
  );
  const loops = histories.map((h) => h.entry.row).filter((row): row is Loop => row !== null);
  const first = histories[0] as LoopHistory;
  const pods = new Map<string, PodSnapshot>();
  for (const { entry } of histories) for (const pod of pipeline.podsOf(entry)) pods.set(pod.uid, pod);
  const events = new Map(histories.flatMap((h) => h.events).map((event) => [event.uid, event]));
  const verdicts = histories.flatMap((h) => h.body?.verdicts ?? []);
  const podName = first.body?.spec?.pod;
  return {
    cluster,
    asOf: new Date().toISOString(),
    sequence: pipeline.hub.sequence,
    workload: { ...first.entry.workload, replicas: loops[0]?.replicas.total ?? pods.size },
    loops,
    verdicts,
    runs: runs.map((run) => runBody(run, newest, logs)),
    timelines: histories.map(({ entry, drawn, events: ofLoop, body }) =>
      timelineBody({
        entry,
        runs: drawn,
        isCut: drawn.length >= MAX_DRAWN,
        pods: pipeline.podsOf(entry),
        events: ofLoop,
        body,
        nodes: pipeline.nodes,
        serverMinor: pipeline.serverMinor,
        now: Date.now(),
      }),
    ),
    evidence: first.body?.evidence ?? [],
    steps:
      verdicts.find((verdict) => verdict.loopId === loopId(first.entry.workload, first.entry.container))?.steps ?? [],
    events: [...events.values()].sort((a, b) => (b.last ?? 0) - (a.last ?? 0)).map(eventBody),
    eventsText: first.body?.eventsText ?? '',
    pods: [...pods.values()]
      .sort((a, b) => a.name.localeCompare(b.name))
      .map((pod) => replica(pod, pipeline.serverMinor)),
    spec: first.body?.spec ?? null,
    specText: first.body ? (first.body.specText ?? '') : podName ? '' : 'The pod has not been read yet.',
  };
}
