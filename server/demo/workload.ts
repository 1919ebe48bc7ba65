import type { ContainerSpec } from './kube-types';
import type { Obstacle, Program } from './program';

/** Instants of scenarios are milliseconds after the opening of the cluster; what has happened before is negative. */
type SinceOpening = number;

/** A pod as a scenario describes it; defaults are filled in as the API server fills them in. */
export interface PodPlan {
  readonly containers: readonly ContainerSpec[];
  readonly initContainers?: readonly ContainerSpec[];
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  readonly graceSeconds?: number;
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly serviceAccount?: string;
  /** Further fields of the pod spec: nodeSelector, tolerations, imagePullSecrets, … */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** What each container does, by name. */
  readonly programs: Readonly<Record<string, Program>>;
  readonly mount?: Obstacle;
  /** Text of `FailedScheduling` while no node fits. */
  readonly unschedulable?: Obstacle;
}

export interface Revision extends PodPlan {
  readonly at: SinceOpening;
  readonly revision: number;
  readonly changeCause?: string;
}

interface WorkloadBase {
  readonly namespace: string;
  readonly name: string;
  /** Nodes in the order in which pods are placed; all workers in turn unless said. */
  readonly placement?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

export interface DemoDeployment extends WorkloadBase {
  readonly kind: 'Deployment';
  readonly replicas: number;
  /** 25 % unless said, rounded as the controller rounds. */
  readonly maxSurge?: number;
  readonly maxUnavailable?: number;
  readonly revisions: readonly Revision[];
}

export interface DemoStatefulSet extends WorkloadBase {
  readonly kind: 'StatefulSet';
  readonly replicas: number;
  readonly revision: Revision;
  readonly claims?: readonly {
    readonly name: string;
    readonly size: string;
    readonly storageClass: string;
    readonly isBound: boolean;
  }[];
}

export interface DemoDaemonSet extends WorkloadBase {
  readonly kind: 'DaemonSet';
  readonly revision: Revision;
}

interface DemoJob extends WorkloadBase {
  readonly kind: 'Job';
  readonly at: SinceOpening;
  readonly backoffLimit: number;
  readonly plan: PodPlan;
}

export interface DemoCronJob extends WorkloadBase {
  readonly kind: 'CronJob';
  /** Cron text; of a daily one it is made from `firstAt` where absent. */
  readonly schedule?: string;
  readonly everyMs: number;
  /** Moved on to the next full `everyMs` where that is an hour or less, else to the full minute. */
  readonly firstAt: SinceOpening;
  readonly backoffLimit: number;
  readonly plan: PodPlan;
}

interface DemoBarePod extends WorkloadBase {
  readonly kind: 'Pod';
  readonly at: SinceOpening;
  readonly plan: PodPlan;
}

export type DemoWorkload = DemoDeployment | DemoStatefulSet | DemoDaemonSet | DemoJob | DemoCronJob | DemoBarePod;

/** A ConfigMap with its contents over time, oldest first. */
export interface DemoConfigMap {
  readonly namespace: string;
  readonly name: string;
  readonly versions: readonly { readonly at: SinceOpening; readonly data: Readonly<Record<string, string>> }[];
}

export interface DemoService {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly targetPort?: number | string;
  /** Given out in turn unless said. */
  readonly clusterIP?: string;
  /** Value of the label `app.kubernetes.io/name` that it selects. */
  readonly app: string;
}

/** A story of the demo cluster: some workloads and what belongs to them. */
export interface Scenario {
  readonly workloads: readonly DemoWorkload[];
  readonly configMaps?: readonly DemoConfigMap[];
  readonly services?: readonly DemoService[];
}
