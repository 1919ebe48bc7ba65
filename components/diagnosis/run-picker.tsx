'use client';

import type { ReactElement } from 'react';
import { shortPodName } from '@/components/timeline/track';
import { useClock } from '@/components/ui/clock';
import { Icon } from '@/components/ui/icon';
import type { Diagnosis, RunBody } from '@/lib/contract/diagnosis';
import type { Loop } from '@/lib/contract/loop';
import { formatClockOrDay } from '@/lib/format/clock';
import { Sign } from './sign';
import { type RunChoice, runNumber } from './use-run-choice';
import { runWords } from './words';

/** Of each replica so many runs can be picked, newest first; the others are reached step by step. */
const LISTED = 200;

/** Earlier, which, later: the choice of the run whose log is shown. */
export function RunPicker({
  loop,
  runs,
  pods,
  choice,
}: {
  readonly loop: Loop;
  readonly runs: readonly RunBody[];
  readonly pods: Diagnosis['pods'];
  readonly choice: RunChoice;
}): ReactElement | null {
  const { run, livePod, earlier, later } = choice;
  const words = useClock((now) => (run === null ? '' : runWords(run, now)));
  const groups = groupByPod(runs, loop);
  const alive = pods.filter((pod) => pod.alive && !pod.status.startsWith('Pending'));
  if (groups.length === 0) return null;
  const pod = run?.pod ?? livePod ?? '';
  return (
    <>
      <span className="pager">
        <button
          type="button"
          className="button square"
          aria-label="Earlier crash"
          aria-keyshortcuts="["
          title="Earlier crash  ["
          disabled={earlier === null}
          onClick={() => earlier && choice.choose(earlier)}
        >
          <Sign name="left" />
        </button>
        <span className="button chooser">
          <span aria-hidden className="face">
            <code>{shortPodName(pod, loop.workload)}</code>
            {run === null
              ? 'running now'
              : run.log === 'running'
                ? `run ${runNumber(run)}, alive`
                : `run ${runNumber(run)} of ${choice.newestNumber}`}
          </span>
          <Icon name="down" />
          <select
            aria-label="Run whose log is shown"
            value={run?.id ?? `live ${livePod}`}
            onChange={({ target: { value } }) => {
              const next = runs.find((candidate) => candidate.id === value);
              if (next) choice.choose(next);
              else choice.chooseLive(value.slice('live '.length));
            }}
          >
            {groups.map(({ uid, name, listed }) => (
              <optgroup key={uid} label={name}>
                {listed.map((candidate) => (
                  <option key={candidate.id} value={candidate.id}>
                    {optionWords(candidate)}
                  </option>
                ))}
              </optgroup>
            ))}
            {alive.length === 0 ? null : (
              <optgroup label="As the cluster has it now">
                {alive.map((candidate) => (
                  <option key={candidate.uid} value={`live ${candidate.pod}`}>
                    {shortPodName(candidate.pod, loop.workload)} now
                  </option>
                ))}
              </optgroup>
            )}
          </select>
        </span>
        <button
          type="button"
          className={choice.news ? 'button square has-news' : 'button square'}
          aria-label="Later crash"
          aria-keyshortcuts="]"
          title={choice.news ? 'A newer crash was recorded  ]' : 'Later crash  ]'}
          disabled={later === null}
          onClick={() => later && choice.choose(later)}
        >
          <Sign name="right" />
        </button>
      </span>
      <span className="muted" role="status">
        {words}
        {choice.news ? <span className="hidden-text">. A newer crash of this replica was recorded.</span> : null}
      </span>
    </>
  );
}

interface Group {
  readonly uid: string;
  readonly name: string;
  readonly listed: readonly RunBody[];
}

function groupByPod(runs: readonly RunBody[], loop: Loop): readonly Group[] {
  const groups = [...Map.groupBy(runs, (run) => run.podUid)].map(([uid, own]) => ({
    uid,
    name: shortPodName(own[0]?.pod ?? uid, loop.workload),
    listed: own.toReversed().slice(0, LISTED),
  }));
  return groups.sort((a, b) => Number(b.listed[0]?.pod === loop.pod) - Number(a.listed[0]?.pod === loop.pod));
}

function optionWords(run: RunBody): string {
  const end = run.finishedAt ?? run.startedAt;
  const at = end === null ? '' : ` · ${formatClockOrDay(Date.parse(end), Date.parse(end))}`;
  if (run.log === 'running') return `alive since${at.replace(' ·', '')}`;
  const code = run.exitCode === null ? run.reason : `exit ${run.exitCode}`;
  return `run ${runNumber(run)} · ${code}${at}${run.log === 'missing' ? ' · no log' : ''}`;
}
