import type { Clock } from './clock';
import { EventRecorder, recordSchedulerEvent } from './events';
import { type Condition, isPod, type KubeObject, ownedBy, type Pod, referenceTo } from './kube-types';
import { Kubelet } from './kubelet/kubelet';
import type { PodWorker } from './kubelet/pod-worker';
import { DEMO_NODES } from './nodes';
import type { ObjectStore } from './object-store';
import { admitPodSpec, type PodTemplate } from './pod-template';
import { createRandom, type Random } from './random';
import type { PodPlan } from './workload';

const RESCHEDULE_MS = 300_000;

export interface PodRequest {
  readonly namespace: string;
  /** Full name, or the prefix of a generated one. */
  readonly name: string;
  readonly isPrefix: boolean;
  readonly owner: KubeObject | null;
  readonly template: PodTemplate;
  readonly plan: PodPlan;
  /** The node it has to run on. */
  readonly nodeName: string;
}

/** The parts of a running cluster: its objects, its clock, its kubelets, and how pods come and go. */
export class Cluster {
  readonly clock: Clock;
  readonly store: ObjectStore;
  readonly kubelets: ReadonlyMap<string, Kubelet>;
  readonly #seed: number;
  readonly #recorders = new Map<string, EventRecorder>();
  readonly #owners = new Map<string, () => void>();
  readonly #nodeOf = new Map<string, string>();
  /** Pods by the UID of their owner, then by their own. */
  readonly #owned = new Map<string, Map<string, Pod>>();
  #turn = 0;
  #addresses = 0;

  constructor(options: { clock: Clock; store: ObjectStore; seed: number }) {
    this.clock = options.clock;
    this.store = options.store;
    this.#seed = options.seed;
    this.kubelets = new Map(
      DEMO_NODES.map((node) => [
        node.name,
        new Kubelet({ node, clock: this.clock, store: this.store, random: this.random(`kubelet/${node.name}`) }),
      ]),
    );
    this.store.subscribe('pods', ({ next, object }) => {
      if (!next) this.#nodeOf.delete(object.metadata.uid);
      const owner = object.metadata.ownerReferences?.[0]?.uid;
      if (owner === undefined) return;
      this.#keepOwned(owner, object.metadata.uid, next);
      this.#owners.get(owner)?.();
    });
  }

  /** A stream of chances for one purpose, so that one story does not change another. */
  random(purpose: string): Random {
    return createRandom(`${this.#seed}/${purpose}`);
  }

