import { setTimeout as after } from 'node:timers/promises';
import { type Loop, LoopsPageSchema } from '@/lib/contract/loop';
import { type Kube, podTable, type TableRow } from './kube';
import type { Scenario } from './scenarios';
import { isShownFailing, namespacesWithoutStart } from './shown-failing';
import type { Unloop } from './unloop-process';

const LOOK_EVERY_MS = 300;
const BOARD_ALONE = 10;

/** When a scenario was first seen to fail, in milliseconds since the epoch; null: not yet. */
export interface Sighting {
  /** By `kubectl get pods`. */
  kubectlAt: number | null;
  /** By a Warning event that says why no container can be made. */
  eventAt: number | null;
  /** By Unloop's board. */
  boardAt: number | null;
}

/** Whether a row of the board is the container of which a scenario tells. */
export function isOf(loop: Loop, scenario: Scenario): boolean {
  const { workload, container } = scenario.truth;
  return (
    loop.workload.kind === workload.kind &&
    loop.workload.namespace === workload.namespace &&
    loop.workload.name === workload.name &&
    loop.container === container
  );
}

/** Compares kubectl's view of the scenarios with the board's, again and again. */
export interface Lookout {
  /** What was seen of a scenario so far; it goes on changing. */
  of(scenario: Scenario): Sighting;
  /** Rows of the board for namespaces of healthy scenarios, at any look. */
  readonly falseAlarms: ReadonlySet<string>;
  /** Ends the looks; rejects with what made one fail. */
  stop(): Promise<void>;
}

/** Starts to look at kubectl and at the board, in this order, so that the board is never asked too early. */
export function startLookout(kube: Kube, unloop: Unloop, scenarios: readonly Scenario[]): Lookout {
  const seen = new Map<string, Sighting>(
    scenarios.map(({ id }) => [id, { kubectlAt: null, eventAt: null, boardAt: null }]),
  );
  const of = ({ id }: Scenario): Sighting => {
    const found = seen.get(id);
    if (!found) throw new Error(`no scenario ${id}`);
    return found;
  };
  const failing = scenarios.filter(({ truth }) => truth.cause !== null);
  const healthy = new Set(scenarios.filter((one) => !failing.includes(one)).map((one) => one.truth.workload.namespace));
  const falseAlarms = new Set<string>();

  async function readBoard(): Promise<void> {
    const { loops } = await unloop.read('/loops', LoopsPageSchema);
    const now = Date.now();
    for (const one of failing) if (loops.some((row) => isOf(row, one))) of(one).boardAt ??= now;
    for (const { id, state, status, workload } of loops)
      if (healthy.has(workload.namespace)) falseAlarms.add(`${id} ${state} ${status}`);
  }

  async function look(): Promise<void> {
    const [pods, over] = await Promise.all([podTable(kube), podTable(kube, 'status.phase=Failed')]);
    const silent = await namespacesWithoutStart(kube);
    const now = Date.now();
    for (const one of failing) {
      const { namespace } = one.truth.workload;
      const own = (rows: readonly TableRow[]) => rows.filter((pod) => pod.namespace === namespace);
      if (isShownFailing(own(pods), own(over))) of(one).kubectlAt ??= now;
      if (silent.has(namespace)) of(one).eventAt ??= now;
    }
    await readBoard();
    // The board alone is asked again for what kubectl shows already: kubectl's own answers take long on a busy node.
    const isAwaited = (one: Scenario) => of(one).kubectlAt !== null && of(one).boardAt === null;
    for (let again = 0; again < BOARD_ALONE && failing.some(isAwaited); again++) await readBoard();
  }

  let isOver = false;
  const looking = (async () => {
    while (!isOver) {
      await look();
      await after(LOOK_EVERY_MS);
    }
  })();
  // A failed look is told at the end; until then it must not end the process as an unhandled rejection.
  looking.catch(() => undefined);
  return {
    of,
    falseAlarms,
    async stop() {
      isOver = true;
      await looking;
    },
  };
}
