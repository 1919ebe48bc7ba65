import { DEFAULT_BACKOFF, nominalWaitMs } from './backoff-curve';
import { type RestartWindow, windowFrom } from './restart-window';
import type { EpochMs } from './time';

/** An image that cannot be pulled: how often the pull failed so far, and when last, as its events tell. */
export interface FailedPulls {
  readonly count: number;
  readonly lastAt: EpochMs;
}

/**
 * When the kubelet tries the pull again. This back-off is another one than that of restarts: kept per pod and image,
 * counted from the last failed pull, 10 s doubling to 300 s from the first failure on, and asked for each 10 to 15 s on every
 * version. Source: `pkg/kubelet/images/image_manager.go` (crash-semantics 1.9).
 */
export function nextImagePull({ count, lastAt }: FailedPulls): RestartWindow & { readonly nominalMs: number } {
  const nominalMs = nominalWaitMs(count + 1, DEFAULT_BACKOFF);
  return { nominalMs, ...windowFrom(lastAt + nominalMs, 34, nominalMs) };
}
