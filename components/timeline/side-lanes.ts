import { visibleText } from '@/components/log/parse-log';
import type { EventBody } from '@/lib/contract/diagnosis';
import type { ProbeTimingBody, Timeline, TimelineChange } from '@/lib/contract/timeline';
import { formatClock } from '@/lib/format/clock';
import { formatCount } from '@/lib/format/count';
import { formatDuration } from '@/lib/format/duration';
import type { TimeSpan } from '@/lib/url/time-span';
import type { Track } from './track';
import { percentIn } from './view';

/** A thing that happened at an instant, or a series whose single instants are not known, in a lane below the replicas. */
export interface SideMark {
  readonly key: string;
  readonly tone: 'decisive' | 'held' | 'change' | 'kill' | 'warning' | 'quiet';
  readonly from: number;
  /** Equal to `from` for a single instant. */
  readonly to: number;
  readonly text: string;
  readonly title: string;
}

/** A mark in its place: percent of the view; its words right or left of it, or none where there is no room. */
export interface PlacedMark extends SideMark {
  readonly row: number;
  readonly left: number;
  readonly width: number;
  readonly words: 'right' | 'left' | 'inside' | 'none';
}

const TRACK_PX = 640;
const CHARACTER_PX = 6.2;
const MARK_PX = 14;
/** Changes so close together are one act. */
const TOGETHER_SHARE = 0.012;
/** A series longer than this is a band. */
const BAND_MIN_MS = 2_000;
const ROWS_MAX = 3;

/** The changes of a timeline as marks; those that fall on the same spot are one mark. */
export function changeMarks(changes: readonly TimelineChange[], view: TimeSpan): readonly SideMark[] {
  const groups: TimelineChange[][] = [];
  for (const change of changes) {
    const last = groups.at(-1);
    const at = Date.parse(change.at);
    const near = last?.[0] && at - Date.parse(last[0].at) <= TOGETHER_SHARE * (view.to - view.from);
    if (last && near) last.push(change);
    else groups.push([change]);
  }
  return groups.flatMap((group): SideMark[] => {
    const [first] = group;
    if (!first) return [];
    const at = Date.parse(first.at);
    const role = group.find((change) => change.role !== null)?.role ?? null;
    const names = [...new Set(group.map(({ short }) => short))].map(visibleText);
    const [only] = names;
    const isOne = group.length === 1 && first.text.length <= 48;
    const meaning = role === null ? '' : role === 'started' ? ', before the first crash' : ', before it ran well';
    return [
      {
        key: `change ${first.at} ${first.short}`,
        tone: role === 'started' ? 'decisive' : role === 'ended' ? 'held' : 'change',
        from: at,
        to: at,
        text: `${
          isOne
            ? visibleText(first.text)
            : names.length === 1
              ? only
              : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
        }${meaning}`,
        title: group.map(({ at: when, text }) => `${formatClock(Date.parse(when))} ${visibleText(text)}`).join('\n'),
      },
    ];
  });
}

const isProbe = (event: EventBody) =>
  event.reason === 'Unhealthy' ||
  event.reason === 'ProbeWarning' ||
  (event.reason === 'Killing' && /failed (?:liveness|startup) probe/.test(event.message));

/** What events tell of probes: failures as series, kills apart. */
export function probeMarks(events: readonly EventBody[], container: string): readonly SideMark[] {
  const own = events.filter((event) => isProbe(event) && (event.container === '' || event.container === container));
  const byKind = Map.groupBy(own, (event) =>
    event.reason === 'Killing'
      ? 'kill'
      : (/^(Liveness|Readiness|Startup)/.exec(event.message)?.[1] ?? 'Probe').toLowerCase(),
  );
  return [...byKind].flatMap(([kind, list]) =>
    seriesOf(list, kind === 'kill' ? 'kill' : 'warning', (count) =>
      kind === 'kill' ? `killed ${times(count)}` : `${kind} failed ${times(count)}`,
    ),
  );
}

/** The warnings that are neither of a probe nor shown as crashes, a series for each reason. */
export function eventMarks(events: readonly EventBody[], container: string): readonly SideMark[] {
  const own = events.filter(
    (event) => event.type !== 'Normal' && !isProbe(event) && (event.container === '' || event.container === container),
  );
  return [...Map.groupBy(own, ({ reason }) => reason)].flatMap(([reason, list]) =>
    seriesOf(list, reason === 'BackOff' ? 'quiet' : 'warning', (count) =>
      count === 1 ? visibleText(reason) : `${visibleText(reason)} ${times(count)}`,
    ),
  );
}

