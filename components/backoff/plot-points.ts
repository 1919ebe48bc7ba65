import type { Track } from '@/components/timeline/track';
import { isOffCurve, waitWords } from '@/components/timeline/wait-words';
import type { Timeline } from '@/lib/contract/timeline';
import { type BackoffParams, nominalWaitMs } from '@/lib/domain/backoff-curve';

/** One wait that has ended. `number` counts from 1: the wait after the first run. */
export interface PlotPoint {
  readonly key: string;
  readonly replica: string;
  /** Place among the replicas that are drawn, from 0: decides the dot's shape. */
  readonly series: number;
  readonly number: number;
  readonly actualMs: number;
  readonly nominalMs: number;
  readonly isOff: boolean;
  readonly words: string;
}

/** The waits of up to three replicas beside the curve that the kubelet promises. */
export interface BackoffPlotData {
  /** Numbers of the first and the last wait on the axis; the last one goes on where `isLive`. */
  readonly first: number;
  readonly last: number;
  /** The nominal wait of each number from `first` to `last`, milliseconds. */
  readonly nominal: readonly number[];
  readonly capMs: number;
  readonly points: readonly PlotPoint[];
  readonly replicas: readonly string[];
  readonly isLive: boolean;
}

/** So many waits are shown: the newest. */
const WAITS_MAX = 24;
const REPLICAS_MAX = 3;

/** Picks what is plotted, or null where no wait is known and none goes on. The first track is the one whose curve is drawn. */
export function plotData(timeline: Timeline, tracks: readonly Track[]): BackoffPlotData | null {
  const { baseMs, capMs } = timeline.backoff;
  const shown = tracks.filter(({ runs }) => runs.some(({ end }) => end !== null)).slice(0, REPLICAS_MAX);
  const [subject] = shown;
  if (subject === undefined) return null;
  const numbers = shown.flatMap(({ runs }) => runs.flatMap(({ end, index }) => (end === null ? [] : [index + 1])));
  const last = Math.max(...numbers);
  const first = Math.max(1, last - WAITS_MAX + 1);
  const points = shown.flatMap(({ short, runs }, series) =>
    runs.flatMap((run): PlotPoint[] => {
      const number = run.index + 1;
      if (run.end === null || !run.wait?.to || number < first) return [];
      const actualMs = run.wait.to - run.end;
      return [
        {
          key: `${short} ${number} ${run.end}`,
          replica: short,
          series,
          number,
          actualMs,
          nominalMs: run.wait.nominalMs,
          isOff: isOffCurve(run),
          words: `wait ${number} of ${short}: ${waitWords(run)}`,
        },
      ];
    }),
  );
  const nominal = curveOf(subject, last, { baseMs, capMs }).slice(first - 1);
  return {
    first,
    last,
    nominal,
    capMs,
    points,
    replicas: shown.map(({ short }) => short),
    isLive: subject.lane.next !== null,
  };
}

/**
 * The back-off's delay at each wait from the first to `last`, in milliseconds: what the kubelet went by where runs are
 * recorded, else the curve. A probe's kill skips its wait, not its step: the delay doubles all the same.
 */
function curveOf(track: Track, last: number, params: BackoffParams): readonly number[] {
  const known = new Map(track.runs.flatMap(({ index, wait }) => (wait ? [[index + 1, wait] as const] : [])));
  const curve: number[] = [];
  for (let number = 1; number <= last; number++) {
    const wait = known.get(number);
    const before = curve.at(-1) ?? 0;
    if (wait === undefined || wait.kind === 'missed') curve.push(nominalWaitMs(number, params));
    else if (wait.kind !== 'probe-kill') curve.push(wait.nominalMs);
    else curve.push(number === 1 ? 0 : Math.min(params.capMs, before === 0 ? params.baseMs : 2 * before));
  }
  return curve;
}

/** So many restarts in a row without a wait are no accident. */
const FREE_MIN = 2;

/**
 * Whether runs outlive the kubelet's memory of a back-off, so that there is none: every known wait of every replica was
 * skipped for that reason.
 */
export function isWithoutBackoff(tracks: readonly Track[]): boolean {
  const waits = tracks.flatMap(({ runs }) => runs.flatMap(({ wait }) => (wait?.to == null ? [] : [wait.kind])));
  return (
    waits.length >= FREE_MIN &&
    waits.every((kind) => kind === 'long-run' || kind === 'free') &&
    waits.includes('long-run')
  );
}

/** Which back-off the waits fit, and what says so. */
export function fitWords({ backoff }: Pick<Timeline, 'backoff'>, format: (ms: number) => string): string {
  const { baseMs, capMs, basis, explained, total } = backoff;
  const curve = capMs <= baseMs ? `${format(capMs)} each time` : `${format(baseMs)} doubling to ${format(capMs)}`;
  const count = total === 0 ? "no wait has ended under Unloop's eyes yet" : `${explained} of ${total} recorded waits`;
  const why = {
    announced: 'the kubelet names the cap itself',
    observed: 'read from the waits of this node',
    assumed: 'a kubelet does so unless it is configured otherwise',
  }[basis];
  return total === 0 ? `Expected: ${curve}, ${why}; ${count}.` : `Waits fit ${curve}: ${count}; ${why}.`;
}
