'use client';

import { useState } from 'react';
import type { Diagnosis, RunBody, VerdictBody } from '@/lib/contract/diagnosis';
import type { Loop } from '@/lib/contract/loop';
import { LIVE_RUN } from '@/lib/url/diagnosis';
import { chooseRun, crashesOf } from './choose-view';

/** Which run's log is looked at, and how to look at others. */
export interface RunChoice {
  readonly run: RunBody | null;
  /** The pod whose living container is looked at instead of a recorded run, or null. */
  readonly livePod: string | null;
  /** Crashes of the same replica before and after, nearest first; null at the ends. */
  readonly earlier: RunBody | null;
  readonly later: RunBody | null;
  /** Number of the newest known run of this replica, for "run 14 of 14"; runs count from 1, recorded or not. */
  readonly newestNumber: number;
  /** A crash of this replica that was recorded after the page had opened and is newer than what is shown, or null. */
  readonly news: RunBody | null;
  /** True where the address names a run that is no longer recorded. */
  readonly isLost: boolean;
  choose(run: RunBody): void;
  chooseLive(pod: string): void;
}

/**
 * Settles which run is shown. Without a choice of the reader it stays the one the page opened with, whatever is recorded
 * later: a log must not change under the reader's eyes.
 */
export function useRunChoice(
  diagnosis: Diagnosis,
  loop: Loop,
  runs: readonly RunBody[],
  verdict: VerdictBody | undefined,
  asked: { readonly run: string | null; readonly pod: string | null },
  go: (change: { run: string; pod: string | null }) => void,
): RunChoice {
  const [opened, setOpened] = useState(() => ({
    loop: loop.id,
    run: chooseRun(runs, verdict, loop, asked.pod)?.id ?? null,
    newest: newestEnd(runs),
  }));
  if (opened.loop !== loop.id || (opened.run === null && runs.length > 0)) {
    setOpened({ loop: loop.id, run: chooseRun(runs, verdict, loop, asked.pod)?.id ?? null, newest: newestEnd(runs) });
  }
  const livePod = asked.run === LIVE_RUN ? (asked.pod ?? loop.pod) : null;
  const named = runs.find((run) => run.id === asked.run);
  const isLost = asked.run !== null && livePod === null && named === undefined;
  const isOpenedFitting =
    !runs.some((run) => run.pod === asked.pod) || runs.some((run) => run.id === opened.run && run.pod === asked.pod);
  const kept = isOpenedFitting ? runs.find((run) => run.id === opened.run) : undefined;
  const run = livePod !== null ? null : (named ?? kept ?? chooseRun(runs, verdict, loop, asked.pod));

  const podUid =
    run?.podUid ??
    diagnosis.pods.find((pod) => pod.pod === livePod)?.uid ??
    runs.findLast((r) => r.pod === livePod)?.podUid;
  const crashes = podUid === undefined ? [] : crashesOf(runs, podUid);
  const index = run === null ? crashes.length : crashes.findIndex((crash) => crash.id === run.id);
  const at = index === -1 ? crashes.length : index;
  const newest = crashes.at(-1) ?? null;
  const hasNews = newest !== null && run !== null && at < crashes.length - 1 && endOf(newest) > opened.newest;
  return {
    run,
    livePod,
    earlier: crashes[at - 1] ?? null,
    later: crashes[at + 1] ?? null,
    newestNumber: crashes.reduce((most, crash) => Math.max(most, runNumber(crash)), 0),
    news: hasNews ? newest : null,
    isLost,
    choose: (next) => go({ run: next.id, pod: null }),
    chooseLive: (pod) => go({ run: LIVE_RUN, pod }),
  };
}

/** The number of a run in its pod, counted from 1, recorded or not. */
export function runNumber(run: Pick<RunBody, 'restartIndex'>): number {
  return run.restartIndex + 1;
}

function endOf(run: RunBody): number {
  return Date.parse(run.finishedAt ?? '') || 0;
}

function newestEnd(runs: readonly RunBody[]): number {
  return runs.reduce((newest, run) => Math.max(newest, endOf(run)), 0);
}