  /** Calls `reconcile` a moment after pods of the owner changed, several changes as one. */
  watchPods(ownerUid: string, reconcile: () => void): void {
    let isPlanned = false;
    this.#owners.set(ownerUid, () => {
      if (isPlanned) return;
      isPlanned = true;
      this.clock.after(60, () => {
        isPlanned = false;
        reconcile();
      });
    });
  }

  /** Ends `watchPods` for an owner that is gone. */
  unwatchPods(ownerUid: string): void {
    this.#owners.delete(ownerUid);
  }

  /** Writes an event of a controller about an object. */
  event(component: string, about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    let recorder = this.#recorders.get(component);
    if (!recorder) {
      const { clock, store } = this;
      recorder = new EventRecorder({ clock, store, random: this.random(`events/${component}`), component, host: '' });
      this.#recorders.set(component, recorder);
    }
    recorder.record({ about: referenceTo(about), type, reason, message });
  }

  /** Names of the nodes that take pods, beginning with the next one in turn. */
  nextNode(): string {
    const workers = DEMO_NODES.filter((node) => !node.tainted && node.architecture === 'amd64');
    this.#turn += 1;
    return workers[this.#turn % workers.length]?.name ?? 'worker-1';
  }

  /** Creates a pod and leaves it to the scheduler. Gives it as stored. */
  createPod(request: PodRequest): Pod {
    const { namespace, owner, template, isPrefix, plan } = request;
    const random = this.random(`pod/${namespace}/${request.name}/${this.store.version}`);
    const name = isPrefix ? `${request.name}${random.suffix(5)}` : request.name;
    const pod = this.store.put<Pod>('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        ...(isPrefix ? { generateName: request.name } : {}),
        namespace,
        uid: random.uuid(),
        generation: 1,
        creationTimestamp: this.clock.stamp(this.clock.now),
        ...template.metadata,
        ...(owner ? { ownerReferences: ownedBy(owner) } : {}),
      },
      spec: admitPodSpec(template.spec, random.suffix(5)),
      status: { phase: 'Pending', qosClass: 'Burstable' },
    });
    this.clock.after(random.between(10, 60), () => this.#schedule(pod, plan, request.nodeName, random));
    return pod;
  }

  /** Deletes a pod as the API does: at once where no node has it, else after its grace period. */
  deletePod(pod: Pod): void {
    const { uid, namespace, name } = pod.metadata;
    const node = this.#nodeOf.get(uid);
    if (node === undefined) this.store.remove('pods', namespace, name);
    else this.kubelets.get(node)?.delete(uid);
  }

  /** Pods of an owner that are not being deleted, in the order in which they were made. */
  podsOf(owner: KubeObject): readonly Pod[] {
    const pods = this.#owned.get(owner.metadata.uid)?.values() ?? [];
    return [...pods].filter((pod) => pod.metadata.deletionTimestamp === undefined);
  }

  /** The worker of a pod on its node, or undefined before it is there. */
  worker(uid: string): PodWorker | undefined {
    const node = this.#nodeOf.get(uid);
    return node === undefined ? undefined : this.kubelets.get(node)?.worker(uid);
  }

  #keepOwned(owner: string, uid: string, pod: KubeObject | undefined): void {
    const pods = this.#owned.get(owner) ?? new Map<string, Pod>();
    if (pod && isPod(pod)) pods.set(uid, pod);
    else pods.delete(uid);
    if (pods.size > 0) this.#owned.set(owner, pods);
    else this.#owned.delete(owner);
  }

  #schedule(created: Pod, plan: PodPlan, nodeName: string, random: Random, series?: string): void {
    const { clock, store } = this;
    const { namespace, name, uid } = created.metadata;
    const pod = store.get('pods', namespace, name);
    if (!pod || !isPod(pod) || pod.metadata.uid !== uid) return;
    const say = (type: 'Normal' | 'Warning', reason: string, message: string, earlier?: string): string =>
      recordSchedulerEvent(
        { store, clock, random },
        { about: referenceTo(pod), type, reason, message, action: type === 'Normal' ? 'Binding' : 'Scheduling' },
        earlier,
      );
    const scheduled = (status: 'True' | 'False', rest: Partial<Condition>): Condition => ({
      type: 'PodScheduled',
      status,
      lastProbeTime: null,
      lastTransitionTime: pod.status.conditions?.[0]?.lastTransitionTime ?? clock.stamp(clock.now),
      ...rest,
    });

    const obstacle = plan.unschedulable?.(clock.now - clock.openedAt) ?? null;
    if (obstacle !== null) {
      const told = say('Warning', 'FailedScheduling', obstacle, series);
      const isSaid = pod.status.conditions?.[0]?.message === obstacle;
      const conditions = [scheduled('False', { reason: 'Unschedulable', message: obstacle })];
      const waiting = isSaid ? pod : store.put<Pod>('pods', { ...pod, status: { ...pod.status, conditions } });
      clock.after(RESCHEDULE_MS + random.between(0, 20_000), () =>
        this.#schedule(waiting, plan, nodeName, random, told),
      );
      return;
    }
    const kubelet = this.kubelets.get(nodeName);
    if (!kubelet) throw new Error(`demo pod ${namespace}/${name}: no node ${nodeName}`);
    const bound = store.put<Pod>('pods', {
      ...pod,
      spec: { ...pod.spec, nodeName },
      status: { ...pod.status, conditions: [scheduled('True', {})] },
    });
    say('Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${nodeName}`);
    this.#nodeOf.set(uid, nodeName);
    this.#addresses += 1;
    const subnet = kubelet.node.address.split('.').at(-1);
    kubelet.run({
      pod: bound,
      podIp: `10.244.${subnet}.${10 + (this.#addresses % 240)}`,
      programs: plan.programs,
      mount: plan.mount ?? (() => null),
      random,
    });
  }
}
