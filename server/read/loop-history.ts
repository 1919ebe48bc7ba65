import 'server-only';
import type { Diagnosis } from '@/lib/contract/diagnosis';
import type { Loop } from '@/lib/contract/loop';
import type { Run } from '@/lib/domain/loop';
import type { EventSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';
import type { Sight } from '@/lib/domain/viewer';
import { isWorkloadAt } from '@/lib/domain/workload-plural';
import type { BrokenRules } from '@/server/loops/broken-rules';
import type { LiveCluster } from '@/server/loops/live-cluster';
import type { LoopEntry } from '@/server/loops/loop-entry';
import { fromStoredLoop } from '@/server/loops/stored-loop';
import type { EndedLoop, Store, StoredChange } from '@/server/store/store';
import type { LoopEvidence } from '@/server/view/loop-evidence';
import { shownRow } from '@/server/view/shown-row';
import { readEvidence } from './read-evidence';

const MAX_RUNS = 500;
const MAX_EVENTS = 300;
/** A timeline shows two weeks, at a crash each five minutes in one replica 4,032 runs. */
export const MAX_DRAWN = 5_000;
const DRAWN_MS = 14 * 86_400_000;
/** Ends of one workload that are looked through for the asked one. */
const MAX_ENDS = 200;
/** Events that came shortly before the first crash or after the end belong to the loop. */
const MARGIN_MS = 15 * 60_000;

/** What the viewer may see of one loop, now or at one of its ends. */
export interface LoopHistory {
  /** Of an end, rebuilt from the record: without runs. */
  readonly entry: LoopEntry;
  readonly loop: Loop;
  /** Newest first. */
  readonly runs: readonly Run[];
  /** Up to two weeks of them, for the timeline. */
  readonly drawn: readonly Run[];
  readonly evidence: LoopEvidence;
  readonly events: readonly EventSnapshot[];
  /** Newest first. */
  readonly changes: readonly StoredChange[];
  /** Its pods that are still there. */
  readonly pods: readonly PodSnapshot[];
  /** The end at which it is shown; null for now. */
  readonly end: EndedLoop | null;
}

/** Identity of a workload as the URL names it. */
export interface WorkloadKey {
  readonly plural: string;
  readonly namespace: string;
  readonly name: string;
}

/** Where loops are read from, and what of them is seen. */
export interface LoopSource {
  readonly sight: Sight;
  readonly store: Store;
  readonly live: LiveCluster;
  readonly brokenRules: BrokenRules;
}

/** The loops of a workload as they stand; empty where Unloop knows of none. */
export async function presentLoops(
  { sight, store, live, brokenRules }: LoopSource,
  { plural, namespace, name }: WorkloadKey,
): Promise<readonly LoopHistory[]> {
  const { cluster } = sight;
  const now = Date.now();
  const entries = [...live.entries]
    .filter((entry) => isWorkloadAt(entry.workload, plural, namespace, name))
    .sort((a, b) => Number(b.isListed) - Number(a.isListed));
  const known = await Promise.all(
    entries.map(async (entry): Promise<LoopHistory | null> => {
      if (entry.row === null) return null;
      const unwritten = [...live.unwritten.runs()].filter((run) => run.loopId === entry.id);
      const [runs, drawn, evidence, events, changes] = await Promise.all([
        store.runsOfLoop(cluster, entry.id, { limit: MAX_RUNS }),
        store.runsBetween(cluster, entry.id, now - DRAWN_MS, now, MAX_DRAWN),
        readEvidence(store, brokenRules, { sight, loopId: entry.id, episode: null }),
        store.eventsOfLoop(cluster, entry.id, MAX_EVENTS),
        store.changesOfLoop(cluster, entry.id),
      ]);
      return seenThrough(sight, {
        entry,
        loop: entry.row,
        runs: withUnwritten(runs.toReversed(), unwritten).reverse(),
        drawn: withUnwritten(drawn, unwritten),
        evidence,
        events,
        changes,
        pods: live.podsOf(entry),
        end: null,
      });
    }),
  );
  return known.filter((one) => one !== null);
}

/** Leaves out what the viewer may not see of a loop whose pods they may see. */
function seenThrough(sight: Sight, known: LoopHistory): LoopHistory {
  const { namespace } = known.entry.workload;
  if (sight.canExplain(namespace)) return known;
  return {
    ...known,
    loop: shownRow(known.loop, sight),
    events: sight.canSee(namespace, 'events') ? known.events : [],
    changes: sight.canSee(namespace, 'objects') ? known.changes : [],
    end: known.end && { ...known.end, endedBy: null },
  };
}

/** Adds the runs that wait to be written to recorded ones, oldest first. */
function withUnwritten(recorded: readonly Run[], unwritten: readonly Run[]): Run[] {
  const byId = new Map([...recorded, ...unwritten].map((run) => [run.id, run]));
  const endOf = (run: Run) =>
    run.exitCode === null ? Number.POSITIVE_INFINITY : (run.finishedAt ?? run.observedAt ?? 0);
  return [...byId.values()].sort((a, b) => (endOf(a) < endOf(b) ? -1 : endOf(a) > endOf(b) ? 1 : 0));
}

/** The loops of a workload as they were when they ended: at `endedAt` (epoch ms), or each at its newest end. */
export async function endedLoops(
  source: LoopSource,
  { plural, namespace, name }: WorkloadKey,
  endedAt: number | null,
): Promise<readonly LoopHistory[]> {
  const { sight, store } = source;
  const ends = await store.history(sight.cluster, {
    namespaces: sight.namespaces,
    idPrefix: `${plural}/${namespace}/${name}/`,
    limit: MAX_ENDS,
    ...(endedAt === null ? {} : { from: endedAt, before: endedAt + 1 }),
  });
  const newest = new Map<string, EndedLoop>();
  for (const end of ends) if (!newest.has(end.loopId)) newest.set(end.loopId, end);
  const known = await Promise.all([...newest.values()].map((end) => endedLoop(source, end)));
  return known.filter((one) => one !== null);
}

async function endedLoop({ sight, store, live, brokenRules }: LoopSource, end: EndedLoop): Promise<LoopHistory | null> {
  const { cluster } = sight;
  const entry = fromStoredLoop({ ...end, cluster, id: end.loopId, updatedAt: end.endedAt });
  if (entry.row === null) return null;
  const beganAt = Math.min(end.since, end.firstCrashAt ?? end.since);
  const [drawn, evidence, events, changes] = await Promise.all([
    store.runsBetween(cluster, end.loopId, beganAt, end.endedAt, MAX_DRAWN),
    readEvidence(store, brokenRules, {
      sight,
      loopId: end.loopId,
      episode: { beganAt, endedAt: end.endedAt },
    }),
    store.eventsOfLoop(cluster, end.loopId, MAX_EVENTS, end.endedAt + MARGIN_MS),
    store.changesOfLoop(cluster, end.loopId),
  ]);
  return seenThrough(sight, {
    entry,
    loop: { ...entry.row, nextRestart: null, runningSince: null, strip: [] },
    runs: drawn.slice(-MAX_RUNS).reverse(),
    drawn,
    evidence,
    events: events.filter((event) => (event.last ?? event.first ?? 0) >= beganAt - MARGIN_MS),
    changes: changes.filter((change) => change.at <= end.endedAt),
    pods: podsOf(live, new Set(drawn.map((run) => run.podUid))),
    end,
  });
}

function podsOf({ pods }: LiveCluster, uids: ReadonlySet<string>): readonly PodSnapshot[] {
  return [...uids].map((uid) => pods.get(uid)).filter((pod) => pod !== undefined);
}

/** Pods that only the recorded runs of ended loops still tell of. */
export function deletedPods(histories: readonly LoopHistory[]): Diagnosis['pods'] {
  const gone = new Map<string, Diagnosis['pods'][number]>();
  for (const { end, pods, runs } of histories) {
    if (end === null) continue;
    const known = new Set(pods.map((pod) => pod.uid));
    for (const run of runs) {
      if (known.has(run.podUid)) continue;
      const before = gone.get(run.podUid);
      gone.set(run.podUid, {
        pod: run.podName,
        uid: run.podUid,
        node: run.nodeName,
        status: 'pod deleted',
        restarts: Math.max(before?.restarts ?? 0, run.restartIndex),
        ready: false,
        alive: false,
        restartPolicy: '',
      });
    }
  }
  return [...gone.values()];
}
