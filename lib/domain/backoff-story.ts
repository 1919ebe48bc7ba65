import { type BackoffRun, type BackoffWait, replayBackoff } from './backoff';
import type { BackoffParams } from './backoff-curve';

/** One wait of a container that always lives equally long. Milliseconds; `startsAt` counts from its very first start. */
export interface StoryWait {
  /** The restart that ends the wait: 1 for the first. */
  readonly restart: number;
  readonly kind: BackoffWait['kind'];
  /** The kubelet's delay, and how long it really waits: less where it forgets the back-off meanwhile. */
  readonly nominalMs: number;
  readonly waitMs: number;
  readonly startsAt: number;
  /** The curve is fresh after this wait. */
  readonly resets: boolean;
}

/** Any instant: only differences are told. */
const BEGIN = 1_000_000_000_000;

/**
 * Tells what a kubelet does to a container whose every run lives `livedMs`: its first `restarts` waits. Played through the same
 * model as recorded runs, retries of the kubelet left aside (crash-semantics 1.2, 1.3).
 */
export function backoffStory(params: BackoffParams, livedMs: number, restarts: number): readonly StoryWait[] {
  const runs: BackoffRun[] = [];
  const story: StoryWait[] = [];
  let startedAt = BEGIN;
  for (let restart = 1; restart <= restarts; restart += 1) {
    const finishedAt = startedAt + livedMs;
    runs.push({
      id: String(restart),
      containerId: String(restart),
      restartIndex: restart - 1,
      startedAt,
      finishedAt,
      exitCode: 1,
      reason: 'Error',
      image: 'app',
      missedBefore: 0,
      killedByKubelet: false,
    });
    const wait = replayBackoff(runs, { params, kubeletMinor: null }).waits.at(-1);
    if (!wait) break;
    // What the kubelet forgets it forgets after that instant, not at it.
    startedAt = Math.max(finishedAt, wait.dueAt) + (wait.kind === 'collected' ? 1 : 0);
    story.push({
      restart,
      kind: wait.kind,
      nominalMs: wait.nominalMs,
      waitMs: Math.max(finishedAt, wait.dueAt) - finishedAt,
      startsAt: startedAt - BEGIN,
      resets: wait.resets,
    });
  }
  return story;
}
