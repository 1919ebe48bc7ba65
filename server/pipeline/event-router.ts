import type { EventSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';
import type { StartTrouble } from '@/lib/domain/start-fault';
import { guessWorkload } from '@/server/kubernetes/evidence-reader';
import type { KubeClient } from '@/server/kubernetes/kube-client';
import { background } from '@/server/log';
import type { LoopEntry } from '@/server/loops/loop-entry';
import type { LoopTable } from '@/server/loops/loop-table';
import { groupKey, type PodCensus } from '@/server/loops/pod-census';
import { EarlyEvents } from './early-events';
import { refusedWorkload } from './refused-workload';

/** A refusal older than this is no failure of today. */
const REFUSED_MS = 15 * 60_000;
/** Events come in bursts: a diagnosis waits so long for the rest of one. */
const BURST_MS = 2_000;

/** Reasons of events that tell of a pod whose containers cannot be started (crash-semantics 2.3). */
const START_TROUBLE = new Set([
  'FailedMount',
  'FailedAttachVolume',
  'FailedMapVolume',
  'FailedCreatePodSandBox',
  'FailedPrepareDynamicResources',
  'NetworkNotReady',
]);

/** What the router needs of the rest of the pipeline. */
export interface EventRouterContext {
  readonly table: LoopTable;
  readonly census: PodCensus;
  readonly connection: { readonly pods: ReadonlyMap<string, PodSnapshot>; readonly client: KubeClient };
  readonly recorder: { addEvent(loopId: string, event: EventSnapshot): void };
  readonly collector: { request(entry: LoopEntry, delayMs?: number): void };
  readonly judge: { ask(entry: LoopEntry): void };
}

/** Routing events to the loops that they are about. */
export class EventRouter {
  readonly #context: EventRouterContext;
  readonly #early = new EarlyEvents();
  #seen = 0;

  constructor(context: EventRouterContext) {
    this.#context = context;
  }

  /** Events seen so far. */
  get seen(): number {
    return this.#seen;
  }

  route(event: EventSnapshot): void {
    this.#seen++;
    const { kind, uid, name } = event.involved;
    if (kind === 'Pod') {
      const pod = this.#context.connection.pods.get(uid);
      if (pod) this.#ofPod(pod, event);
      else this.#early.add(uid, event, Date.now());
    } else if (event.reason === 'FailedCreate' && (event.last ?? 0) >= Date.now() - REFUSED_MS) {
      background(this.#ofController(event), `refused pod of ${name}`);
    }
  }

  /** A pod appeared: events that came before it are about it. */
  podAppeared(pod: PodSnapshot): void {
    for (const event of this.#early.take(pod.uid)) this.#ofPod(pod, event);
  }

  #ofPod(pod: PodSnapshot, event: EventSnapshot): void {
    const { table, recorder, collector, judge } = this.#context;
    const entries = table.group(groupKey(guessWorkload(pod)));
    if (!entries) return;
    const trouble = startTrouble(event, entries.values().next().value?.troubles.get(pod.uid));
    for (const entry of entries.values()) {
      if (trouble) table.troubled(entry, pod.uid, trouble);
      if (event.container !== '' && event.container !== entry.container) continue;
      recorder.addEvent(entry.id, event);
      if (entry.isListed && event.reason !== 'BackOff') collector.request(entry, BURST_MS);
      judge.ask(entry);
    }
  }

  /** A controller that may make no pod at all: the loop has no pod, only the refusal. */
  async #ofController(event: EventSnapshot): Promise<void> {
    const { table, census, connection, recorder, collector, judge } = this.#context;
    const found = await refusedWorkload(connection.client, event);
    if (!found) return;
    const group = groupKey(found.workload);
    if (census.group(group).size > 0) return;
    const { workload, container, image } = found;
    const entry = table.suspected(group, workload, { name: container, type: 'app', image });
    table.refused(entry, event);
    recorder.addEvent(entry.id, event);
    judge.ask(entry);
    collector.request(entry);
  }
}

/** Adds an event to what is known of a pod's failing start; undefined where it tells of none. */
function startTrouble(event: EventSnapshot, known: StartTrouble | undefined): StartTrouble | undefined {
  if (!START_TROUBLE.has(event.reason)) return undefined;
  const since = event.first ?? event.last ?? Date.now();
  return { since: Math.min(known?.since ?? since, since), count: Math.max((known?.count ?? 0) + 1, event.count) };
}
