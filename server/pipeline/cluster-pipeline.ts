import type { ClusterTarget } from '@/server/kubernetes/cluster-targets';
import { type CrashLog, type CrashLogRequest, readCrashLog } from '@/server/kubernetes/crash-log';
import { background } from '@/server/log';
import { BrokenRules } from '@/server/loops/broken-rules';
import { judgeAnew } from '@/server/loops/judge-anew';
import { type LiveCluster, streamView } from '@/server/loops/live-cluster';
import type { LoopEntry } from '@/server/loops/loop-entry';
import { LoopTable } from '@/server/loops/loop-table';
import { PodCensus } from '@/server/loops/pod-census';
import type { Store } from '@/server/store/store';
import { StreamHub } from '@/server/stream/hub';
import { Collector } from './collector';
import { Connection } from './connection';
import { CrashHours } from './crash-hours';
import { CrashLogs } from './crash-logs';
import { EventRouter } from './event-router';
import { FirstList } from './first-list';
import { Judge } from './judge';
import { LiveView } from './live-view';
import { LogQueue } from './log-queue';
import { NodeKnowledge } from './node-knowledge';
import { OwnerResolver } from './owner-resolver';
import { PodObserver } from './pod-observer';
import { Publisher } from './publisher';
import { Recorder } from './recorder';
import { Replicas } from './replicas';
import { resume } from './resume';
import { Upkeep } from './upkeep';

/** How much one pipeline has handled, for `/metrics`. */
export interface PipelineFigures {
  readonly podChanges: number;
  readonly events: number;
  /** Items not yet written, see `Recorder.lag`, and logs. */
  readonly recorderLag: number;
  /** Crashes seen but not kept, see `Recorder.lost`. */
  readonly lost: number;
}

/**
 * Everything Unloop does for one cluster, from the watch to the stream: observe → collect → diagnose → record → publish. Puts the
 * parts together; each holds its own state, and what is known of a loop changes in the LoopTable alone.
 */
export class ClusterPipeline {
  /** What is known now, for those who read. */
  readonly live: LiveCluster;
  readonly hub: StreamHub;
  readonly brokenRules: BrokenRules;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly figures: () => PipelineFigures;
  /** Reads a log from the kubelet, see `readCrashLog`. Throws UnloopError `cluster-unreachable` where there is no connection. */
  readonly readLog: (request: CrashLogRequest, signal: AbortSignal) => Promise<CrashLog>;

  /** `namespaces` null: all that may be seen. */
  constructor(target: ClusterTarget, store: Store, namespaces: readonly string[] | null) {
    const cluster = target.id;
    const table = new LoopTable();
    const census = new PodCensus();
    const firstList = new FirstList();
    const recorder = new Recorder(store, cluster);
    const logs = new LogQueue(store, cluster);
    const crashHours = new CrashHours(store, cluster);
    const connection: Connection = new Connection(target, namespaces, {
      onPod: (previous, next) => {
        pods.see(previous, next);
        if (next && !previous) events.podAppeared(next);
      },
      onEvent: (event) => events.route(event),
      onSynced: (namespace) => {
        firstList.listed(namespace, connection.states());
        if (firstList.isComplete) table.allListed(connection.pods);
        judge.listed();
        publisher.status();
      },
      onState: () => {
        firstList.check(connection.states());
        publisher.status();
      },
      onVersion: () => publisher.status(),
      onConfigured: () => publisher.status(),
    });
    const replicas = new Replicas(census, () => connection.pods);
    const nodes = new NodeKnowledge(async (name) => {
      await firstList.over;
      return await connection.reader.node(name);
    });
    const shared = {
      cluster,
      store,
      table,
      census,
      firstList,
      recorder,
      logs,
      crashHours,
      connection,
      replicas,
      nodes,
    };
    const live = new LiveView(shared);
    const hub = new StreamHub(streamView(live));
    const publisher = new Publisher({ ...shared, live, hub });
    const judge: Judge = new Judge({ ...shared, publisher, onDue: (entry) => collector.request(entry) });
    const brokenRules = new BrokenRules();
    const crashLogs = new CrashLogs({ ...shared, onKept: (entry) => collector.request(entry), now: Date.now });
    const collector: Collector = new Collector({ ...shared, crashLogs, brokenRules, judge, now: Date.now });
    const owners = new OwnerResolver({ ...shared, publisher, judge });
    const pods = new PodObserver({ ...shared, owners, crashLogs, judge });
    const events = new EventRouter({ ...shared, collector, judge });
    const upkeep = new Upkeep({ ...shared, judge });

    this.live = live;
    this.hub = hub;
    this.brokenRules = brokenRules;
    const stopped = new AbortController();
    const resumed = async () => {
      const entries = await resume(store, cluster, table);
      for (const entry of entries) judge.ask(entry);
      const anew = { ...shared, brokenRules, onJudged: (entry: LoopEntry) => judge.ask(entry), signal: stopped.signal };
      background(judgeAnew(anew, entries), 'judging anew');
    };
    this.start = async () => {
      if (store.waiting() === null) await resumed();
      else background(store.whenOpen().then(resumed), 'resume');
      upkeep.start();
      firstList.begin();
      connection.start();
    };
    this.stop = async () => {
      stopped.abort();
      upkeep.stop();
      judge.stop();
      owners.stop();
      crashLogs.stop();
      collector.stop();
      firstList.stop();
      hub.closeAll();
      await connection.stop();
      await recorder.close();
      await logs.close();
    };
    this.figures = () => ({
      podChanges: pods.changes,
      events: events.seen,
      recorderLag: recorder.lag + logs.lag,
      lost: recorder.lost,
    });
    this.readLog = (request, signal) => readCrashLog(connection.client, request, signal);
  }
}
