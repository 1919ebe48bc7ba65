import { formatDuration } from '@/lib/format/duration';
import type { TrackRun } from './track';

/** What a kubelet's retries may add to the nominal delay is no news. */
const WHY: Readonly<Record<NonNullable<TrackRun['wait']>['kind'], string>> = {
  free: 'the first restart is free',
  'long-run': 'the run lasted longer than 10m, so the kubelet had forgotten the back-off',
  'back-off': '',
  collected:
    'the kubelet forgets the back-off 10m after the last start, also while the container waits; the curve is fresh',
  'probe-kill':
    'a probe killed it, and kill and start are one step of the kubelet that skips the wait; the curve advances all the same',
  reset: 'started before its time with a fresh curve: resized, another image, or the kubelet was restarted',
  missed: 'restarts lie in between that nobody saw',
};

/** Kinds of waits that are what the kubelet promises. */
const PROMISED = new Set(['back-off', 'free', 'long-run']);

/** Whether a wait needs explaining: not what the kubelet promises, or later than its retries make it. */
export function isOffCurve(run: TrackRun): boolean {
  const { wait } = run;
  return wait !== null && wait.to !== null && (!PROMISED.has(wait.kind) || wait.isLate);
}

/** "waited 5m3s of nominal 5m": a wait in words, and why it is not nominal. */
export function waitWords(run: TrackRun): string {
  const { end, wait } = run;
  if (end === null || wait === null) return '';
  if (wait.to === null) return wait.kind === 'missed' ? WHY.missed : `waits, nominal ${formatDuration(wait.nominalMs)}`;
  const took = formatDuration(wait.to - end);
  const late = wait.isLate ? "later than the kubelet's retries explain: an image pull, or a busy or stopped node" : '';
  const why = [WHY[wait.kind], late].filter((text) => text !== '').join('; ');
  const nominal =
    wait.kind === 'free' || wait.kind === 'long-run' || wait.kind === 'probe-kill'
      ? ''
      : `, nominal ${formatDuration(wait.nominalMs)}`;
  return `waited ${took}${nominal}${why === '' ? '' : `: ${why}`}`;
}
