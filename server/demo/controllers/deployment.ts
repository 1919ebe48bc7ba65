import type { Cancel } from '@/server/demo/clock';
import type { Cluster } from '@/server/demo/cluster';
import type { Condition, KubeObject } from '@/server/demo/kube-types';
import { buildTemplate } from '@/server/demo/pod-template';
import type { DemoDeployment, Revision } from '@/server/demo/workload';
import { ReplicaSet, surgeOf, unavailableOf } from './replica-set';

const PROGRESS_DEADLINE_MS = 600_000;

/**
 * The Deployment controller for one Deployment: a ReplicaSet for each revision, and rolling updates that wait for the new
 * pods (`pkg/controller/deployment/rolling.go`). A revision that never becomes ready stops half way, the old one serving.
 */
export class DeploymentController {
  readonly #cluster: Cluster;
  readonly #deployment: DemoDeployment;
  #object: KubeObject;
  readonly #old: ReplicaSet[] = [];
  #current: ReplicaSet | null = null;
  #progressAt = 0;
  #progressMark = '';
  #deadline: Cancel = () => {};

  /** Creates the Deployment now, at its first revision, and plans the later ones. */
  constructor(cluster: Cluster, deployment: DemoDeployment) {
    this.#cluster = cluster;
    this.#deployment = deployment;
    const [first] = deployment.revisions;
    if (!first) throw new Error(`demo deployment ${deployment.name} has no revision`);
    this.#object = cluster.store.put('deployments', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: deployment.name,
        namespace: deployment.namespace,
        uid: cluster.random(`deployment/${deployment.namespace}/${deployment.name}`).uuid(),
        generation: 0,
        creationTimestamp: cluster.clock.stamp(cluster.clock.now),
        labels: { 'app.kubernetes.io/name': deployment.name, ...deployment.labels },
        annotations: {},
      },
      status: {},
    });
    for (const revision of deployment.revisions) {
      cluster.clock.at(cluster.clock.openedAt + revision.at, () => this.#rollOut(revision));
    }
  }

  #rollOut(revision: Revision): void {
    const deployment = this.#deployment;
    const { metadata } = this.#object;
    if (this.#current) this.#old.push(this.#current);
    this.#object = this.#cluster.store.put('deployments', {
      ...this.#object,
      metadata: {
        ...metadata,
        generation: (metadata.generation ?? 0) + 1,
        annotations: {
          'deployment.kubernetes.io/revision': String(revision.revision),
          ...(revision.changeCause === undefined ? {} : { 'kubernetes.io/change-cause': revision.changeCause }),
        },
      },
      spec: {
        replicas: deployment.replicas,
        selector: { matchLabels: { 'app.kubernetes.io/name': deployment.name } },
        template: buildTemplate(revision, { 'app.kubernetes.io/name': deployment.name, ...deployment.labels }),
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: {
            maxUnavailable: deployment.maxUnavailable ?? '25%',
            maxSurge: deployment.maxSurge ?? '25%',
          },
        },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: PROGRESS_DEADLINE_MS / 1000,
      },
    });
    this.#current = new ReplicaSet(this.#cluster, { deployment, owner: this.#object, revision });
    this.#progressMark = '';
    this.#cluster.watchPods(this.#current.uid, () => this.#reconcile());
    if (this.#old.every((one) => one.replicas === 0)) this.#scale(this.#current, deployment.replicas);
    this.#reconcile();
  }

  #scale(set: ReplicaSet, replicas: number): void {
    const from = set.replicas;
    if (replicas === from) return;
    const verb = replicas > from ? 'up' : 'down';
    const text = `Scaled ${verb} replica set ${set.name} from ${from} to ${replicas}`;
    this.#cluster.event('deployment-controller', this.#object, 'Normal', 'ScalingReplicaSet', text);
    set.scale(replicas);
  }

  #reconcile(): void {
    const current = this.#current;
    if (!current) return;
    const wanted = this.#deployment.replicas;
    const old = this.#old.filter((one) => one.replicas > 0);
    const sum = (): number => current.replicas + old.reduce((all, one) => all + one.replicas, 0);

    const room = wanted + surgeOf(this.#deployment) - sum();
    if (room > 0 && current.replicas < wanted) {
      this.#scale(current, Math.min(wanted, current.replicas + room));
    }
    const least = wanted - unavailableOf(this.#deployment);
    const newUnready = current.replicas - current.ready();
    let spare = sum() - least - newUnready;
    for (const set of old) {
      const unready = set.replicas - set.ready();
      const free = Math.max(0, current.ready() + old.reduce((all, one) => all + one.ready(), 0) - least);
      const gone = Math.min(set.replicas, Math.max(0, Math.min(spare, unready + free)));
      if (gone === 0) continue;
      spare -= gone;
      this.#scale(set, set.replicas - gone);
    }
    for (const set of [current, ...old]) set.reconcile();
    this.#writeStatus(current);
  }

  #writeStatus(current: ReplicaSet): void {
    const { clock, store } = this.#cluster;
    const wanted = this.#deployment.replicas;
    const total = current.pods().length + this.#old.reduce((all, one) => all + one.pods().length, 0);
    const ready = current.ready() + this.#old.reduce((all, one) => all + one.ready(), 0);
    const mark = `${current.name}/${current.replicas}/${current.ready()}/${total - current.pods().length}`;
    if (mark !== this.#progressMark) {
      this.#progressMark = mark;
      this.#progressAt = clock.now;
      this.#deadline();
      const isDone = current.ready() === wanted && total === wanted;
      if (!isDone) this.#deadline = clock.after(PROGRESS_DEADLINE_MS + 500, () => this.#writeStatus(current));
    }
    const isComplete = current.ready() === wanted && total === wanted;
    const isLate = !isComplete && clock.now - this.#progressAt > PROGRESS_DEADLINE_MS;
    const isAvailable = ready >= wanted - unavailableOf(this.#deployment);
    const quoted = `ReplicaSet "${current.name}"`;
    const status = {
      observedGeneration: this.#object.metadata.generation,
      replicas: total,
      updatedReplicas: current.pods().length,
      ...(ready === 0 ? {} : { readyReplicas: ready, availableReplicas: ready }),
      ...(wanted > ready ? { unavailableReplicas: total - ready } : {}),
      conditions: [
        this.#condition('Available', isAvailable, [
          isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
          isAvailable ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
        ]),
        this.#condition(
          'Progressing',
          !isLate,
          isLate
            ? ['ProgressDeadlineExceeded', `${quoted} has timed out progressing.`]
            : isComplete
              ? ['NewReplicaSetAvailable', `${quoted} has successfully progressed.`]
              : ['ReplicaSetUpdated', `${quoted} is progressing.`],
        ),
      ],
    };
    if (JSON.stringify(status) === JSON.stringify(this.#object.status)) return;
    this.#object = store.put('deployments', { ...this.#object, status });
  }

  #condition(type: string, isTrue: boolean, [reason, message]: readonly [string, string]): Condition {
    const { clock } = this.#cluster;
    const known = (this.#object.status as { conditions?: readonly Condition[] }).conditions ?? [];
    const before = known.find((one) => one.type === type);
    const status = isTrue ? 'True' : 'False';
    const isSame = before?.status === status && before.reason === reason && before.message === message;
    const now = clock.stamp(clock.now);
    return {
      type,
      status,
      lastUpdateTime: isSame ? (before.lastUpdateTime ?? now) : now,
      lastTransitionTime: before?.status === status ? before.lastTransitionTime : now,
      reason,
      message,
    };
  }
}
