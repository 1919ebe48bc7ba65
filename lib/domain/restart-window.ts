import type { BackoffWait } from './backoff';
import type { EpochMs } from './time';

/** When a container will be started again, as far as the kubelet's retries allow to say. */
export interface RestartWindow {
  readonly earliestAt: EpochMs;
  readonly latestAt: EpochMs;
}

/** Kubernetes cuts times to whole seconds, so a start may look up to a second early. */
const ROUNDING_MS = 1_000;

/** Up to 1.34 the kubelet asks again each 10 to 15 s; ticks and the runtime's answer add two. */
const GRID_SLACK_MS = 17_000;

/** Where nothing has to be waited for. */
const AT_ONCE_SLACK_MS = 5_000;

/** From 1.35 on the kubelet sleeps 1.0 to 1.5 times what is left, in legs of at most a minute. */
const LONGEST_LEG_MS = 60_000;
const TICKS_MS = 2_000;

/**
 * By how much a start may follow its due time through the kubelet's own retries, in milliseconds, for a kubelet's
 * minor (null: the wider of both) and a nominal wait. `isCollected`: due because the kubelet forgets the back-off while it
 * sleeps. Source: `pod_workers.go` `completeWork` (crash-semantics 1.4).
 */
export function retrySlackMs(kubeletMinor: number | null, nominalMs: number, isCollected: boolean): number {
  const sleeps = isCollected ? 1.5 * LONGEST_LEG_MS + TICKS_MS : 0.5 * Math.min(nominalMs, LONGEST_LEG_MS) + TICKS_MS;
  const grid = nominalMs === 0 ? AT_ONCE_SLACK_MS : GRID_SLACK_MS;
  if (kubeletMinor === null) return Math.max(sleeps, grid);
  return kubeletMinor >= 35 ? sleeps : grid;
}

/** The window of a start that is due at an instant, after an ordinary wait of so many milliseconds. */
export function windowFrom(dueAt: EpochMs, kubeletMinor: number | null, nominalMs: number): RestartWindow {
  return around(dueAt, retrySlackMs(kubeletMinor, nominalMs, false));
}

/** The window in which the container that waits is started again. */
export function restartWindow(wait: BackoffWait, kubeletMinor: number | null): RestartWindow {
  if (wait.kind !== 'collected') return windowFrom(wait.dueAt, kubeletMinor, wait.nominalMs);
  const byDelayAt = wait.endedAt + wait.nominalMs + retrySlackMs(kubeletMinor, wait.nominalMs, false);
  return around(wait.dueAt, Math.min(retrySlackMs(kubeletMinor, wait.nominalMs, true), byDelayAt - wait.dueAt));
}

function around(dueAt: EpochMs, slackMs: number): RestartWindow {
  return {
    earliestAt: dueAt - ROUNDING_MS,
    latestAt: dueAt + slackMs,
  };
}
