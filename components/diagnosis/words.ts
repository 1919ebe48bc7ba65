import type { Diagnosis, RunBody, VerdictBody } from '@/lib/contract/diagnosis';
import type { FactPlaceBody } from '@/lib/contract/fact-place';
import type { Loop } from '@/lib/contract/loop';
import { CATEGORY_TITLES } from '@/lib/domain/causes';
import type { LoopState } from '@/lib/domain/loop';
import { formatClockOrDay } from '@/lib/format/clock';
import { countOf } from '@/lib/format/count';
import { formatDuration } from '@/lib/format/duration';
import { formatRestarts } from '@/lib/format/restarts';

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'] as const;

/** `one fact`, `three facts`, `12 facts`. */
function facts(count: number): string {
  return `${NUMBERS[count] ?? count} ${count === 1 ? 'fact' : 'facts'}`;
}

/** "Certain, by three facts": how sure the verdict is and on how much it stands. */
export function certainty(verdict: Pick<VerdictBody, 'cause' | 'confidence' | 'facts'>): string {
  if (verdict.cause === 'unknown') return 'Cause unknown; what there is to go by';
  const word = { certain: 'Certain', likely: 'Most likely', possible: 'Possible' }[verdict.confidence];
  return `${word}, by ${facts(verdict.facts.length)}`;
}

/** "28 s", "4m8s": how long a run lived. */
export function lived(ms: number): string {
  return ms < 120_000 ? `${Math.max(0, Math.trunc(ms / 1000))} s` : formatDuration(ms);
}

/** "just now", "28 s ago", "4 min ago", "3 h ago", "9 d ago": the distance to a past instant in milliseconds. */
export function ago(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < 5) return 'just now';
  return `${span(ms)} ago`;
}

/** "28 s", "4 min", "3 h 20 min", "9 d": a length in words, for reading, not for comparing. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.trunc(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 10 && minutes % 60 > 0) return `${hours} h ${minutes % 60} min`;
  if (hours < 48) return `${hours} h`;
  return `${Math.trunc(hours / 24)} d`;
}

const STATE_WORDS: Readonly<Record<LoopState, string>> = {
  starting: 'starting to loop since',
  looping: 'looping since',
  'came-back': 'came back, looping since',
  slow: 'failing steadily since',
  holding: 'holding now, first crash',
  recovered: 'recovered, first crash',
  gone: 'gone, first crash',
  'never-started': 'never started since',
};

/** "looping since 13:16:22 (46 min)", "recovered, first crash 13:16:22 (46 min ago)". */
export function sinceWords(loop: Pick<Loop, 'state' | 'since'>, now: number): string {
  const since = Date.parse(loop.since);
  const words = STATE_WORDS[loop.state];
  return `${words} ${formatClockOrDay(since, now)} (${span(now - since)}${words.endsWith('since') ? '' : ' ago'})`;
}

/** kubectl's RESTARTS: "13 (4m8s ago)", or "0". */
export function restartsWords(loop: Pick<Loop, 'restarts' | 'lastRestartAt'>, now: number): string {
  const at = loop.lastRestartAt === null ? null : Date.parse(loop.lastRestartAt);
  return formatRestarts(loop.restarts, at, Math.max(now, at ?? now));
}

/** "2 of 3 replicas failing". */
export function replicasWords({ replicas }: Pick<Loop, 'replicas'>): string {
  if (replicas.total <= 1) return replicas.failing > 0 ? 'its only replica fails' : 'one replica';
  return `${replicas.failing} of ${countOf(replicas.total, 'replica')} failing`;
}

/** "configuration error": the category as it stands in a sentence. */
export function categoryWords(category: keyof typeof CATEGORY_TITLES): string {
  const title = CATEGORY_TITLES[category];
  return title.startsWith('Kubernetes') ? `${title} cause` : title.toLowerCase();
}

/** "next restart between 14:03:22 and 14:03:40", or what is overdue. */
export function nextRestartWords(next: NonNullable<Loop['nextRestart']>, now: number): string {
  const [from, to] = [Date.parse(next.from), Date.parse(next.to)];
  if (next.overdue) return `next restart overdue since ${formatClockOrDay(to, now)}`;
  if (to - from < 1000) return `next restart at ${formatClockOrDay(from, now)}`;
  return `next restart between ${formatClockOrDay(from, now)} and ${formatClockOrDay(to, now)}`;
}

/** Where a fact is to be seen: "Logs, line 9". */
export function placeWords(place: FactPlaceBody, line: number | null): string {
  switch (place.tab) {
    case 'logs':
      return `Logs, line ${place.line}`;
    case 'events':
      return 'Events';
    case 'spec':
    case 'status':
      return line === null ? 'Spec' : `Spec, line ${line}`;
    case 'runs':
      return 'Timeline';
  }
}

/** "exit 1, 13:58:21 to 13:58:23": a run in a few words. */
export function runWords(run: RunBody, now: number): string {
  const start = run.startedAt === null ? null : Date.parse(run.startedAt);
  const end = run.finishedAt === null ? null : Date.parse(run.finishedAt);
  if (end === null) {
    const isAlive = run.log === 'running';
    if (start === null) return isAlive ? 'running' : 'end not seen';
    return isAlive
      ? `running since ${formatClockOrDay(start, now)}`
      : `started ${formatClockOrDay(start, now)}, its end was not seen`;
  }
  const code = run.exitCode === null ? run.reason || 'ended' : `exit ${run.exitCode}`;
  return start === null
    ? `${code}, ended ${formatClockOrDay(end, now)}`
    : `${code}, ${formatClockOrDay(start, now)} to ${formatClockOrDay(end, now)}`;
}

/** The headline where no rule has judged yet. */
export function headlineWithout(diagnosis: Pick<Diagnosis, 'workload'>, loop: Loop | undefined): string {
  if (!loop) return `No container of ${diagnosis.workload.name} is looping.`;
  const subject =
    loop.container === diagnosis.workload.name
      ? loop.container
      : `${diagnosis.workload.name}, container \`${loop.container}\`,`;
  switch (loop.state) {
    case 'never-started':
      return `${subject} never started: \`${loop.status}\`.`;
    case 'holding':
    case 'recovered':
      return `${subject} runs again.`;
    case 'gone':
      return `${subject} is gone.`;
    default:
      return `${subject} keeps exiting${loop.lastExit ? ` with ${loop.lastExit.exitCode}` : ''}. Why is not known yet: collecting evidence…`;
  }
}
