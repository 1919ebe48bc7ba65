import type { Diagnosis, RunBody, VerdictBody } from '@/lib/contract/diagnosis';
import type { Loop } from '@/lib/contract/loop';
import { orderLoops } from '@/lib/domain/order-loops';
import type { LogKey } from '@/lib/query/diagnosis-queries';
import { DIAGNOSIS_TABS, type DiagnosisTab, type DiagnosisView, LIVE_RUN } from '@/lib/url/diagnosis';

/** The loops of a workload, worst first. */
export function loopsOf(diagnosis: Pick<Diagnosis, 'loops'>): readonly Loop[] {
  return orderLoops(diagnosis.loops);
}

/** The loop that a view asks for: by container, else the loop of that pod, else the worst; undefined without any. */
export function chooseLoop(
  diagnosis: Pick<Diagnosis, 'loops'>,
  view: Pick<DiagnosisView, 'container' | 'pod'>,
): Loop | undefined {
  const loops = loopsOf(diagnosis);
  return (
    loops.find((loop) => loop.container === view.container) ?? loops.find((loop) => loop.pod === view.pod) ?? loops[0]
  );
}

/** The verdicts on one loop, best first. */
export function verdictsOf(diagnosis: Pick<Diagnosis, 'verdicts'>, loopId: string): readonly VerdictBody[] {
  return diagnosis.verdicts.filter((verdict) => verdict.loopId === loopId);
}

/** The diagnosis as it concerns one loop: what was collected about another container of the workload is not its evidence. */
export function ofLoop(diagnosis: Diagnosis, loopId: string): Diagnosis {
  const own = diagnosis.collected.find((one) => one.loopId === loopId);
  return own ? { ...diagnosis, ...own, steps: verdictsOf(diagnosis, loopId)[0]?.steps ?? [] } : diagnosis;
}

/** Compares two runs by time, earlier first. */
function byTime(a: RunBody, b: RunBody): number {
  const at = (run: RunBody) => Date.parse(run.finishedAt ?? run.startedAt ?? '') || 0;
  return at(a) - at(b) || a.restartIndex - b.restartIndex;
}

/** The recorded runs of a loop, oldest first. */
export function runsOf(diagnosis: Pick<Diagnosis, 'runs'>, loopId: string): readonly RunBody[] {
  return diagnosis.runs.filter((run) => run.loopId === loopId).sort(byTime);
}

/** The runs that a log stands behind, of one pod, oldest first. */
export function crashesOf(runs: readonly RunBody[], podUid: string): readonly RunBody[] {
  return runs.filter((run) => run.podUid === podUid && run.log !== 'running');
}

/**
 * The run whose log opens: the one the verdict was read from, else the newest crash of the worst replica with a log,
 * else the newest with a log, else the newest at all. `pod` narrows to one replica, where a run of it is recorded. null where
 * no run is recorded at all.
 */
export function chooseRun(
  runs: readonly RunBody[],
  verdict: VerdictBody | undefined,
  loop: Pick<Loop, 'pod'>,
  pod: string | null,
): RunBody | null {
  const own = runs.filter((run) => run.pod === pod);
  const newestFirst = (own.length > 0 ? own : runs).toReversed();
  const cited = verdict?.facts.map((fact) => fact.place).filter((place) => place.tab === 'logs') ?? [];
  return (
    newestFirst.find((run) => run.log === 'held' && cited.some((place) => place.runId === run.id)) ??
    newestFirst.find((run) => run.log === 'held' && run.pod === loop.pod) ??
    newestFirst.find((run) => run.log === 'held') ??
    newestFirst.find((run) => run.log !== 'running') ??
    newestFirst[0] ??
    null
  );
}

/** The tab that opens: the asked one, else that of the verdict's first fact, else Logs, or Events where nothing ever ran. */
export function chooseTab(
  asked: DiagnosisTab | null,
  verdict: VerdictBody | undefined,
  runs: readonly RunBody[],
): DiagnosisTab {
  if (asked !== null) return asked;
  for (const { place } of verdict?.facts ?? []) {
    const tab = DIAGNOSIS_TABS.find((one) => one === place.tab);
    if (tab !== undefined) return tab;
  }
  return runs.length > 0 ? 'logs' : 'events';
}

/** The recorded log that a page with this view opens with, or null where it opens with none. */
export function openingLog(diagnosis: Diagnosis, view: DiagnosisView): LogKey | null {
  const loop = chooseLoop(diagnosis, view);
  if (loop === undefined || view.run === LIVE_RUN) return null;
  const runs = runsOf(diagnosis, loop.id);
  const [verdict] = verdictsOf(diagnosis, loop.id);
  if (chooseTab(view.tab, verdict, runs) !== 'logs') return null;
  const run = runs.find((one) => one.id === view.run) ?? chooseRun(runs, verdict, loop, view.pod);
  if (run?.log !== 'held') return null;
  return {
    cluster: diagnosis.cluster,
    namespace: diagnosis.workload.namespace,
    pod: run.pod,
    container: loop.container,
    run: run.id,
  };
}

/** The tabs that hold a fact of the verdict. A fact of the status stands in the YAML where that has its line. */
export function decisiveTabs(verdict: VerdictBody | undefined, spec: Diagnosis['spec']): ReadonlySet<string> {
  return new Set(
    verdict?.facts.map(({ place }) =>
      place.tab === 'status' && specLineOf(spec, place.path) !== null ? 'spec' : place.tab,
    ),
  );
}

/** Finds the YAML line of a field path: its own mark, else the nearest marked path inside or above it. */
export function specLineOf(spec: Diagnosis['spec'], path: string): number | null {
  const marks = spec?.marks ?? [];
  const exact = marks.find((mark) => mark.path === path);
  if (exact) return exact.line;
  const within = (outer: string, inner: string) => inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
  const inside = marks.find((mark) => within(path, mark.path));
  if (inside) return inside.line;
  const above = marks
    .filter((mark) => within(mark.path, path))
    .sort((a, b) => b.path.length - a.path.length)
    .at(0);
  return above?.line ?? null;
}

/** So far from its end a log is looked through for a cited line: what ends a run stands near its end. */
const SCANNED = 3000;

/**
 * The decisive lines of one run's log: those the facts name for this run, else, in another run of the same loop, the
 * last line that says the same as a cited one. Lines count from 1; `lineAt` gives a line's text.
 */
export function decisiveLines(
  verdicts: readonly VerdictBody[],
  runId: string,
  count: number,
  lineAt: (no: number) => string,
): ReadonlySet<number> {
  const facts = verdicts.slice(0, 1).flatMap((verdict) => verdict.facts.filter((fact) => fact.place.tab === 'logs'));
  const own = facts.flatMap(({ place }) => (place.tab === 'logs' && place.runId === runId ? [place.line] : []));
  if (own.length > 0) return new Set(own.filter((line) => line >= 1 && line <= count));
  const found = new Set<number>();
  for (const { value } of facts) {
    const wanted = value.trim();
    if (wanted.length < 8) continue;
    for (let no = count; no > Math.max(0, count - SCANNED); no -= 1) {
      if (!lineAt(no).includes(wanted)) continue;
      found.add(no);
      break;
    }
  }
  return found;
}