function times(count: number): string {
  return count === 1 ? 'once' : `${formatCount(count)} times`;
}

/** Events of one sort: one band from the first to the last, its single instants being unknown. */
function seriesOf(
  events: readonly EventBody[],
  tone: SideMark['tone'],
  words: (count: number) => string,
): readonly SideMark[] {
  const stamps = events.flatMap(({ first, last }) =>
    [first, last].flatMap((at) => (at === null ? [] : [Date.parse(at)])),
  );
  if (stamps.length === 0) return [];
  const [from, to] = [Math.min(...stamps), Math.max(...stamps)];
  const count = events.reduce((sum, event) => sum + event.count, 0);
  const text = words(count);
  const message = visibleText(events[0]?.message ?? '').slice(0, 300);
  const when = to - from < BAND_MIN_MS ? formatClock(from) : `${formatClock(from)} to ${formatClock(to)}`;
  return [
    {
      key: `${tone} ${text}`,
      tone,
      from,
      to: to - from < BAND_MIN_MS ? from : to,
      text,
      title: `${text}, ${when}: ${message}`,
    },
  ];
}

/** Places marks in as few rows as their words need; a mark without room keeps its shape and its hover. */
export function placeMarks(marks: readonly SideMark[], view: TimeSpan, rowsMax = ROWS_MAX): readonly PlacedMark[] {
  const rows: (readonly [number, number])[][] = [];
  const isFree = (row: number, a: number, b: number) => !(rows[row] ?? []).some(([from, to]) => b > from && a < to);
  const placed: PlacedMark[] = [];
  const order: SideMark['tone'][] = ['decisive', 'held', 'kill', 'warning', 'change', 'quiet'];
  const inView = marks.filter(({ from, to }) => to >= view.from && from <= view.to);
  for (const mark of inView.toSorted(
    (a, b) => order.indexOf(a.tone) - order.indexOf(b.tone) || b.to - b.from - (a.to - a.from) || a.from - b.from,
  )) {
    const left = Math.max(0, percentIn(view, mark.from));
    const right = Math.min(100, percentIn(view, mark.to));
    const textWidth = ((mark.text.length * CHARACTER_PX + 10) * 100) / TRACK_PX;
    const half = ((MARK_PX / 2) * 100) / TRACK_PX;
    const options: readonly (readonly [PlacedMark['words'], number, number])[] = [
      ...(right - left > textWidth + 2 ? [['inside', left, right] as const] : []),
      ['right', left - half, right + half + textWidth],
      ['left', left - half - textWidth, right + half],
      ['none', left - half, right + half],
    ];
    const spot = options
      .filter(([, a, b]) => a >= -half - 0.01 && b <= 100 + half + 0.01)
      .flatMap((option) => Array.from({ length: rowsMax }, (_, row) => ({ option, row })))
      .sort((a, b) => cost(a.option[0], a.row) - cost(b.option[0], b.row))
      .find(({ option: [, a, b], row }) => isFree(row, a, b));
    const [words, a, b] = spot?.option ?? (['none', left, right] as const);
    const row = spot?.row ?? 0;
    rows[row] = [...(rows[row] ?? []), [a, b]];
    placed.push({ ...mark, row, left, width: right - left, words });
  }
  return placed;
}

/** Words are worth a row more, a third row is not worth them. */
function cost(words: PlacedMark['words'], row: number): number {
  return row + (words === 'none' ? 1.5 : words === 'left' ? 0.2 : 0);
}

/** What stands in the probes' lane where no event tells of them. */
export function probeSay(timeline: Pick<Timeline, 'probes'>, tracks: readonly Track[]): string {
  const { probes } = timeline;
  if (probes === null) return 'the spec was not read yet';
  if (probes.length === 0) return 'none is set';
  const longest = Math.max(
    0,
    ...tracks.flatMap(({ runs }) => runs.map(({ start, end }) => (start === null ? 0 : (end ?? start) - start))),
  );
  const first = Math.min(...probes.map(({ initialDelay }) => initialDelay));
  const crashed = tracks.some(({ runs }) => runs.some(({ end }) => end !== null));
  if (crashed && longest / 1000 < first)
    return `none ran: a run ends after ${formatDuration(longest)}, the first probe comes at ${formatDuration(first * 1000)}`;
  return `no failure was seen: ${probes.map(probeWords).join(', ')}`;
}

function probeWords({ kind, period, failureThreshold }: ProbeTimingBody): string {
  return kind === 'readiness'
    ? `readiness each ${period}s`
    : `${kind} each ${period}s, kills after ${failureThreshold} failures`;
}
