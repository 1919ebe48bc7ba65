import { ApiServer } from './api';
import { DEMO_SCENARIOS } from './scenarios/demo-scenarios';
import { createSimulation, type PastWatcher } from './simulation';

export interface DemoClusterOptions {
  /** Port on loopback; a free one unless said. */
  readonly port?: number;
  /** How many times faster than real time things happen after the opening; 1 unless said. Written times stay real ones. */
  readonly speed?: number;
  /** The real time in epoch milliseconds; `Date.now` unless said. */
  readonly now?: () => number;
  /** Equal seeds, at equal times, give equal clusters; taken from the clock unless said. */
  readonly seed?: number;
  /** Told of each pod of the past as it was then, before the cluster opens. */
  readonly onPast?: PastWatcher;
}

/** Node's longest timer. */
const TIMER_MAX_MS = 2_000_000_000;
const TIMER_MIN_MS = 20;
/** After a long sleep of the machine the cluster catches up in parts, so that nothing else waits for it. */
const CATCH_UP_MS = 900_000;

/**
 * Starts a Kubernetes API on loopback whose nodes, kubelets and controllers are simulated, with workloads that fail in every way
 * that Unloop knows, and others that do not. Its past has already happened; from now on it lives in real time. `url` is its
 * address, plain HTTP; `stop` ends watches and closes. Rejects where the port is taken.
 */
export async function startDemoCluster(
  options: DemoClusterOptions = {},
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const now = options.now ?? Date.now;
  const openedAt = now();
  const simulation = createSimulation({
    openedAt,
    seed: options.seed ?? openedAt,
    speed: options.speed ?? 1,
    scenarios: DEMO_SCENARIOS,
    ...(options.onPast ? { onPast: options.onPast } : {}),
  });
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let reachedAt = openedAt;

  const plan = (): void => {
    clearTimeout(timer);
    const next = simulation.nextAt();
    if (isStopped || next === null) return;
    const delayMs = Math.min(Math.max(next - now(), TIMER_MIN_MS), TIMER_MAX_MS);
    timer = setTimeout(catchUp, delayMs).unref();
  };
  const catchUp = (): void => {
    const wall = Math.max(now(), reachedAt);
    reachedAt = Math.min(wall, reachedAt + CATCH_UP_MS);
    simulation.catchUp(reachedAt);
    plan();
  };

  const api = new ApiServer(simulation.cluster, catchUp);
  const url = await api.listen(options.port ?? 0);
  plan();
  return {
    url,
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await api.close();
    },
  };
}
