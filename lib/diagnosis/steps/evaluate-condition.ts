import { changesBeforeEnd, type LoopChange } from '@/lib/domain/loop-changes';
import { LOOP_THRESHOLDS } from '@/lib/domain/loop-standing';
import type { ContainerSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';
import { parseQuantity } from '@/lib/domain/quantity';
import type { EpochMs } from '@/lib/domain/time';
import type { DoneCondition, SingleCondition } from './condition';

/** What Unloop sees of a loop at one instant. A part that is absent was not observed: conditions over it stay unknown. */
export interface Observed {
  readonly now: EpochMs;
  /** Since when it fails: only a change after it can be the fix. */
  readonly since: EpochMs;
  /** The diagnosed container. */
  readonly container: string;
  /** Pods of the workload that exist. */
  readonly pods: readonly PodSnapshot[];
  /** Recorded changes, any order. */
  readonly changes: readonly LoopChange[];
  readonly references?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly exists: boolean | null;
    readonly keys: readonly string[] | null;
  }[];
  readonly services?: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly readyEndpoints: number | null;
  }[];
  readonly nodes?: readonly {
    readonly name: string;
    readonly conditions: readonly { readonly type: string; readonly status: string }[];
  }[];
  /** Limits of the newest pod's container, by resource, as written in its spec. */
  readonly limits?: Readonly<Record<string, string>>;
}

/** `at` is when it came true, `by` the recorded change that came before; each null where not known. */
export type DoneState =
  | { readonly state: 'open' }
  | { readonly state: 'done'; readonly at: EpochMs | null; readonly by: string | null }
  | { readonly state: 'unknown' };

const OPEN: DoneState = { state: 'open' };
const UNKNOWN: DoneState = { state: 'unknown' };
/** How long a pod that never restarted must be ready: as long as a start that had failed takes to count as recovered. */
const STARTED_WELL_MS = LOOP_THRESHOLDS.recoverAfterFaultMs;
/** Tells whether a condition holds by what is observed. Pure. */
export function evaluateCondition(condition: DoneCondition, observed: Observed): DoneState {
  if (condition.kind !== 'all') return evaluateSingle(condition, observed);
  const states = condition.of.map((one) => evaluateSingle(one, observed));
  if (states.some((one) => one.state === 'open')) return OPEN;
  const done = states.flatMap((one) => (one.state === 'done' ? [one] : []));
  if (done.length < states.length) return UNKNOWN;
  const latest = done.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0)).at(-1);
  return latest ?? UNKNOWN;
}

function evaluateSingle(condition: SingleCondition, observed: Observed): DoneState {
  switch (condition.kind) {
    case 'run-outlives':
      return overPods(observed, (_pod, { state }) =>
        state.kind === 'running' && state.startedAt !== null && observed.now - state.startedAt > condition.ms
          ? { at: state.startedAt + condition.ms, cause: state.startedAt }
          : null,
      );
    case 'container-starts':
    case 'image-pulled':
      return overPods(observed, (_pod, container) => startOf(container, condition.kind === 'image-pulled'));
    case 'container-ready':
      return overPods(observed, (pod, container) => readyFor(pod, container, condition.ms, observed.now));
    case 'starts-without-restart':
      return overPods(observed, (pod, container) => {
        const found = container.restartCount === 0 ? readyFor(pod, container, STARTED_WELL_MS, observed.now) : null;
        return (pod.createdAt ?? 0) > observed.since ? found : null;
      });
    case 'init-ends':
      return overPods({ ...observed, container: condition.container }, (_pod, { state }) =>
        state.kind === 'terminated' && state.exitCode === 0 ? { at: state.finishedAt, cause: state.startedAt } : null,
      );
    case 'pod-completes':
      return overPods(observed, (pod, { state }) =>
        pod.phase === 'Succeeded' ? { at: state.kind === 'terminated' ? state.finishedAt : null, cause: null } : null,
      );
    case 'pod-scheduled':
      return overPods(observed, (pod) => {
        if (pod.nodeName === '' || pod.nodeName === condition.notOn) return null;
        const at = pod.conditions.find((one) => one.type === 'PodScheduled' && one.status === 'True')?.at ?? null;
        return { at, cause: at };
      });
    case 'no-pods':
      return observed.pods.length === 0 ? { state: 'done', at: null, by: null } : OPEN;
    case 'object-exists': {
      const found = observed.references?.find((one) => one.kind === condition.object && one.name === condition.name);
      if (!found || found.exists === null) return UNKNOWN;
      if (!found.exists || condition.key === null) return plain(found.exists);
      return found.keys === null ? UNKNOWN : plain(found.keys.includes(condition.key));
    }
    case 'endpoints-ready': {
      const found = observed.services?.find(
        ({ name, namespace }) => name === condition.service && namespace === condition.namespace,
      );
      return found && found.readyEndpoints !== null ? plain(found.readyEndpoints > 0) : UNKNOWN;
    }
    case 'limit-at-least': {
      if (!observed.limits) return UNKNOWN;
      const written = observed.limits[condition.resource];
      // Without a limit the container may use what the node has.
      if (written === undefined) return plain(true);
      const [has, wants] = [parseQuantity(written), parseQuantity(condition.quantity)];
      return has === null || wants === null ? UNKNOWN : plain(has >= wants);
    }
    case 'node-condition': {
      const node = observed.nodes?.find((one) => one.name === condition.node);
      const found = node?.conditions.find((one) => one.type === condition.condition);
      return found ? plain(found.status === condition.status) : UNKNOWN;
    }
    case 'seen-by-person':
      return UNKNOWN;
  }
}

