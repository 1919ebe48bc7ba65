import type { Clock } from '@/server/demo/clock';
import { EventRecorder } from '@/server/demo/events';
import type { ObjectStore } from '@/server/demo/object-store';
import type { DemoNode } from '@/server/demo/program';
import type { Random } from '@/server/demo/random';
import { PullBackOff, RestartBackOff } from './back-off';
import type { NodeServices, PodAssignment } from './pod-context';
import { PodWorker } from './pod-worker';

/** The kubelet of one node. */
export class Kubelet {
  readonly node: DemoNode;
  readonly #services: NodeServices;
  readonly #workers = new Map<string, PodWorker>();

  constructor(options: { node: DemoNode; clock: Clock; store: ObjectStore; random: Random }) {
    const { node, clock, store, random } = options;
    this.node = node;
    this.#services = {
      node,
      clock,
      store,
      events: new EventRecorder({ store, clock, random, component: 'kubelet', host: node.name }),
      restarts: new RestartBackOff(),
      pulls: new PullBackOff(),
      images: new Set(),
    };
  }

  /** Starts working on a pod that was bound to this node. */
  run(assignment: PodAssignment): void {
    const worker = new PodWorker(this.#services, assignment);
    this.#workers.set(assignment.pod.metadata.uid, worker);
    this.#services.clock.after(assignment.random.between(20, 90), () => worker.begin());
  }

  /** Ends a pod; nothing happens where this node does not have it. */
  delete(uid: string): void {
    this.#workers.get(uid)?.delete(() => {
      this.#workers.delete(uid);
      this.#services.restarts.forgetPod(uid);
      this.#services.pulls.forgetPod(uid);
    });
  }

  /** The worker of a pod, or undefined where this node does not have it. */
  worker(uid: string): PodWorker | undefined {
    return this.#workers.get(uid);
  }
}
