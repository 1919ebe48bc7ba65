import type { Cluster } from '@/server/demo/cluster';
import type { KubeObject, Pod } from '@/server/demo/kube-types';
import { ownedBy } from '@/server/demo/kube-types';
import { buildTemplate, type PodTemplate } from '@/server/demo/pod-template';
import { hashSuffix } from '@/server/demo/random';
import type { DemoDeployment, Revision } from '@/server/demo/workload';

/** True where a pod is ready to serve. */
export function isReady(pod: Pod): boolean {
  return pod.status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;
}

/** One ReplicaSet of a Deployment: keeps as many pods of one revision as it is told to. */
export class ReplicaSet {
  readonly revision: Revision;
  readonly #cluster: Cluster;
  readonly #deployment: DemoDeployment;
  readonly #template: PodTemplate;
  #object: KubeObject;
  #replicas = 0;
  /** Pods ever made: decides the next node where placement is given. */
  #made = 0;

  constructor(cluster: Cluster, options: { deployment: DemoDeployment; owner: KubeObject; revision: Revision }) {
    const { deployment, owner, revision } = options;
    this.#cluster = cluster;
    this.#deployment = deployment;
    this.revision = revision;
    const hash = hashSuffix(`${deployment.namespace}/${deployment.name}/${revision.revision}`, 10);
    const labels = {
      'app.kubernetes.io/name': deployment.name,
      ...deployment.labels,
      'pod-template-hash': hash,
    };
    this.#template = buildTemplate(revision, labels);
    this.#object = cluster.store.put('replicasets', {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${deployment.name}-${hash}`,
        namespace: deployment.namespace,
        uid: cluster.random(`rs/${deployment.namespace}/${deployment.name}/${revision.revision}`).uuid(),
        generation: 1,
        creationTimestamp: cluster.clock.stamp(cluster.clock.now),
        labels,
        annotations: {
          'deployment.kubernetes.io/desired-replicas': String(deployment.replicas),
          'deployment.kubernetes.io/max-replicas': String(deployment.replicas + surgeOf(deployment)),
          'deployment.kubernetes.io/revision': String(revision.revision),
          ...(revision.changeCause === undefined ? {} : { 'kubernetes.io/change-cause': revision.changeCause }),
        },
        ownerReferences: ownedBy(owner),
      },
      spec: {
        replicas: 0,
        selector: { matchLabels: { 'app.kubernetes.io/name': deployment.name, 'pod-template-hash': hash } },
        template: this.#template,
      },
      status: { replicas: 0 },
    });
  }

  get name(): string {
    return this.#object.metadata.name;
  }

  get uid(): string {
    return this.#object.metadata.uid;
  }

  get replicas(): number {
    return this.#replicas;
  }

  pods(): readonly Pod[] {
    return this.#cluster.podsOf(this.#object);
  }

  ready(): number {
    return this.pods().filter(isReady).length;
  }

  /** Sets the wanted number of pods, and makes or deletes pods to reach it. */
  scale(replicas: number): void {
    this.#replicas = replicas;
    this.reconcile();
  }

  /** Makes or deletes pods; of those to go, the ones that are not ready first, then the youngest. */
  reconcile(): void {
    const { namespace } = this.#deployment;
    const pods = this.pods();
    for (let count = pods.length; count < this.#replicas; count += 1) {
      const placement = this.#deployment.placement ?? [];
      const pod = this.#cluster.createPod({
        namespace,
        name: `${this.name}-`,
        isPrefix: true,
        owner: this.#object,
        template: this.#template,
        plan: this.revision,
        nodeName: placement[this.#made % placement.length] ?? this.#cluster.nextNode(),
      });
      this.#made += 1;
      this.#say('SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
    }
    const order = [...pods].sort(
      (left, right) =>
        Number(isReady(left)) - Number(isReady(right)) ||
        (left.metadata.creationTimestamp < right.metadata.creationTimestamp ? 1 : -1),
    );
    for (const pod of order.slice(0, Math.max(0, pods.length - this.#replicas))) {
      this.#cluster.deletePod(pod);
      this.#say('SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
    }
    this.#writeStatus();
  }

  #say(reason: string, message: string): void {
    this.#cluster.event('replicaset-controller', this.#object, 'Normal', reason, message);
  }

  #writeStatus(): void {
    const pods = this.pods();
    const ready = pods.filter(isReady).length;
    const before = this.#object;
    const status = {
      replicas: pods.length,
      fullyLabeledReplicas: pods.length,
      ...(ready === 0 ? {} : { readyReplicas: ready, availableReplicas: ready }),
      observedGeneration: before.metadata.generation,
    };
    const known = before.spec as Readonly<Record<string, unknown>>;
    if (known.replicas === this.#replicas && JSON.stringify(status) === JSON.stringify(before.status)) return;
    const spec = { ...known, replicas: this.#replicas };
    this.#object = this.#cluster.store.put('replicasets', { ...before, spec, status });
  }
}

/** How many pods a rollout may have beyond the wanted number: 25 %, rounded up. */
export function surgeOf(deployment: DemoDeployment): number {
  return deployment.maxSurge ?? Math.ceil(deployment.replicas * 0.25);
}

/** How many of the wanted pods may be missing during a rollout: 25 %, rounded down. */
export function unavailableOf(deployment: DemoDeployment): number {
  return deployment.maxUnavailable ?? Math.floor(deployment.replicas * 0.25);
}
