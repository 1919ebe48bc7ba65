import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type BackoffRun, replayBackoff, startOf } from './backoff';
import { DEFAULT_BACKOFF } from './backoff-curve';
import { fitBackoff } from './backoff-fit';
import { parseBackoffMessage } from './backoff-message';
import type { LoopState } from './loop';
import type { LoopStanding } from './loop-standing';
import { judgeLoop } from './loop-state';
import { nextRestart } from './next-restart';
import { pod } from './pod-fixture';
import type { ContainerSnapshot, ContainerState, Termination } from './pod-snapshot';
import { type EpochMs, parseKubeTime } from './time';

const directory = process.env.UNLOOP_TRACES;

interface Sight {
  readonly at: EpochMs;
  readonly container: ContainerSnapshot;
}

interface Trace {
  readonly name: string;
  readonly minor: number;
  readonly sights: readonly Sight[];
}

// biome-ignore lint/suspicious/noExplicitAny: recorded JSON of a fixed shape
type Raw = any;

function readTrace(file: string): Trace {
  const [head, ...lines] = readFileSync(`${directory}/${file}`, 'utf8')
    .trim()
    .split('\n')
    .map((l) => JSON.parse(l) as Raw);
  const zero = Date.parse(head.startedAt);
  const sights = lines
    .filter((line) => line.state !== undefined)
    .map((line) => ({
      at: zero + line.t * 1000,
      container: toContainer(line),
    }));
  return { name: file.replace('.jsonl', ''), minor: Number(head.kubelet.split('.')[1]), sights };
}

function toTermination(t: Raw): Termination {
  return {
    exitCode: t.exitCode,
    signal: 0,
    reason: t.reason,
    message: '',
    startedAt: parseKubeTime(t.startedAt),
    finishedAt: parseKubeTime(t.finishedAt),
    containerId: t.containerID,
  };
}

function toContainer(line: Raw): ContainerSnapshot {
  const { waiting, running, terminated } = line.state;
  const state: ContainerState = terminated
    ? { kind: 'terminated', ...toTermination(terminated) }
    : running
      ? { kind: 'running', startedAt: parseKubeTime(running.startedAt) }
      : { kind: 'waiting', reason: waiting.reason, message: waiting.message ?? '' };
  return {
    name: 'app',
    type: 'app',
    image: 'base:1',
    containerId: '',
    restartCount: line.restartCount,
    ready: line.ready,
    started: null,
    state,
    lastTermination: line.lastState.terminated ? toTermination(line.lastState.terminated) : null,
  };
}

/** What Unloop would have recorded by then: every end and every start that a status showed. */
function record(runs: readonly BackoffRun[], c: ContainerSnapshot): readonly BackoffRun[] {
  const out = [...runs];
  const ends: (readonly [Termination, number])[] = [];
  const isBefore = c.state.kind === 'running' || c.state.kind === 'terminated';
  if (c.lastTermination) ends.push([c.lastTermination, isBefore ? c.restartCount - 1 : c.restartCount]);
  if (c.state.kind === 'terminated') ends.push([c.state, c.restartCount]);
  for (const [end, restartIndex] of ends) {
    const at = out.findIndex((run) => run.restartIndex === restartIndex);
    const run = {
      id: `r${restartIndex}`,
      containerId: end.containerId,
      restartIndex,
      startedAt: end.startedAt,
      finishedAt: end.finishedAt,
      exitCode: end.exitCode,
      reason: end.reason,
      image: c.image,
      missedBefore: 0,
    };
    if (at < 0) out.push(run);
    else out[at] = run;
  }
  if (c.state.kind === 'running' && !out.some((run) => run.restartIndex === c.restartCount)) {
    out.push({
      id: `r${c.restartCount}`,
      containerId: '',
      restartIndex: c.restartCount,
      startedAt: c.state.startedAt,
      finishedAt: null,
      exitCode: null,
      reason: '',
      image: c.image,
      missedBefore: 0,
    });
  }
  return out;
}

/** A window as it was shown at one moment, in seconds after the end of the run. */
interface Shown {
  readonly afterRunId: string;
  readonly earliestAt: EpochMs;
  readonly latestAt: EpochMs;
  readonly slackMs: number;
}

interface Replayed {
  readonly runs: readonly BackoffRun[];
  readonly named: ReadonlyMap<string, number>;
  readonly shown: readonly Shown[];
  /** [crashes seen by then, state] at each sight. */
  readonly states: readonly (readonly [number, LoopState | null])[];
}

