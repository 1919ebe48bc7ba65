import { visibleText } from '@/components/log/parse-log';
import type { Timeline } from '@/lib/contract/timeline';
import type { LoopState } from '@/lib/domain/loop';
import { formatClock, formatClockOrDay } from '@/lib/format/clock';
import { countOf } from '@/lib/format/count';
import { formatDuration } from '@/lib/format/duration';
import type { Track } from './track';
import { missedSpan } from './track-paths';

/**
 * Tells in a few sentences what the timeline shows: what was changed before the first crash, how often it crashed and how long it
 * lived, what ended it. Everything is read from the same record as the marks.
 */
export function storyOf(
  timeline: Timeline,
  tracks: readonly Track[],
  loop: { readonly since: string; readonly state: LoopState },
  now: number,
): string {
  return [startOf(timeline, tracks, loop, now), crashesOf(timeline, tracks), endOf(timeline, tracks, loop, now)]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function startOf(
  timeline: Timeline,
  tracks: readonly Track[],
  loop: { readonly since: string; readonly state: LoopState },
  now: number,
): string {
  const since = Date.parse(loop.since);
  const started = timeline.changes.filter(({ role }) => role === 'started');
  const newest = started.at(-1);
  const what = loop.state === 'never-started' ? 'The first failure' : 'The first crash';
  if (!newest)
    return timeline.changes.length === 0 ? '' : `Nothing is known to have changed before ${what.toLowerCase()}.`;
  const lead = Math.max(0, since - Date.parse(newest.at));
  const bound = tracks.some(({ runs }) => (runs[0]?.index ?? 0) > 0) ? 'at most ' : '';
  const words = started
    .map(({ at, text }) => `${formatClockOrDay(Date.parse(at), now)} ${visibleText(text)}.`)
    .join(' ');
  const when = lead < 1000 ? 'at once' : `${bound}${formatDuration(lead)} later`;
  return `${words} ${what} came ${when}.`;
}

function crashesOf(timeline: Timeline, tracks: readonly Track[]): string {
  const crashed = tracks.filter(({ runs }) => runs.some(({ end }) => end !== null));
  const crashes = crashed.reduce((sum, { runs }) => sum + runs.filter(({ end }) => end !== null).length, 0);
  const missed = tracks.reduce(
    (sum, track) =>
      sum + track.runs.reduce((all, run, i) => all + (missedSpan(track, track.runs[i - 1], run)?.count ?? 0), 0),
    0,
  );
  if (crashes === 0) return '';
  const where = tracks.length > 1 ? ` in ${countOf(crashed.length, 'replica')} of ${tracks.length}` : '';
  const unseen = missed > 0 ? `, ${countOf(missed, 'restart')} more not seen` : '';
  const lives = lifetimeWords(timeline.lifetime);
  return `${countOf(crashes, 'recorded crash', 'recorded crashes')}${where}${unseen}${lives === '' ? '' : `: ${lives}`}.`;
}

/** "each run lived 2s", "each run lived 30s to 32s, what the liveness probe grants: 30s to 35s": the pattern with its numbers. */
export function lifetimeWords(lifetime: Timeline['lifetime']): string {
  if (lifetime === null) return '';
  const { pattern, runs, minMs, maxMs, medianMs, changeMsPerRun, budget, probe } = lifetime;
  const range = minMs === maxMs ? formatDuration(minMs) : `${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
  const each = runs === 1 ? `the newest lived ${range}` : `each of the last ${runs} runs lived ${range}`;
  switch (pattern) {
    case 'probe-budget':
      return `${each}; ${budget?.runsWithin ?? 0} of ${runs} ended within the ${formatDuration(budget?.fromMs ?? 0)} to ${formatDuration(budget?.toMs ?? 0)} that the ${probe} probe grants`;
    case 'fixed':
      return minMs === maxMs ? each : `${each}, always about ${formatDuration(medianMs)}`;
    case 'growing':
    case 'shrinking':
      return `${each}, each about ${formatDuration(Math.abs(changeMsPerRun))} ${pattern === 'growing' ? 'longer' : 'shorter'} than the one before`;
    case 'random':
      return `${each}, without a pattern`;
    case 'instant':
      return `${each}, it ends as soon as it starts`;
    case 'unclear':
      return each;
  }
}

function endOf(
  timeline: Timeline,
  tracks: readonly Track[],
  loop: { readonly since: string; readonly state: LoopState },
  now: number,
): string {
  if (loop.state !== 'recovered' && loop.state !== 'holding') return '';
  const alive = tracks.flatMap(({ lane, runs }) => {
    const last = runs.at(-1);
    return lane.isAlive && last?.end === null && last.start !== null ? [last.start] : [];
  });
  const held = alive.length === 0 ? '' : ` since ${formatClock(Math.min(...alive))}`;
  const ended = timeline.changes.filter(({ role }) => role === 'ended');
  const runs = `It ${loop.state === 'recovered' ? 'runs well' : 'runs'} again${held}`;
  const newest = ended.at(-1);
  if (!newest) return `${runs}; nothing is known to have changed before that.`;
  const lead = alive.length === 0 ? 0 : Math.max(0, Math.min(...alive) - Date.parse(newest.at));
  const words = ended.map(({ text }) => visibleText(text)).join('; ');
  return `${runs}, ${formatDuration(lead)} after ${words} (${formatClockOrDay(Date.parse(newest.at), now)}).`;
}
