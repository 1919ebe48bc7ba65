import type { Clock } from '@/server/demo/clock';
import type { EventRecorder } from '@/server/demo/events';
import type { Pod } from '@/server/demo/kube-types';
import type { ObjectStore } from '@/server/demo/object-store';
import type { DemoNode, Obstacle, Program } from '@/server/demo/program';
import type { Random } from '@/server/demo/random';
import type { PullBackOff, RestartBackOff } from './back-off';

/** What the kubelet of a node shares with the workers of its pods. */
export interface NodeServices {
  readonly node: DemoNode;
  readonly clock: Clock;
  readonly store: ObjectStore;
  readonly events: EventRecorder;
  readonly restarts: RestartBackOff;
  readonly pulls: PullBackOff;
  /** Images that the node holds. */
  readonly images: Set<string>;
}

/** A pod that was given to a node, with what its containers will do there. */
export interface PodAssignment {
  readonly pod: Pod;
  readonly podIp: string;
  readonly programs: Readonly<Record<string, Program>>;
  /** Text of `FailedMount` while a volume cannot be set up. */
  readonly mount: Obstacle;
  readonly random: Random;
}