function follow(trace: Trace): Replayed {
  let runs: readonly BackoffRun[] = [];
  let previous: LoopStanding | null = null;
  const named = new Map<string, number>();
  const shown: Shown[] = [];
  const states: (readonly [number, LoopState | null])[] = [];
  for (const { at, container } of trace.sights) {
    runs = record(runs, container);
    const { state } = container;
    const namedMs = state.kind === 'waiting' ? parseBackoffMessage(state.message) : null;
    if (namedMs !== null) named.set(`r${container.restartCount}`, namedMs);
    const replica = pod([container], { createdAt: trace.sights[0]?.at ?? null });
    const next = nextRestart({ pod: replica, container, runs, backoff: { kubeletMinor: trace.minor }, now: at });
    if (next) {
      const { afterRunId, dueAt } = next.wait;
      shown.push({ afterRunId, earliestAt: next.earliestAt, latestAt: next.latestAt, slackMs: next.latestAt - dueAt });
    }
    const loopRuns = runs.map((run) => ({ ...RUN, ...run }));
    previous = judgeLoop({ container: 'app', pods: [replica], runs: loopRuns, now: at, previous }).standing;
    states.push([runs.filter((run) => run.finishedAt !== null).length, previous?.state ?? null]);
  }
  return { runs, named, shown, states };
}

const RUN = {
  loopId: 'pods/shop/app/app',
  podUid: 'uid-web-0',
  podName: 'app',
  namespace: 'shop',
  container: 'app',
  containerType: 'app',
  message: '',
  nodeName: '',
  observedAt: null,
} as const;

/** Runs after whose wait the curve was fresh, as section 12 tells. */
const RESETS: Readonly<Record<string, readonly string[]>> = {
  'early-restart': ['r6'],
  'long-life-resets': ['r3'],
  'resized-in-place': ['r6'],
};

const STAGES = new Map([
  [0, 0],
  [10, 1],
  [20, 2],
  [40, 3],
  [80, 4],
  [160, 5],
  [300, 6],
]);

if (directory === undefined) {
  describe.skip('recorded traces (set UNLOOP_TRACES to the directory that holds them)', () => {
    it('are replayed', () => {});
  });
} else {
  const traces = readdirSync(directory)
    .filter((file) => file.endsWith('.jsonl'))
    .map(readTrace);

  describe.each(traces)('recorded trace $name', (trace) => {
    const { runs, named, shown, states } = follow(trace);
    const { waits, contradictions } = replayBackoff(runs, { kubeletMinor: trace.minor });
    const caseName = trace.name.replace(/-v1.*$/, '');

    it('foretells every delay that the kubelet named, from the runs alone', () => {
      const foretold = waits.filter((wait) => named.has(wait.afterRunId)).map((wait) => wait.nominalMs);
      expect(foretold).toEqual([...named.values()]);
      expect(foretold.length).toBeGreaterThan(6);
    });

    it('counts the stages and knows where the curve was fresh', () => {
      for (const wait of waits) expect(wait.stage).toBe(STAGES.get(wait.nominalMs / 1000));
      expect(waits.filter((wait) => wait.resets && wait.actualMs !== null).map((wait) => wait.afterRunId)).toEqual(
        RESETS[caseName] ?? [],
      );
      expect(contradictions).toBe(caseName === 'resized-in-place' ? 1 : 0);
      expect(waits.filter((wait) => wait.isLate)).toEqual([]);
    });

    it('fits base and cap, from the runs alone and with the named delays', () => {
      expect(fitBackoff([{ runs }], trace.minor).params).toEqual(DEFAULT_BACKOFF);
      expect(fitBackoff([{ runs, announced: named }], trace.minor)).toMatchObject({
        params: DEFAULT_BACKOFF,
        basis: 'announced',
      });
    });

    it('shows windows no wider than the kubelet retries (crash-semantics 1.4)', () => {
      for (const { afterRunId, slackMs } of shown) {
        const wait = waits.find((w) => w.afterRunId === afterRunId);
        const lastLeg = Math.min((wait?.nominalMs ?? 0) / 1_000, 60);
        const slack = trace.minor <= 34 ? 17 : wait?.kind === 'collected' ? 92 : 0.5 * lastLeg + 2;
        expect(slackMs).toBeLessThanOrEqual(slack * 1_000);
      }
    });

    it('is told of as a loop from the sight of the second crash on', () => {
      for (const [crashes, state] of states) expect(state !== null).toBe(crashes >= 2);
    });
  });

  it('shows windows that hold the real next start', () => {
    const outcomes = traces.flatMap((trace) => {
      const { runs, shown } = follow(trace);
      return shown.flatMap((window) => {
        const next = runs[runs.findIndex((run) => run.id === window.afterRunId) + 1];
        const startedAt = next === undefined ? null : startOf(next);
        if (startedAt === null) return [];
        return [
          {
            wait: `${trace.name} ${window.afterRunId}`,
            hit: startedAt >= window.earliestAt && startedAt <= window.latestAt,
          },
        ];
      });
    });
    const missed = new Set(outcomes.filter(({ hit }) => !hit).map(({ wait }) => wait));
    const total = new Set(outcomes.map(({ wait }) => wait)).size;
    process.stdout.write(`windows: ${total - missed.size} of ${total} waits hit; missed: ${[...missed].join(', ')}\n`);
    expect(total).toBeGreaterThan(150);
    expect((total - missed.size) / total).toBeGreaterThanOrEqual(0.95);
  });
}
