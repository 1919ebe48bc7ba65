import type { Cluster } from '@/lib/contract/cluster';
import type { Coverage, Loop, LoopsPage } from '@/lib/contract/loop';
import { containerOf } from '@/lib/domain/container-exits';
import type { LoopState, Run, Workload } from '@/lib/domain/loop';
import type { EventSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';
import type { StartTrouble } from '@/lib/domain/start-fault';
import type { ClusterTarget } from '@/server/kubernetes/cluster-targets';
import { EvidenceReader, guessWorkload } from '@/server/kubernetes/evidence-reader';
import { KubeClient } from '@/server/kubernetes/kube-client';
import { refusedWorkload } from '@/server/kubernetes/refused-workload';
import { turns } from '@/server/kubernetes/turn';
import { watchCluster } from '@/server/kubernetes/watch-cluster';
import type { ClusterWatch, WatchState } from '@/server/kubernetes/watch-cluster.types';
import { background, describeError, logLine } from '@/server/log';
import { newChanges, podGone, startingChange } from '@/server/loops/change-log';
import { evaluateEntry } from '@/server/loops/evaluate';
import { isOfInterest, isStuck, type LoopEntry, RUNS_IN_MEMORY } from '@/server/loops/loop-entry';
import { LoopIndex } from '@/server/loops/loop-index';
import { mergeRuns, observeRuns } from '@/server/loops/observe';
import { groupKey, PodCensus } from '@/server/loops/pod-census';
import { fromStoredLoop, toStoredLoop } from '@/server/loops/stored-loop';
import type { Store, StoredChange } from '@/server/store/store';
import { StreamHub } from '@/server/stream/hub';
import { type BoardContext, boardPage, boardTotals, DayHours } from '@/server/view/board';
import { clusterStatus, coverageLine } from '@/server/view/coverage';
import type { DiagnosisBody } from '@/server/view/diagnosis-body';
import { announcedDelay } from '@/server/view/next-restart';
import { Collector } from './collector';
import { EarlyEvents } from './early-events';
import { NodeBackoff } from './node-backoff';
import { Recorder } from './recorder';
import { Slots } from './slots';
import { forgetTheWell, learnBackoff, REMEMBER_MS } from './upkeep';

const FLUSH_MS = 15;
/** During the first list, when thousands of pods arrive in a row, rows are judged and written in larger batches. */
const FIRST_FLUSH_MS = 250;
/** Owners, logs and evidence wait for the first list this long at most. */
const FIRST_LIST_MS = 30_000;
const OWNERS_AT_ONCE = 4;
const TICK_MS = 1000;
/** A configuration with a problem is read again this often. */
const CONFIG_AGAIN_MS = 3_000;
const HOURS_REFRESH_MS = 5000;
/** Ended loops stay listed this long; the store keeps them. */
const LISTED_MS = { recovered: 2 * 3_600_000, gone: 3_600_000 } as const;
const DAY = 86_400_000;
const SWEEP_MS = 60_000;
const FIRST_SWEEP_MS = 10_000;

/** Reasons of events that tell of a pod whose containers cannot be started (crash-semantics 2.3). */
const START_TROUBLE = new Set([
  'FailedMount',
  'FailedAttachVolume',
  'FailedMapVolume',
  'FailedCreatePodSandBox',
  'FailedPrepareDynamicResources',
  'NetworkNotReady',
]);

/** What these states stand on may have changed since the last diagnosis: no crash asks for a new one. */
const LOOK_AGAIN: ReadonlySet<LoopState> = new Set(['never-started', 'holding', 'recovered']);

/** Adds an event to what is known of a pod's failing start; undefined where it tells of none. */
function startTrouble(event: EventSnapshot, known: StartTrouble | undefined): StartTrouble | undefined {
  if (!START_TROUBLE.has(event.reason)) return undefined;
  const since = event.first ?? event.last ?? Date.now();
  return { since: Math.min(known?.since ?? since, since), count: Math.max((known?.count ?? 0) + 1, event.count) };
}

/** Everything Unloop does for one cluster, from the watch to the stream: observe → collect → diagnose → record → publish. */
export class ClusterPipeline {
  target: ClusterTarget;
  readonly hub: StreamHub;
  #store: Store;
  #namespaces: readonly string[] | null;
  #client: KubeClient | null = null;
  #reader: EvidenceReader | null = null;
  #watch: ClusterWatch | null = null;
  #collector: Collector | null = null;
  #recorder: Recorder;
  #census = new PodCensus(guessWorkload);
  #index = new LoopIndex();
  #nodes = new NodeBackoff(
    async (name) => (await this.#reader?.node(name)) ?? { missing: 'the cluster is not connected' },
  );
  #dirty = new Set<LoopEntry>();
  #flushTimer: NodeJS.Timeout | null = null;
  #isFlushing = false;
  #tick: NodeJS.Timeout | null = null;
  #retry: NodeJS.Timeout | null = null;
  #version: string | null = null;
  /** Namespaces of which a whole list was seen; `*` for all. */
  #listed = new Set<string>();
  #synced = false;
  #hours = new DayHours([]);
  #hoursAt = 0;
  #recordedSince: number | null = null;
  #sweptAt = Date.now() - SWEEP_MS + FIRST_SWEEP_MS;
  #early = new EarlyEvents();
  #begun = Promise.withResolvers<void>();
  #owners = new Slots(OWNERS_AT_ONCE);
  /** Recorded runs by pod whose container was no loop when Unloop was last stopped. Given away while the first list comes. */
  #loose = new Map<string, Run[]>();
  #counts = { podChanges: 0, events: 0, handlerErrors: 0 };
  #stopped = false;

  constructor(target: ClusterTarget, store: Store, namespaces: readonly string[] | null) {
    this.target = target;
    this.#store = store;
    this.#namespaces = namespaces;
    this.#recorder = new Recorder(store, target.id);
    this.hub = new StreamHub((seen) => boardTotals(this.#rows(), seen, this.#context()));
  }

  /** Resumes from the store, then watches. Resolves when the watch was begun, not when it is synced. */
  async start(): Promise<void> {
    await this.#resume();
    this.#tick = setInterval(() => this.#onTick(), TICK_MS);
    this.#tick.unref();
    this.#connect();
  }

  /** Begins the watch. A target with a problem is looked at again until its configuration was corrected. */
  #connect(): void {
    const { kubeConfig, problem, again } = this.target;
    if (problem !== null || kubeConfig === null) {
      if (again) this.#retry = setTimeout(() => this.#tryAgain(again), CONFIG_AGAIN_MS).unref();
      return;
    }
    const client = new KubeClient(this.target);
    this.#client = client;
    this.#reader = new EvidenceReader(client);
    this.#collector = new Collector({
      cluster: this.target.id,
      client,
      reader: this.#reader,
      store: this.#store,
      now: Date.now,
      subject: (entry) => this.#subject(entry),
      siblings: (entry, subject) => this.#podsOf(entry).filter((pod) => pod.uid !== subject.uid),
      onDiagnosis: (entry, body) => this.#onDiagnosis(entry, body),
    });
    this.#watch = watchCluster(
      client,
      { namespaces: this.#namespaces },
      {
        onPod: (previous, next) => this.#onPod(previous, next),
        onEvent: (event) => this.#onEvent(event),
        onSynced: (namespace) => {
          this.#listed.add(namespace);
          this.#noteSynced();
          for (const entry of this.#index.all()) this.#markDirty(entry);
        },
        onState: () => this.#onState(),
        onVersion: (version) => {
          this.#version = version;
          this.#publishStatus();
        },
      },
    );
    setTimeout(() => this.#begin(), FIRST_LIST_MS).unref();
  }

  #tryAgain(again: () => ClusterTarget | null): void {
    const now = again();
    if (now) this.target = now;
    this.#connect();
    this.#publishStatus();
  }

  /** Stops watching, ends streams, writes what is pending. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#tick) clearInterval(this.#tick);
    if (this.#retry) clearTimeout(this.#retry);
    if (this.#flushTimer) clearTimeout(this.#flushTimer);
    this.hub.closeAll();
    this.#begin();
    this.#collector?.stop();
    await this.#watch?.stop();
    await this.#recorder.close();
    await this.#client?.close();
  }

  get client(): KubeClient | null {
    return this.#client;
  }

  /** True once every pod of the first list was seen. */
  get synced(): boolean {
    return this.#synced;
  }

  /** Figures for `/metrics`. */
  metrics(): {
    pods: number;
    podChanges: number;
    events: number;
    recorderLag: number;
    viewers: number;
    lastHeardAt: number | null;
    states: ReadonlyMap<string, number>;
  } {
    const states = new Map<string, number>();
    for (const row of this.#rows()) states.set(row.state, (states.get(row.state) ?? 0) + 1);
    const heard = this.#watchStates().map((s) => s.lastHeardAt ?? 0);
    return {
      pods: this.#census.podCount,
      podChanges: this.#counts.podChanges,
      events: this.#counts.events,
      recorderLag: this.#recorder.lag,
      viewers: this.hub.viewerCount,
      lastHeardAt: heard.length > 0 ? Math.max(...heard) || null : null,
      states,
    };
  }

  status(): Cluster {
    return clusterStatus(this.target, this.#watchStates(), this.#version, this.#recorder.failedSince);
  }

  page(namespaces: readonly string[] | null): LoopsPage {
    return boardPage([...this.#rows()], namespaces, this.#context());
  }

  coverage(): readonly Coverage[] {
    return this.#watchStates().map(coverageLine);
  }

  /** Pods as known now. */
  pods(): Iterable<PodSnapshot> {
    return this.#watch?.pods.values() ?? [];
  }

  get serverMinor(): number | undefined {
    const minor = /^v?\d+\.(\d+)/.exec(this.#version ?? '')?.[1];
    return minor === undefined ? undefined : Number(minor);
  }

  /** Entries whose workload matches, those on the board first. */
  entriesAt(matches: (workload: Workload) => boolean): readonly LoopEntry[] {
    return [...this.#index.all()]
      .filter((entry) => matches(entry.workload))
      .sort((a, b) => Number(b.isListed) - Number(a.isListed));
  }

  podsOf(entry: LoopEntry): readonly PodSnapshot[] {
    return this.#podsOf(entry);
  }

  /** What is known of the restart back-off of the cluster's nodes. */
  get nodes(): NodeBackoff {
    return this.#nodes;
  }

  async #resume(): Promise<void> {
    const now = Date.now();
    try {
      for (const stored of await this.#store.loops(this.target.id)) {
        if (stored.endedAt !== null && stored.endedAt < now - REMEMBER_MS) continue;
        const entry = fromStoredLoop(stored);
        if (!entry) continue;
        entry.isListed = this.#shouldList(entry, now);
        this.#index.adopt(groupKey(entry.workload), entry);
        this.#markDirty(entry);
      }
      const resumed = await this.#store.recentRuns(this.target.id, now - 2 * DAY);
      const beganAt = (run: Run) => run.startedAt ?? run.finishedAt ?? 0;
      for (const run of [...resumed].sort((a, b) => beganAt(a) - beganAt(b))) {
        const entry = this.#index.byId(run.loopId);
        if (entry) entry.runs.set(run.podUid, mergeRuns(entry.runs.get(run.podUid) ?? [], [run], RUNS_IN_MEMORY));
        else this.#loose.set(run.podUid, [...(this.#loose.get(run.podUid) ?? []), run]);
      }
    } catch (error) {
      logLine('error', 'resume', `the history could not be read: ${describeError(error)}`);
    }
  }

  #rows(): Loop[] {
    const rows: Loop[] = [];
    for (const entry of this.#index.all()) if (entry.isListed && entry.row) rows.push(entry.row);
    return rows;
  }

  #context(): BoardContext {
    const now = Date.now();
    const recoveredUnlisted = new Map<string, number>();
    for (const entry of this.#index.all()) {
      if (entry.isListed || entry.current?.state !== 'recovered' || (entry.current.enteredAt ?? 0) < now - DAY)
        continue;
      recoveredUnlisted.set(entry.workload.namespace, (recoveredUnlisted.get(entry.workload.namespace) ?? 0) + 1);
    }
    return {
      cluster: this.target.id,
      now,
      sequence: this.hub.sequence,
      coverage: this.coverage(),
      podCounts: this.#census.namespaces,
      hours: this.#hours,
      recordedSince: this.#recordedSince,
      recoveredUnlisted,
    };
  }

  #podsOf(entry: LoopEntry): PodSnapshot[] {
    const pods = this.#watch?.pods;
    if (!pods) return [];
    const found: PodSnapshot[] = [];
    for (const group of entry.groups) {
      for (const uid of this.#census.group(group)) {
        const pod = pods.get(uid);
        if (pod) found.push(pod);
      }
    }
    return found;
  }

  #onPod(previous: PodSnapshot | undefined, next: PodSnapshot | undefined): void {
    this.#counts.podChanges++;
    if (!previous && next) this.#census.add(next);
    if (previous && !next) this.#census.remove(previous);
    const pod = next ?? previous;
    if (!pod) return;
    const group = groupKey(guessWorkload(pod));
    if (next) this.#observe(group, next);
    const entries = this.#index.group(group);
    if (!entries) return;
    for (const entry of entries.values()) {
      if (!next && containerOf(pod, entry.container)) entry.lastPod = pod;
      if (!next && entry.row) background(this.#recordChange(entry, podGone(pod, Date.now())), `end of ${pod.name}`);
      this.#markDirty(entry);
    }
    if (next && !previous) for (const event of this.#early.take(next.uid)) this.#onPodEvent(next, event);
  }

  async #recordChange(entry: LoopEntry, change: StoredChange): Promise<void> {
    if (newChanges([change], entry.changes).length === 0) return;
    await this.#store.saveChange(this.target.id, entry.id, change);
    entry.changes = [change, ...entry.changes];
  }

  #observe(group: string, pod: PodSnapshot): void {
    const known = this.#index.group(group);
    const stuck = isStuck(pod);
    for (const spec of pod.specContainers) {
      const container = containerOf(pod, spec.name);
      const exists = known?.has(spec.name) ?? false;
      if (!exists && !(container ? isOfInterest(pod, container) : false) && !stuck) continue;
      const entry = this.#index.ensure(group, guessWorkload(pod), spec.name, spec.type, spec.image);
      entry.failedCreate = null;
      this.#resolve(group, pod);
      if (!container) continue;
      const now = Date.now();
      const loose = entry.runs.has(pod.uid) ? [] : (this.#loose.get(pod.uid) ?? []);
      const resumed = loose.filter((run) => run.container === spec.name).map((run) => ({ ...run, loopId: entry.id }));
      if (resumed.length > 0) entry.runs.set(pod.uid, mergeRuns([], resumed, RUNS_IN_MEMORY));
      const before = entry.runs.get(pod.uid) ?? [];
      const seen = observeRuns(pod, container, entry.id, before, now);
      if (seen.length > 0) entry.runs.set(pod.uid, mergeRuns(before, seen, RUNS_IN_MEMORY));
      const named = announcedDelay(entry, pod, container);
      if (named) entry.announced.set(named.runId, named.delayMs);
      for (const run of seen) this.#recorder.addRun(run);
      // Asked for once per run and life of Unloop: a log that an earlier life had no time to read may still be there.
      const ended = entry.runs.get(pod.uid)?.findLast((run) => run.exitCode !== null);
      if (!ended || entry.logAsked.get(pod.uid) === ended.id) continue;
      entry.logAsked.set(pod.uid, ended.id);
      this.#collector?.crashed(entry, ended, pod);
    }
  }

  /** The first list is in, or takes long: what else is asked of the API server may now be asked beside it. */
  #begin(): void {
    this.#begun.resolve();
    this.#collector?.begin();
  }

  /** Asks the cluster once per group who owns the pod's owner, and moves the group's entries where the guess was wrong. */
  #resolve(group: string, pod: PodSnapshot): void {
    if (this.#index.isResolved(group)) return;
    this.#index.resolve(group, guessWorkload(pod));
    const reader = this.#reader;
    if (!reader) return;
    background(
      this.#owners.use(async () => {
        await this.#begun.promise;
        if (this.#stopped) return;
        const workload = await reader.resolveWorkload(pod);
        const { retired, moved } = this.#index.resolve(group, workload);
        if (retired.length > 0) this.hub.publish({ asOf: new Date().toISOString(), upserts: [], removed: retired });
        for (const entry of moved) this.#markDirty(entry);
      }),
      `owner of ${pod.namespace}/${pod.name}`,
    );
  }

  #onEvent(event: EventSnapshot): void {
    this.#counts.events++;
    const { kind, uid } = event.involved;
    if (kind === 'Pod') {
      const pod = this.#watch?.pods.get(uid);
      if (pod) this.#onPodEvent(pod, event);
      else this.#early.add(uid, event, Date.now());
      return;
    }
    if (event.reason === 'FailedCreate')
      background(this.#onFailedCreate(event), `refused pod of ${event.involved.name}`);
  }

  #onPodEvent(pod: PodSnapshot, event: EventSnapshot): void {
    const { uid } = pod;
    const entries = this.#index.group(groupKey(guessWorkload(pod)));
    if (!entries) return;
    const trouble = startTrouble(event, entries.values().next().value?.troubles.get(uid));
    for (const entry of entries.values()) {
      if (trouble) entry.troubles.set(uid, trouble);
      if (event.container !== '' && event.container !== entry.container) continue;
      this.#recorder.addEvent(entry.id, event);
      if (entry.isListed && event.reason !== 'BackOff') this.#collector?.request(entry, 2000);
      this.#markDirty(entry);
    }
  }

  /** A controller that may make no pod at all: the loop has no pod, only the refusal. */
  async #onFailedCreate(event: EventSnapshot): Promise<void> {
    const client = this.#client;
    if (!client || (event.last ?? 0) < Date.now() - 15 * 60_000) return;
    const refused = await refusedWorkload(client, event);
    if (!refused) return;
    const group = groupKey(refused.workload);
    if (this.#census.group(group).size > 0) return;
    const entry = this.#index.ensure(group, refused.workload, refused.container, 'app', refused.image);
    entry.failedCreate = event;
    this.#recorder.addEvent(entry.id, event);
    this.#markDirty(entry);
    this.#collector?.request(entry);
  }

  /** Synced is what has seen a list of every namespace that it may list. */
  #noteSynced(): void {
    if (this.#synced || this.#listed.size === 0) return;
    const open = this.#watchStates().some(
      (state) => state.resource === 'pods' && state.state !== 'forbidden' && !this.#listed.has(state.namespace),
    );
    if (open) return;
    this.#synced = true;
    this.#begin();
  }

  /** As the watch has them now: what it no longer watches is not among them. */
  #watchStates(): readonly WatchState[] {
    return this.#watch?.states() ?? [];
  }

  #onState(): void {
    this.#noteSynced();
    this.#publishStatus();
  }

  #publishStatus(): void {
    this.hub.publish({
      asOf: new Date().toISOString(),
      upserts: [],
      removed: [],
      coverage: this.coverage(),
      cluster: this.status(),
    });
  }

  #onDiagnosis(entry: LoopEntry, body: DiagnosisBody): void {
    const best = body.verdicts[0];
    entry.fingerprint = body.fingerprint;
    entry.verdict = best
      ? { cause: best.cause, category: best.category, confidence: best.confidence, what: best.what }
      : null;
    this.#markDirty(entry);
  }

  #subject(entry: LoopEntry): PodSnapshot | null {
    return evaluateEntry(entry, this.#podsOf(entry), {
      now: Date.now(),
      serverMinor: this.serverMinor,
      nodes: this.#nodes,
    }).pod;
  }

  #markDirty(entry: LoopEntry): void {
    this.#dirty.add(entry);
    this.#planFlush();
  }

  #planFlush(): void {
    if (this.#flushTimer || this.#isFlushing || this.#stopped) return;
    this.#flushTimer = setTimeout(
      () => {
        this.#flushTimer = null;
        this.#isFlushing = true;
        background(
          this.#flush().finally(() => {
            this.#isFlushing = false;
            if (this.#dirty.size > 0) this.#planFlush();
          }),
          'flush',
        );
      },
      this.#synced ? FLUSH_MS : FIRST_FLUSH_MS,
    );
  }

  /** Evaluates what changed, records it in one transaction, and only then publishes it. */
  async #flush(): Promise<void> {
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    const now = Date.now();
    const upserts: Loop[] = [];
    const removed: string[] = [];
    const turn = turns();
    for (const entry of dirty) {
      await turn();
      const { row: before, isListed: wasListed } = entry;
      const wasState = entry.current?.state;
      if (entry.current) entry.change = startingChange(entry.changes, entry.current.since) ?? entry.change;
      const evaluated = evaluateEntry(entry, this.#podsOf(entry), {
        now,
        serverMinor: this.serverMinor,
        nodes: this.#nodes,
      });
      entry.nextCheckAt = evaluated.nextCheckAt;
      // Before the first list is complete, an entry from the store is not judged by the absence of its pods.
      const isListed = this.#listed.has('*') || this.#listed.has(entry.workload.namespace);
      if (!isListed && evaluated.pod === null && before) continue;
      entry.current = evaluated.standing;
      entry.row = evaluated.row ?? before;
      entry.isListed = evaluated.row !== null && this.#shouldList(entry, now);
      const isChanged = JSON.stringify(entry.row) !== JSON.stringify(before);
      if (entry.isListed && entry.row && (isChanged || !wasListed)) upserts.push(entry.row);
      if (wasListed && !entry.isListed) removed.push(entry.id);
      const stored = isChanged ? toStoredLoop(this.target.id, entry, now) : null;
      if (stored) this.#recorder.addLoop(stored);
      const state = entry.current?.state;
      const entered = state !== wasState && state !== undefined && LOOK_AGAIN.has(state);
      if (entry.isListed && (!wasListed || entered)) this.#collector?.request(entry);
    }
    await this.#recorder.flush();
    if (upserts.length > 0 || removed.length > 0) {
      this.hub.publish({ asOf: new Date(now).toISOString(), upserts, removed });
    }
  }

  #shouldList(entry: LoopEntry, now: number): boolean {
    const current = entry.current;
    if (!current) return false;
    if (current.state !== 'recovered' && current.state !== 'gone') return true;
    return now - (current.enteredAt ?? current.since) < LISTED_MS[current.state];
  }

  #onTick(): void {
    const now = Date.now();
    if (now - this.#sweptAt >= SWEEP_MS) {
      this.#sweptAt = now;
      background(this.#upkeep(now), 'upkeep');
    }
    for (const entry of this.#index.all()) {
      if (entry.nextCheckAt !== null && entry.nextCheckAt <= now) this.#markDirty(entry);
    }
    if (now - this.#hoursAt >= HOURS_REFRESH_MS) {
      this.#hoursAt = now;
      background(
        Promise.all([
          this.#store.crashesPerHour(this.target.id, now - DAY, null),
          this.#store.heldSince(this.target.id),
        ]).then(([counts, recordedSince]) => {
          this.#hours = new DayHours(counts);
          this.#recordedSince = recordedSince;
        }),
        'crashes per hour',
      );
    }
  }

  async #upkeep(now: number): Promise<void> {
    await learnBackoff(this.#index, this.#nodes);
    await forgetTheWell(this.#index, (entry) => this.#podsOf(entry), now);
  }
}
