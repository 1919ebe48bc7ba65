import { UnloopError } from '@/lib/domain/unloop-error';
import { ForeignAnswer } from './foreign-answer';
import { isExpired, isRefused, KubeError } from './kube-error';

const UNREACHABLE_MS_MAX = 3_000;
const BACKOFF_MS_MAX = 30_000;
const REFUSED_MS = 30_000;

/** Kinds of a failed list or watch; `foreign`: what came was not what was asked for, or nothing came at all. */
export type Failure = 'expired' | 'refused' | 'unreachable' | 'misconfigured' | 'foreign' | 'failed';

/** The kind of what a list or watch threw. */
export function failureOf(error: unknown): Failure {
  if (isExpired(error)) return 'expired';
  if (isRefused(error)) return 'refused';
  if (error instanceof ForeignAnswer) return 'foreign';
  if (error instanceof UnloopError) return error.code === 'misconfigured' ? 'misconfigured' : 'unreachable';
  return 'failed';
}

/**
 * Milliseconds before the next try: doubling with each of `repeats` (1 for the first failure), full jitter. Lost connections are
 * tried again quickly, so that the page is right soon after the server's return. A server that just came back refuses for some
 * seconds while its RBAC rules load: what worked before is asked again soon.
 */
export function delayMs(failure: Failure, repeats: number, everSynced: boolean, error: unknown): number {
  const drawn = (base: number, max: number) => Math.random() * Math.min(max, base * 2 ** Math.min(repeats - 1, 20));
  switch (failure) {
    case 'expired':
      return repeats === 1 ? Math.random() * 200 : drawn(500, BACKOFF_MS_MAX);
    case 'unreachable':
      return drawn(250, UNREACHABLE_MS_MAX);
    case 'refused':
      return everSynced ? drawn(1_000, REFUSED_MS) : REFUSED_MS;
    case 'misconfigured':
      return drawn(5_000, BACKOFF_MS_MAX);
    case 'foreign':
    case 'failed': {
      const asked = error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0;
      return Math.max(Math.min(asked, BACKOFF_MS_MAX), drawn(1_000, BACKOFF_MS_MAX));
    }
  }
}