function plain(holds: boolean): DoneState {
  return holds ? { state: 'done', at: null, by: null } : OPEN;
}

/** When something came true in a pod, and the start before which the change that did it must have been made. */
interface Found {
  readonly at: EpochMs | null;
  readonly cause: EpochMs | null;
}

/** Done where it holds of every pod that is not being deleted: a fix is one on all replicas. The newest tells when. */
function overPods(
  observed: Observed,
  holds: (pod: PodSnapshot, container: ContainerSnapshot) => Found | null,
): DoneState {
  const pods = observed.pods.filter((pod) => pod.deletedAt === null);
  if (pods.length === 0) return UNKNOWN;
  const found = pods.map((pod) => {
    const container = [...pod.app, ...pod.init].find((one) => one.name === observed.container);
    return container ? holds(pod, container) : null;
  });
  const known = found.flatMap((one) => (one === null ? [] : [one]));
  if (known.length < pods.length) return OPEN;
  const last = known.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0)).at(-1);
  const starts = known.flatMap(({ cause }) => (cause === null ? [] : [cause]));
  return {
    state: 'done',
    at: last?.at ?? null,
    by: starts.length === 0 ? null : changeBefore(observed, Math.max(...starts)),
  };
}

/** What was changed since it fails and before a run that holds began, as the history of ends tells it. */
function changeBefore({ changes, since }: Observed, heldSince: EpochMs): string | null {
  const texts = new Set(changesBeforeEnd(changes, since, heldSince).map(({ text }) => text));
  return texts.size === 0 ? null : [...texts].join('; ');
}

/** A start that a waiting container cannot tell of any more is told by the run before, while nothing but the back-off holds it. */
function startOf({ state, lastTermination }: ContainerSnapshot, isPullEnough: boolean): Found | null {
  if (state.kind === 'running') return { at: state.startedAt, cause: state.startedAt };
  if (state.kind === 'waiting' && state.reason !== 'CrashLoopBackOff') return null;
  const ended = state.kind === 'terminated' ? state : lastTermination;
  if (ended === null) return null;
  if (isStartError(ended.reason)) return isPullEnough ? { at: null, cause: null } : null;
  return { at: ended.startedAt, cause: ended.startedAt };
}

function isStartError(reason: string): boolean {
  return reason === 'StartError' || reason === 'ContainerCannotRun';
}

function readyFor(pod: PodSnapshot, container: ContainerSnapshot, ms: number, now: EpochMs): Found | null {
  if (!container.ready || container.state.kind !== 'running') return null;
  const ready = pod.conditions.find((one) => one.type === 'Ready' && one.status === 'True');
  const since = Math.max(ready?.at ?? 0, container.state.startedAt ?? 0);
  return since > 0 && now - since > ms ? { at: since + ms, cause: container.state.startedAt } : null;
}
