import type { RevisionPod } from '@/lib/diagnosis/build-changes';
import { revisionsOf } from '@/lib/diagnosis/build-revision';
import type { KubeObject, LogText, Part } from '@/lib/diagnosis/evidence-source';
import { fingerprintOf } from '@/lib/diagnosis/fingerprint';
import { categoryOf } from '@/lib/domain/causes';
import { containerOf, mayBeDeletion } from '@/lib/domain/container-exits';
import type { Run } from '@/lib/domain/loop';
import type { EventSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';
import { toInstant } from '@/lib/domain/time';
import { judgeSourceInTurns, saidOf } from '@/server/evidence/judge-record';
import { packRecord } from '@/server/evidence/pack-record';
import { steadySource } from '@/server/evidence/steady-source';
import { readCrashLog } from '@/server/kubernetes/crash-log';
import type { EvidenceReader } from '@/server/kubernetes/evidence-reader';
import { Interner } from '@/server/kubernetes/intern';
import type { KubeClient } from '@/server/kubernetes/kube-client';
import { toPodSnapshot } from '@/server/kubernetes/to-pod-snapshot';
import { turns } from '@/server/kubernetes/turn';
import { background } from '@/server/log';
import type { BrokenRules } from '@/server/loops/broken-rules';
import { ChangeLog, newChanges } from '@/server/loops/change-log';
import type { LoopEntry } from '@/server/loops/loop-entry';
import type { LoopTable } from '@/server/loops/loop-table';
import type { Store } from '@/server/store/store';
import { isStoreFailure } from '@/server/store/within';
import { podReferences } from './pod-references';
import type { Recorder } from './recorder';
import { refusedWorkload } from './refused-workload';
import { Slots } from './slots';

/** Evidence of one loop is gathered afresh at most this often, however fast it crashes. */
const AGAIN_MS = 10_000;
const DEADLINE_MS = 20_000;
/** A loop whose diagnosis failed with the history is looked at again after this. */
const STORE_AGAIN_MS = 5000;
/** Of so many earlier ReplicaSets the events are read: those of a rollout that has just begun. */
const EARLIER_MAX = 2;

/** What the collector needs to know of the rest of the pipeline. */
export interface CollectorContext {
  readonly cluster: string;
  readonly connection: { readonly client: KubeClient; readonly reader: EvidenceReader };
  /** Until it is over, what is asked for waits. */
  readonly firstList: { readonly over: Promise<void> };
  readonly store: Store;
  readonly recorder: Recorder;
  readonly crashLogs: { of(run: Run | undefined, nothing: string): Promise<Part<LogText>> };
  readonly table: Pick<LoopTable, 'changesRead' | 'diagnosed'>;
  /** The pod a diagnosis is made of, the replica that fails most (null where none is left), and the workload's other pods. */
  readonly replicas: {
    around(entry: LoopEntry): { readonly subject: PodSnapshot | null; readonly siblings: readonly PodSnapshot[] };
  };
  readonly judge: { ask(entry: LoopEntry): void };
  readonly brokenRules: BrokenRules;
  readonly now: () => number;
}

/** A snapshot in the shape of the API, for comparing replicas. */
function siblingObject(pod: PodSnapshot): KubeObject {
  const statuses = (list: PodSnapshot['app']) =>
    list.map((c) => ({ name: c.name, ready: c.ready, restartCount: c.restartCount, image: c.image, imageID: '' }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: pod.name,
      namespace: pod.namespace,
      uid: pod.uid,
      creationTimestamp: toInstant(pod.createdAt),
      labels: pod.templateHash ? { 'pod-template-hash': pod.templateHash } : {},
      ownerReferences: pod.owner ? [{ ...pod.owner, controller: true }] : [],
    },
    spec: { nodeName: pod.nodeName },
    status: { phase: pod.phase, containerStatuses: statuses(pod.app), initContainerStatuses: statuses(pod.init) },
  };
}

/** Gathers evidence of loops a moment after it was asked for, and has it judged. */
export class Collector {
  #context: CollectorContext;
  #diagnoses = new Slots(4);
  /** One at a time: turns of several would come in a row. */
  #judging = new Slots(1);
  #pending = new Map<LoopEntry, NodeJS.Timeout>();
  #running = new Set<LoopEntry>();
  #last = new WeakMap<LoopEntry, number>();
  #changes = new ChangeLog();
  #stop = new AbortController();

  constructor(context: CollectorContext) {
    this.#context = context;
  }

  /** Asks for a fresh diagnosis. Requests close together become one. */
  request(entry: LoopEntry, delayMs = 300): void {
    if (this.#pending.has(entry) || this.#stop.signal.aborted) return;
    const since = this.#context.now() - (this.#last.get(entry) ?? 0);
    const wait = Math.max(delayMs, AGAIN_MS - since);
    const timer = setTimeout(() => {
      this.#pending.delete(entry);
      if (this.#running.has(entry)) return this.request(entry, 1000);
      this.#running.add(entry);
      this.#run(
        this.#diagnoses
          .use(() => this.#diagnose(entry))
          .catch((error: unknown) => {
            if (!isStoreFailure(error)) throw error;
            this.request(entry, STORE_AGAIN_MS);
          })
          .finally(() => this.#running.delete(entry)),
        `diagnosis of ${entry.id}`,
      );
    }, wait);
    timer.unref();
    this.#pending.set(entry, timer);
  }

  stop(): void {
    this.#stop.abort();
    for (const timer of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
  }

  /** Lets work go on; what a shutdown interrupts is no failure. */
  #run(work: Promise<void>, name: string): void {
    background(
      work.catch((error: unknown) => {
        if (!this.#stop.signal.aborted) throw error;
      }),
      name,
    );
  }

  async #diagnose(entry: LoopEntry): Promise<void> {
    const { cluster, connection, store, recorder, now, table, judge, brokenRules } = this.#context;
    await this.#context.firstList.over;
    if (this.#stop.signal.aborted) return;
    this.#last.set(entry, now());
    const { client, reader } = connection;
    const refused = entry.failedCreate ? await refusedWorkload(client, entry.failedCreate) : null;
    const replicas = this.#context.replicas.around(entry);
    const subject = refused ? toPodSnapshot(refused.pod, new Interner()) : replicas.subject;
    if (!subject) return;
    const { namespace, name } = subject;
    const pod = refused ? { value: refused.pod } : await reader.pod(namespace, name);
    if ('missing' in pod) return;
    const names = podReferences(pod.value);
    const container = containerOf(subject, entry.container);
    const runs = entry.runs.get(subject.uid) ?? [];
    const ended = runs.filter((run) => run.exitCode !== null);
    const newest = ended.at(-1);
    const [history, previousLog, events, node, owner, configMaps, services, claims, policies] = await Promise.all([
      store.runsOfLoop(cluster, entry.id, { limit: 200 }),
      this.#context.crashLogs.of(newest, 'no run has ended yet'),
      reader.events(namespace, [subject.uid, ...(subject.owner ? [subject.owner.uid] : [])]),
      subject.nodeName ? reader.node(subject.nodeName) : { missing: 'the pod has no node yet' },
      reader.owner(entry.workload),
      reader.configMaps(namespace, names.configMaps),
      reader.services(namespace),
      reader.claims(namespace, names.claims),
      reader.policies(namespace),
    ]);
    const { siblings } = replicas;
    const first = firstCrash(history, new Set([subject, ...siblings].map(({ uid }) => uid)), newest);
    const alive = container?.state.kind === 'running';
    const [firstLog, currentLog, revisions] = await Promise.all([
      this.#context.crashLogs.of(first, 'no earlier crash is recorded'),
      alive
        ? readCrashLog(
            client,
            {
              namespace,
              pod: name,
              container: entry.container,
              node: subject.nodeName,
              isRunning: false,
              containerId: '',
              endedAt: null,
            },
            AbortSignal.any([this.#stop.signal, AbortSignal.timeout(DEADLINE_MS)]),
          ).then((log): Part<LogText> => (log.state === 'held' ? { value: log.text } : { missing: log.reason }))
        : { missing: 'no run is alive' },
      'value' in owner ? reader.revisions(entry.workload, owner.value) : { missing: owner.missing },
    ]);
    const source = steadySource({
      now: now(),
      cluster,
      workload: entry.workload,
      container: entry.container,
      pod: pod.value,
      runs,
      previousLog,
      currentLog,
      firstLog,
      events,
      node,
      siblings: { value: siblings.map(siblingObject) },
      owner,
      revisions,
      references: configMaps,
      services,
      claims,
      policies,
    });
    const { evidence, verdicts, broken } = await this.#judging.use(() => judgeSourceInTurns(source, turns()));
    if (this.#stop.signal.aborted) return;
    brokenRules.note(entry.id, broken);
    const [best] = verdicts;
    const logRuns = {
      previous: newest?.id ?? null,
      current: runs.at(-1)?.exitCode === null ? (runs.at(-1)?.id ?? null) : null,
      first: first?.id ?? null,
    };
    const changes = this.#changes.find({
      namespace,
      revisions,
      configMaps,
      pods: revisionPods(siblings, subject),
      events: await this.#eventsOfEarlier(entry, subject, revisions),
      now: source.now,
    });
    const recorded = await store.changesOfLoop(cluster, entry.id);
    const fresh = newChanges(changes, recorded);
    // It runs well again: why it failed is what the last look at its failure showed.
    const isWell = best === undefined && entry.verdict !== null;
    const { manifest, contents } = packRecord({ source, logRuns, said: saidOf(best) }, 'with-runs');
    recorder.addDiagnosis({
      cluster,
      loopId: entry.id,
      evidence: isWell ? null : { at: source.now, manifest: JSON.stringify(manifest), contents, logRuns },
      events: 'value' in events ? events.value : [],
      changes: fresh,
    });
    table.changesRead(
      entry,
      [...fresh, ...recorded].sort((a, b) => b.at - a.at),
    );
    if (!isWell) {
      const verdict = best && {
        cause: best.cause,
        category: categoryOf(best.cause),
        confidence: best.confidence,
        what: best.what,
      };
      table.diagnosed(entry, verdict ?? null, best ? fingerprintOf(evidence, best) : null);
    }
    judge.ask(entry);
  }

  /** Events of the ReplicaSets before the newest one: they say when the pods went that its own replaced. */
  async #eventsOfEarlier(
    entry: LoopEntry,
    subject: PodSnapshot,
    revisions: Part<readonly KubeObject[]>,
  ): Promise<readonly EventSnapshot[]> {
    if (entry.workload.kind !== 'Deployment' || 'missing' in revisions) return [];
    const earlier = revisionsOf(revisions.value)
      .map(({ uid }) => uid)
      .filter((uid) => uid !== '' && uid !== subject.owner?.uid)
      .slice(-EARLIER_MAX);
    if (earlier.length === 0) return [];
    const events = await this.#context.connection.reader.events(subject.namespace, earlier);
    return 'value' in events ? events.value : [];
  }
}

/** The oldest crash but the newest run. The end of a pod that was replaced is none: `history` comes newest first. */
function firstCrash(history: readonly Run[], existing: ReadonlySet<string>, newest: Run | undefined): Run | undefined {
  const lastOf = new Map<string, string>();
  for (const run of history) if (!lastOf.has(run.podUid)) lastOf.set(run.podUid, run.id);
  const isDeleted = (run: Run) =>
    !existing.has(run.podUid) && lastOf.get(run.podUid) === run.id && mayBeDeletion(run.exitCode);
  return history.findLast((run) => run.exitCode !== null && run.id !== newest?.id && !isDeleted(run));
}

/** Which revision each pod was made of, and when. */
function revisionPods(siblings: readonly PodSnapshot[], subject: PodSnapshot): readonly RevisionPod[] {
  return [subject, ...siblings].map(({ templateHash, createdAt }) => ({ hash: templateHash, createdAt }));
}
