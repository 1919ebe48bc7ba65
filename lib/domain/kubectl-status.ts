import type { ContainerSnapshot, PodSnapshot } from './pod-snapshot';
import type { EpochMs } from './time';

/** What the columns STATUS, RESTARTS and READY of `kubectl get pods` are made of. */
export interface KubectlStatus {
  /** STATUS, to the letter. */
  readonly status: string;
  readonly restarts: number;
  /** Finish of the newest *termination* that RESTARTS counts, not the start of a restart; null where there was none. */
  readonly lastRestartAt: EpochMs | null;
  /** READY is `ready/total`; sidecars count in both. */
  readonly ready: number;
  readonly total: number;
}

/** Minor of the API server whose wording is used where the server's own is unknown. */
const NEWEST_WORDING = 36;

/**
 * Computes what `kubectl get pods` prints for a pod. The columns are made by the API server, so the wording depends on its
 * minor (`serverMinor`, 34 for v1.34): until 30 a deleted pod is always `Terminating`; until 34 a pod whose first container
 * completed prints `Completed` even where a later one failed.
 *
 * Source: `pkg/printers/internalversion/printers.go` `printPod`, v1.34.4, v1.35.0 and v1.36.3 (crash-semantics 5).
 */
export function kubectlStatus(pod: PodSnapshot, serverMinor: number = NEWEST_WORDING): KubectlStatus {
  const total = pod.appCount + pod.sidecarCount;
  let status = pod.reason || pod.phase;
  if (pod.conditions.some((c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated'))
    status = 'SchedulingGated';

  let ready = 0;
  let initializing = false;
  let counted = { restarts: 0, lastRestartAt: null as EpochMs | null };
  let sidecars = counted;
  for (const [index, container] of pod.init.entries()) {
    counted = add(counted, container);
    if (container.type === 'sidecar') sidecars = add(sidecars, container);
    const { state } = container;
    if (state.kind === 'terminated' && state.exitCode === 0) continue;
    if (container.type === 'sidecar' && container.started === true) {
      if (container.ready) ready += 1;
      continue;
    }
    status = `Init:${initReason(container) ?? `${index}/${pod.initCount}`}`;
    initializing = true;
    break;
  }

  if (!initializing || firstStatus(pod, 'Initialized') === 'True') {
    counted = sidecars;
    let hasRunning = false;
    let failure = '';
    for (const container of pod.app.toReversed()) {
      counted = add(counted, container);
      const { state } = container;
      if (state.kind === 'waiting' && state.reason !== '') status = state.reason;
      else if (state.kind === 'terminated') {
        status = terminatedReason(state);
        if (state.exitCode !== 0) failure = status;
      } else if (state.kind === 'running' && container.ready) {
        hasRunning = true;
        ready += 1;
      }
    }
    if (status === 'Completed') status = afterCompletion(pod, hasRunning, serverMinor >= 35 ? failure : '');
  }

  if (pod.deletedAt !== null) {
    const ended = pod.phase === 'Succeeded' || pod.phase === 'Failed';
    if (pod.reason === 'NodeLost') status = 'Unknown';
    else if (!ended || serverMinor < 31) status = 'Terminating';
  }
  return { status, ...counted, ready, total };
}

interface Counted {
  readonly restarts: number;
  readonly lastRestartAt: EpochMs | null;
}

function add(counted: Counted, container: ContainerSnapshot): Counted {
  const at = container.lastTermination?.finishedAt ?? null;
  const last = counted.lastRestartAt;
  return {
    restarts: counted.restarts + container.restartCount,
    lastRestartAt: at !== null && (last === null || at > last) ? at : last,
  };
}

function initReason({ state }: ContainerSnapshot): string | null {
  if (state.kind === 'terminated') return terminatedReason(state);
  if (state.kind === 'waiting' && state.reason !== '' && state.reason !== 'PodInitializing') return state.reason;
  return null;
}

function terminatedReason(state: { reason: string; signal: number; exitCode: number }): string {
  if (state.reason !== '') return state.reason;
  return state.signal !== 0 ? `Signal:${state.signal}` : `ExitCode:${state.exitCode}`;
}

function afterCompletion(pod: PodSnapshot, hasRunning: boolean, failure: string): string {
  if (hasRunning && pod.conditions.some((c) => c.type === 'Ready' && c.status === 'True')) return 'Running';
  if (failure !== '') return failure;
  return hasRunning ? 'NotReady' : 'Completed';
}

function firstStatus(pod: PodSnapshot, type: string): string | undefined {
  return pod.conditions.find((condition) => condition.type === type)?.status;
}
