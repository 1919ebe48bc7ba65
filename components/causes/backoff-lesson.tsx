'use client';

import dynamic from 'next/dynamic';
import { useQueryStates } from 'nuqs';
import type { ReactElement } from 'react';
import { type BackoffParams, DEFAULT_BACKOFF, REDUCED_BACKOFF } from '@/lib/domain/backoff-curve';
import { backoffStory, type StoryWait } from '@/lib/domain/backoff-story';
import { BACKOFF_RESET_MS } from '@/lib/domain/container-exits';
import { formatDuration } from '@/lib/format/duration';
import { BACKOFF_CHOICES, type BackoffChoice, causesParsers, LIVED_CHOICES } from '@/lib/url/causes';

const BackoffChart = dynamic(() => import('@/components/charts/backoff-chart').then((part) => part.BackoffChart), {
  ssr: false,
  loading: () => <div className="backoff-chart" />,
});

const RESTARTS = 12;

const PARAMS: Readonly<Record<BackoffChoice, BackoffParams>> = {
  '10-300': DEFAULT_BACKOFF,
  '1-60': REDUCED_BACKOFF,
  '1-300': { baseMs: REDUCED_BACKOFF.baseMs, capMs: DEFAULT_BACKOFF.capMs },
  '10-60': { baseMs: DEFAULT_BACKOFF.baseMs, capMs: 60_000 },
};

/** Which kubelets wait so (crash-semantics 1.8; upstream `pkg/features/kube_features.go`, KEP-4603, KEP-5593). */
const SETTINGS: Readonly<Record<BackoffChoice, ReactElement>> = {
  '10-300': <>Every kubelet, unless it is configured otherwise.</>,
  '1-60': (
    <>
      With the feature gate <code>ReduceDefaultCrashLoopBackOffDecay</code> (alpha, off by default).
    </>
  ),
  '1-300': (
    <>
      With that gate from 1.35 on, where <code>crashLoopBackOff.maxContainerRestartPeriod</code> stays at its default.
    </>
  ),
  '10-60': (
    <>
      With <code>crashLoopBackOff.maxContainerRestartPeriod: 60s</code> in the kubelet's configuration (1.32 alpha, on
      by default from 1.35): any cap from 1s to 300s.
    </>
  ),
};

/** How back-off works, computed by the model that also reads recorded loops. What is chosen stands in the URL. */
export function BackoffLesson(): ReactElement {
  const [{ backoff, lived }, setView] = useQueryStates(causesParsers, { history: 'replace', scroll: false });
  const params = PARAMS[backoff];
  const livedMs = Number(lived) * 1000;
  const story = backoffStory(params, livedMs, RESTARTS);
  return (
    <section className="lesson" id="back-off" aria-labelledby="back-off-title">
      <h2 id="back-off-title">How back-off works</h2>
      <p className="prose">
        The first restart is immediate. Before the second the kubelet waits {formatDuration(params.baseMs)}, then twice
        as long each time, up to {formatDuration(params.capMs)}. It forgets the back-off{' '}
        {formatDuration(BACKOFF_RESET_MS)} after the last start, however the container fares meanwhile.{' '}
        <b>At the cap a run longer than {formatDuration(BACKOFF_RESET_MS - params.capMs)} is enough</b> for the next
        waits to start over; one longer than {formatDuration(BACKOFF_RESET_MS)} is followed by no wait at all.
      </p>
      <div className="lesson-controls">
        <Choice
          legend="First wait and cap"
          options={BACKOFF_CHOICES.map((one) => ({ value: one, words: paramsWords(PARAMS[one]) }))}
          chosen={backoff}
          onChoose={(one) => void setView({ backoff: one })}
        />
        <Choice
          legend="Each run lives"
          options={LIVED_CHOICES.map((one) => ({ value: one, words: formatDuration(Number(one) * 1000) }))}
          chosen={lived}
          onChoose={(one) => void setView({ lived: one })}
        />
      </div>
      <p className="muted">{SETTINGS[backoff]}</p>
      <div className="lesson-parts">
        <figure>
          <figcaption className="label muted">
            Wait before each restart <span className="key nominal">the curve</span>
            <span className="key real">really waited</span>
          </figcaption>
          <BackoffChart
            points={story.map(({ restart, nominalMs, waitMs }) => ({
              restart,
              nominalS: nominalMs / 1000,
              waitS: waitMs / 1000,
            }))}
            capS={params.capMs / 1000}
            words={`Waits before ${RESTARTS} restarts: ${story.map(({ waitMs }) => formatDuration(waitMs)).join(', ')}`}
          />
        </figure>
        <StoryTable story={story} />
      </div>
    </section>
  );
}

function paramsWords({ baseMs, capMs }: BackoffParams): string {
  return `${formatDuration(baseMs)} to ${formatDuration(capMs)}`;
}

interface ChoiceProps<T extends string> {
  readonly legend: string;
  readonly options: readonly { readonly value: T; readonly words: string }[];
  readonly chosen: T;
  readonly onChoose: (value: T) => void;
}

function Choice<T extends string>({ legend, options, chosen, onChoose }: ChoiceProps<T>): ReactElement {
  return (
    <fieldset>
      <legend className="label muted">{legend}</legend>
      <span className="segments">
        {options.map(({ value, words }) => (
          <button
            key={value}
            type="button"
            className="button"
            aria-pressed={value === chosen}
            onClick={() => onChoose(value)}
          >
            {words}
          </button>
        ))}
      </span>
    </fieldset>
  );
}

function StoryTable({ story }: { readonly story: readonly StoryWait[] }): ReactElement {
  return (
    <table className="story">
      <caption className="hidden-text">Wait before each restart</caption>
      <thead>
        <tr>
          <th scope="col" className="num">
            Restart
          </th>
          <th scope="col" className="num">
            Waits
          </th>
          <th scope="col" className="num">
            After
          </th>
          <th scope="col">Because</th>
        </tr>
      </thead>
      <tbody>
        {story.map((wait) => (
          <tr key={wait.restart}>
            <td className="num">{wait.restart}</td>
            <td className="num">
              <b>{wait.waitMs === 0 ? 'not' : formatDuration(wait.waitMs)}</b>
            </td>
            <td className="num muted">{formatDuration(wait.startsAt)}</td>
            <td className="muted">{whyWords(wait, story)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function whyWords({ kind, restart, nominalMs }: StoryWait, story: readonly StoryWait[]): string {
  const before = story.find((wait) => wait.restart === restart - 1);
  switch (kind) {
    case 'free':
      return 'nothing to back off from yet';
    case 'long-run':
      return `the run outlived ${formatDuration(BACKOFF_RESET_MS)}: back-off forgotten`;
    case 'collected':
      return `due after ${formatDuration(nominalMs)}, but forgotten while it waits: the next wait is the first again`;
    case 'back-off':
      if (before === undefined || before.nominalMs === 0 || before.resets) return 'the first wait';
      return before.nominalMs === nominalMs ? 'the cap' : 'twice the wait before, up to the cap';
    default:
      return '';
  }
}
