'use client';

import { useQuery } from '@tanstack/react-query';
import { type ReactElement, type ReactNode, useCallback } from 'react';
import { LogView } from '@/components/log/log-view';
import type { LogRows } from '@/components/log/parse-log';
import { shortPodName } from '@/components/timeline/track';
import { useClock } from '@/components/ui/clock';
import type { Diagnosis, RunBody, VerdictBody } from '@/lib/contract/diagnosis';
import type { Loop } from '@/lib/contract/loop';
import { UnloopError } from '@/lib/domain/unloop-error';
import { formatAbsolute } from '@/lib/format/clock';
import { shellJoin } from '@/lib/format/shell';
import { type LogKey, logAddress, logQueries } from '@/lib/query/diagnosis-queries';
import { LIVE_RUN } from '@/lib/url/diagnosis';
import { overlaps, type TimeSpan } from '@/lib/url/time-span';
import { decisiveLines } from './choose-view';
import { Command } from './command';
import { MarkedText } from './marked-text';
import { RunPicker } from './run-picker';
import { Sign } from './sign';
import { type RunChoice, runNumber } from './use-run-choice';
import { ago, runWords } from './words';

export interface LogPanelProps {
  readonly diagnosis: Diagnosis;
  readonly loop: Loop;
  readonly runs: readonly RunBody[];
  readonly verdicts: readonly VerdictBody[];
  readonly choice: RunChoice;
  /** Only runs that ended in this stretch are offered; null for all. */
  readonly selection: TimeSpan | null;
  readonly line: number | null;
  readonly hrefOf: (line: number) => string;
  readonly onLine: (line: number) => void;
}

/** The Logs tab: one recorded run's log, or why there is none, with the choice of the others. */
export function LogPanel(props: LogPanelProps): ReactElement {
  const { diagnosis, loop, runs, choice } = props;
  const { run, livePod } = choice;
  const isOffered = ({ id, finishedAt, startedAt }: RunBody) =>
    id === run?.id || overlaps(props.selection, null, Date.parse(finishedAt ?? startedAt ?? ''));
  const offered = runs.filter(isOffered);
  const tools = (
    <>
      <RunPicker loop={loop} runs={offered} pods={diagnosis.pods} choice={choice} />
      {choice.isLost ? (
        <span className="waiting">The run in this address is no longer recorded; this is another one.</span>
      ) : null}
    </>
  );
  if (livePod !== null) {
    return (
      <HeldLog
        {...props}
        tools={tools}
        logKey={keyOf(diagnosis, loop, livePod, LIVE_RUN)}
        label={`Log of the running container of ${livePod}`}
        foot={<>Read from the cluster just now, not recorded.</>}
      />
    );
  }
  if (run === null) return <NoRuns loop={loop} tools={tools} />;
  if (run.log === 'missing' || run.log === 'pending') return <NoLog {...props} run={run} tools={tools} />;
  const isLive = run.log === 'running';
  return (
    <HeldLog
      {...props}
      tools={tools}
      logKey={keyOf(diagnosis, loop, run.pod, isLive ? LIVE_RUN : run.id)}
      label={`Log of run ${runNumber(run)} of ${run.pod}`}
      foot={<MarkedText text={footOf(run, runs, loop, diagnosis)} />}
    />
  );
}

function keyOf(diagnosis: Diagnosis, loop: Loop, pod: string, run: string): LogKey {
  return {
    cluster: diagnosis.cluster,
    namespace: diagnosis.workload.namespace,
    pod,
    container: loop.container,
    run,
  };
}

function HeldLog({
  logKey,
  tools,
  label,
  foot,
  verdicts,
  choice,
  line,
  hrefOf,
  onLine,
  diagnosis,
  loop,
}: LogPanelProps & {
  readonly logKey: LogKey;
  readonly tools: ReactNode;
  readonly label: string;
  readonly foot: ReactNode;
}): ReactElement {
  const query = useQuery(logQueries.run(logKey));
  const runId = choice.run?.id ?? '';
  const decisive = useCallback(
    (rows: LogRows) => decisiveLines(verdicts, runId, rows.count, (no) => rows.row(no - 1)?.plain ?? ''),
    [verdicts, runId],
  );
  const isLive = logKey.run === LIVE_RUN;
  const reload = isLive ? (
    <button type="button" className="button" onClick={() => void query.refetch()} disabled={query.isFetching}>
      <Sign name="reload" />
      Read again
    </button>
  ) : null;

  if (query.data) {
    return (
      <LogView
        key={`${logKey.pod} ${logKey.run}`}
        id={`${logKey.pod} ${logKey.run}`}
        log={query.data}
        label={label}
        decisive={decisive}
        line={line}
        hrefOf={hrefOf}
        onLine={onLine}
        copyHead={() => copyHead(diagnosis, loop, choice, logKey)}
        tools={
          <>
            {tools}
            {reload}
          </>
        }
        foot={foot}
      />
    );
  }
  if (query.error) {
    const { error } = query;
    return (
      <>
        <div className="tools">{tools}</div>
        <div className="hollow" role="alert">
          <p>
            This log could not be read: <MarkedText text={error.message} />.{' '}
            {error instanceof UnloopError ? <MarkedText text={error.hint} /> : null}
          </p>
          <p>
            <button type="button" className="button" onClick={() => void query.refetch()}>
              <Sign name="reload" />
              Try again
            </button>
          </p>
        </div>
      </>
    );
  }
  return (
    <>
      <div className="tools">{tools}</div>
      <div className="hollow bones" aria-busy="true">
        <p className="hidden-text">Reading the log.</p>
        {[46, 62, 38, 71, 54, 49, 66, 31].map((width) => (
          <div key={width}>
            <span className="bone" style={{ width: `${width}%` }} />
          </div>
        ))}
      </div>
    </>
  );
}

