import type { LogScript } from './logs/log-script';
import type { Random } from './random';

/** A machine of the cluster. `minor` is the kubelet's: 34 and 36 differ in retries and in events (crash-semantics 1.4, 2.3). */
export interface DemoNode {
  readonly name: string;
  readonly kubeletVersion: string;
  readonly minor: number;
  readonly architecture: 'amd64' | 'arm64';
  readonly address: string;
  readonly memory: string;
  readonly cpu: string;
  readonly tainted: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a program finds when it is about to start. */
export interface RunContext {
  /** Runs of this container in this pod before this one. */
  readonly attempt: number;
  /** Milliseconds since the cluster opened, negative in the history before it. */
  readonly sinceOpening: number;
  readonly random: Random;
  readonly pod: { readonly name: string; readonly namespace: string; readonly uid: string; readonly ip: string };
  readonly node: DemoNode;
}

/** Answers of the container to one kind of probe, from `fromMs` to `untilMs` (or its end) of the run. */
interface ProbeFailure {
  readonly probe: 'liveness' | 'readiness' | 'startup';
  readonly fromMs: number;
  readonly untilMs?: number;
  /** What follows `Liveness probe failed: `. */
  readonly message: string;
}

/** What happens when the kubelet tries to start a container. */
export type Attempt =
  | { readonly kind: 'pull-error'; readonly error: string }
  | { readonly kind: 'config-error'; readonly message: string }
  | { readonly kind: 'start-error'; readonly message: string }
  | {
      readonly kind: 'run';
      /** How long it runs by itself; null: until somebody stops it. */
      readonly livesMs: number | null;
      /** Code and, where it is not `Completed` or `Error`, the runtime's reason. */
      readonly exit?: { readonly code: number; readonly reason?: string; readonly message?: string };
      readonly log: LogScript;
      /** From when on it answers probes, 0 unless said. */
      readonly readyAfterMs?: number;
      /** What its probes say before that. */
      readonly unreadyMessage?: string;
      readonly probeFailures?: readonly ProbeFailure[];
      /** Its answer to SIGTERM; 143 after 0.4 s unless said. Longer than the grace period: SIGKILL, 137. */
      readonly onTerm?: { readonly afterMs: number; readonly code: number };
    };

/** The run of a container, decided when it is started. */
export type Program = (context: RunContext) => Attempt;

/** What stands between a pod and its volumes or its node at an instant, or null where nothing does. */
export type Obstacle = (sinceOpening: number) => string | null;
