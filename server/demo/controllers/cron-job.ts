import type { Cluster } from '@/server/demo/cluster';
import { type KubeObject, ownedBy } from '@/server/demo/kube-types';
import { buildTemplate } from '@/server/demo/pod-template';
import type { DemoCronJob } from '@/server/demo/workload';
import { runJob } from './job';

const SUCCESSFUL_KEPT = 3;
const FAILED_KEPT = 1;

/** The CronJob controller for one CronJob with `concurrencyPolicy: Forbid`: a Job at each turn, old ones cleaned away. */
export function runCronJob(cluster: Cluster, cron: DemoCronJob): void {
  const { clock, store } = cluster;
  const { namespace, name } = cron;
  const labels = { 'app.kubernetes.io/name': name, ...cron.labels };
  const grid = cron.everyMs <= 3_600_000 ? cron.everyMs : 60_000;
  const firstAt = Math.ceil((clock.openedAt + cron.firstAt) / grid) * grid;
  const first = new Date(firstAt);
  let object = store.put<KubeObject>('cronjobs', {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: {
      name,
      namespace,
      uid: cluster.random(`cronjob/${namespace}/${name}`).uuid(),
      generation: 1,
      creationTimestamp: clock.stamp(clock.now),
      labels,
    },
    spec: {
      schedule: cron.schedule ?? `${first.getUTCMinutes()} ${first.getUTCHours()} * * *`,
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      suspend: false,
      successfulJobsHistoryLimit: SUCCESSFUL_KEPT,
      failedJobsHistoryLimit: FAILED_KEPT,
      jobTemplate: {
        metadata: {},
        spec: { backoffLimit: cron.backoffLimit, template: buildTemplate(cron.plan, labels) },
      },
    },
    status: {},
  });
  let active: string | null = null;
  const done: { readonly isComplete: boolean; readonly remove: () => void }[] = [];

  const clean = (isComplete: boolean, kept: number): void => {
    const same = done.filter((one) => one.isComplete === isComplete);
    for (const old of same.slice(0, Math.max(0, same.length - kept))) {
      old.remove();
      done.splice(done.indexOf(old), 1);
    }
  };
  const turn = (at: number): void => {
    clock.at(at + cron.everyMs, () => turn(at + cron.everyMs));
    if (active !== null) {
      const text = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      cluster.event('cronjob-controller', object, 'Normal', 'JobAlreadyActive', text);
      return;
    }
    // The controller names a Job after its scheduled minute (`getJobName` of `pkg/controller/cronjob`).
    const jobName = `${name}-${Math.floor(clock.wall(at) / 60_000)}`;
    active = jobName;
    const remove = runJob(cluster, {
      namespace,
      name: jobName,
      labels,
      backoffLimit: cron.backoffLimit,
      plan: cron.plan,
      owner: object,
      placement: cron.placement ?? [],
      ended: (isComplete) => {
        active = null;
        done.push({ isComplete, remove });
        cluster.event('cronjob-controller', object, 'Normal', 'SawCompletedJob', `Saw completed job: ${jobName}`);
        clean(true, SUCCESSFUL_KEPT);
        clean(false, FAILED_KEPT);
        write(at, null);
      },
    });
    cluster.event('cronjob-controller', object, 'Normal', 'SuccessfulCreate', `Created job ${jobName}`);
    write(at, jobName);
  };
  const write = (at: number, jobName: string | null): void => {
    const job = jobName === null ? undefined : store.get('jobs', namespace, jobName);
    object = store.put('cronjobs', {
      ...object,
      status: {
        ...(job
          ? { active: [{ apiVersion: 'batch/v1', kind: 'Job', namespace, name: jobName, uid: ownedUid(job) }] }
          : {}),
        lastScheduleTime: clock.stamp(at),
      },
    });
  };
  clock.at(firstAt, () => turn(firstAt));
}

function ownedUid(job: KubeObject): string {
  return ownedBy(job)[0]?.uid ?? '';
}