function copyHead(diagnosis: Diagnosis, loop: Loop, choice: RunChoice, key: LogKey): string {
  const { run } = choice;
  const end = run?.finishedAt ? `, ended ${formatAbsolute(Date.parse(run.finishedAt))}` : '';
  const what =
    key.run === LIVE_RUN || run === null
      ? 'running now'
      : `run ${runNumber(run)}: ${run.exitCode === null ? run.reason : `exit ${run.exitCode}`}${end}`;
  return `${diagnosis.workload.namespace}/${key.pod}, container ${loop.container}, ${what}\n${window.location.href}`;
}

/** "Recorded when the run ended. `kubectl … logs --previous` gives the same until the next run ends." */
function footOf(run: RunBody, runs: readonly RunBody[], loop: Loop, diagnosis: Diagnosis): string {
  if (run.log === 'running') return 'Read from the cluster just now: the run is alive.';
  const own = runs.filter((other) => other.podUid === run.podUid);
  const ended = own.filter((other) => other.finishedAt !== null);
  const alive = diagnosis.pods.some((pod) => pod.uid === run.podUid && pod.alive);
  if (!alive) return 'Its pod is gone: this copy is the only one.';
  if (ended.at(-1)?.id !== run.id) return 'Kubernetes no longer has it: this copy is the only one.';
  const previous = own.at(-1)?.id === run.id ? [] : ['--previous'];
  const { namespace } = diagnosis.workload;
  const command = shellJoin(['kubectl', '-n', namespace, 'logs', run.pod, '-c', loop.container, ...previous]);
  return `Recorded when the run ended. \`${command}\` gives the same until the next run ${previous.length === 0 ? 'starts' : 'ends'}.`;
}

function NoRuns({ loop, tools }: { readonly loop: Loop; readonly tools: ReactNode }): ReactElement {
  const { status } = loop;
  return (
    <>
      <div className="tools">{tools}</div>
      <div className="hollow">
        {loop.state === 'never-started' ? (
          <p>
            There is no log: <code>{loop.container}</code> never ran, its status is <code>{status}</code>. What
            Kubernetes said about it stands under Events.
          </p>
        ) : (
          <p>
            No run of <code>{loop.container}</code> is recorded yet. Unloop reads the log of each run when it ends; the
            next one will be here.
          </p>
        )}
      </div>
    </>
  );
}

function NoLog({
  run,
  runs,
  loop,
  diagnosis,
  choice,
  tools,
}: LogPanelProps & { readonly run: RunBody; readonly tools: ReactNode }): ReactElement {
  const age = useClock((now) => (run.finishedAt === null ? '' : ago(now - Date.parse(run.finishedAt))));
  const other = runs.findLast((candidate) => candidate.log === 'held');
  const short = (candidate: RunBody) => shortPodName(candidate.pod, loop.workload);
  return (
    <>
      <div className="tools">{tools}</div>
      <div className="hollow">
        {run.log === 'pending' ? (
          <p>This run ended {age}. Its log is being read and will appear here.</p>
        ) : (
          <p>
            <MarkedText text={run.logText === '' ? 'The log of this run was not kept.' : run.logText} />
          </p>
        )}
        {run.message === '' ? null : (
          <>
            <p>What the kubelet reported in its place:</p>
            <Command text={run.message} />
          </>
        )}
        {other && run.log === 'missing' ? (
          <p>
            <button type="button" className="button" onClick={() => choice.choose(other)}>
              Show run {runNumber(other)} of {short(other)}, {runWords(other, Date.parse(diagnosis.asOf))}
            </button>
          </p>
        ) : null}
        {run.log === 'pending' ? (
          <p>
            <a className="link" href={logAddress(keyOf(diagnosis, loop, run.pod, LIVE_RUN))}>
              The container's log as the cluster has it now
            </a>
          </p>
        ) : null}
      </div>
    </>
  );
}
