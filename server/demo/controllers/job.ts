import type { Cluster } from '@/server/demo/cluster';
import { type KubeObject, ownedBy, type Pod } from '@/server/demo/kube-types';
import { buildTemplate } from '@/server/demo/pod-template';
import type { PodPlan } from '@/server/demo/workload';

/** Waits between new pods of a failing Job (crash-semantics 1.12): 10 s, doubling, at most 10 min. */
const RETRY_MS = 10_000;
const RETRY_MAX_MS = 600_000;

export interface JobRequest {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly backoffLimit: number;
  readonly plan: PodPlan;
  readonly owner: KubeObject | null;
  readonly placement: readonly string[];
  /** Called once, with how it ended. */
  readonly ended: (isComplete: boolean) => void;
}

function restartsOf(pod: Pod): number {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status;
  return [...initContainerStatuses, ...containerStatuses].reduce((all, one) => all + one.restartCount, 0);
}

/** Creates a Job and works on it until it is complete or failed. Gives a function that deletes it with its pods. */
export function runJob(cluster: Cluster, request: JobRequest): () => void {
  const { clock, store } = cluster;
  const { namespace, name, plan, backoffLimit } = request;
  const random = cluster.random(`job/${namespace}/${name}`);
  const uid = random.uuid();
  const labels = {
    ...request.labels,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  const template = buildTemplate(plan, labels);
  const startTime = clock.stamp(clock.now);
  let failed = 0;
  let isOver = false;
  let retryPlanned = false;
  let object = store.put<KubeObject>('jobs', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace,
      uid,
      generation: 1,
      creationTimestamp: startTime,
      labels,
      ...(request.owner ? { ownerReferences: ownedBy(request.owner) } : {}),
    },
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
      template,
      completionMode: 'NonIndexed',
      suspend: false,
    },
    status: { startTime },
  });

  const createPod = (): void => {
    retryPlanned = false;
    const pod = cluster.createPod({
      namespace,
      name: `${name}-`,
      isPrefix: true,
      owner: object,
      template,
      plan,
      nodeName: request.placement[failed % request.placement.length] ?? cluster.nextNode(),
    });
    cluster.event('job-controller', object, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
  };
  const write = (status: Record<string, unknown>): void => {
    const next = { startTime, ...status };
    if (JSON.stringify(next) === JSON.stringify(object.status)) return;
    object = store.put('jobs', { ...object, status: next });
  };
  const end = (isComplete: boolean): void => {
    isOver = true;
    const now = clock.stamp(clock.now);
    const conditionOf = (type: string, reason: string, message: string): unknown => ({
      type,
      status: 'True',
      lastProbeTime: now,
      lastTransitionTime: now,
      reason,
      message,
    });
    if (isComplete) {
      const message = 'Reached expected number of succeeded pods';
      cluster.event('job-controller', object, 'Normal', 'Completed', 'Job completed');
      write({
        completionTime: now,
        succeeded: 1,
        ...(failed > 0 ? { failed } : {}),
        conditions: [
          conditionOf('SuccessCriteriaMet', 'CompletionsReached', message),
          conditionOf('Complete', 'CompletionsReached', message),
        ],
      });
    } else {
      const message = 'Job has reached the specified backoff limit';
      for (const pod of cluster.podsOf(object)) {
        if (pod.status.phase !== 'Running' && pod.status.phase !== 'Pending') continue;
        failed += 1;
        cluster.deletePod(pod);
        cluster.event('job-controller', object, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
      }
      cluster.event('job-controller', object, 'Warning', 'BackoffLimitExceeded', message);
      write({
        failed,
        conditions: [
          conditionOf('FailureTarget', 'BackoffLimitExceeded', message),
          conditionOf('Failed', 'BackoffLimitExceeded', message),
        ],
      });
    }
    request.ended(isComplete);
  };
  const reconcile = (): void => {
    if (isOver) return;
    const pods = cluster.podsOf(object);
    if (pods.some((pod) => pod.status.phase === 'Succeeded')) {
      end(true);
      return;
    }
    const alive = pods.filter((pod) => pod.status.phase === 'Running' || pod.status.phase === 'Pending');
    failed = pods.length - alive.length;
    const restarts = alive.reduce((all, pod) => all + restartsOf(pod), 0);
    const isLimitReached = plan.restartPolicy === 'OnFailure' ? restarts >= backoffLimit : failed > backoffLimit;
    if (isLimitReached) {
      end(false);
      return;
    }
    write({ ...(alive.length > 0 ? { active: alive.length } : {}), ...(failed > 0 ? { failed } : {}) });
    if (alive.length > 0 || retryPlanned) return;
    retryPlanned = true;
    clock.after(Math.min(RETRY_MS * 2 ** (failed - 1), RETRY_MAX_MS), () => {
      if (!isOver) createPod();
    });
  };

  cluster.watchPods(uid, reconcile);
  createPod();
  return () => {
    isOver = true;
    cluster.unwatchPods(uid);
    for (const pod of cluster.podsOf(object)) cluster.deletePod(pod);
    store.remove('jobs', namespace, name);
  };
}
