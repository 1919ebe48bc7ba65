'use client';

import Link from 'next/link';
import type { ReactElement, ReactNode } from 'react';
import { STATE_SIGNS } from '@/components/board/state-words';
import { Since, Ticking } from '@/components/ui/clock';
import { Icon } from '@/components/ui/icon';
import type { Diagnosis, VerdictBody } from '@/lib/contract/diagnosis';
import type { Loop } from '@/lib/contract/loop';
import type { StepBody } from '@/lib/contract/step';
import { CAUSES } from '@/lib/domain/causes';
import { describeExit } from '@/lib/domain/exit-code';
import { FAILING_STATES } from '@/lib/domain/order-loops';
import { causePath } from '@/lib/url/causes';
import { BasisNotice } from './basis-notice';
import { Crumbs } from './crumbs';
import { LostNotice } from './lost-notice';
import { MarkedText } from './marked-text';
import { PastNotice } from './past-notice';
import { isPlainPress, type PlaceOpener } from './place-link';
import { Collecting, VerdictFacts } from './verdict-facts';
import {
  ago,
  categoryWords,
  headlineWithout,
  lived,
  nextRestartWords,
  replicasWords,
  restartsWords,
  sinceWords,
} from './words';

export interface DiagnosisHeadProps {
  readonly diagnosis: Diagnosis;
  readonly loops: readonly Loop[];
  readonly loop: Loop | undefined;
  readonly verdicts: readonly VerdictBody[];
  readonly firstStep: StepBody | undefined;
  /** What of the address names nothing here, in sentences. */
  readonly lost: readonly string[];
  readonly places: PlaceOpener;
  /** The waits of the loop against the kubelet's back-off, beside the facts. */
  readonly backoff: ReactNode;
}

/** Above the fold: what, why, how sure, since when; which of several containers; the first step where the fix is below. */
export function DiagnosisHead(props: DiagnosisHeadProps): ReactElement {
  const { diagnosis, loops, loop, verdicts, firstStep, lost, places } = props;
  const [verdict, ...others] = verdicts;
  return (
    <section className="head" aria-labelledby="verdict">
      <Crumbs diagnosis={diagnosis} loopId={loop?.id ?? null} />
      <LostNotice lost={lost} />
      <PastNotice diagnosis={diagnosis} />
      <BasisNotice basis={diagnosis.basis} verdict={verdict} />
      {loops.length > 1 && loop ? <Switcher loops={loops} loop={loop} places={places} /> : null}
      <h1 id="verdict">
        <MarkedText text={verdict?.sentence ?? headlineWithout(diagnosis, loop)} />
      </h1>
      {loop ? <ExitLine loop={loop} /> : null}
      {loop ? <StateLine loop={loop} verdict={verdict} /> : null}
      {firstStep ? (
        <a className="first-step button" href="#fix">
          <span>First step: {firstStep.title.charAt(0).toLowerCase() + firstStep.title.slice(1)}</span>
          <Icon name="down" />
        </a>
      ) : null}
      <div className="why">
        {verdict ? (
          <VerdictFacts verdict={verdict} others={others} spec={diagnosis.spec} places={places} />
        ) : (
          <Collecting diagnosis={diagnosis} />
        )}
        {props.backoff}
      </div>
    </section>
  );
}

function ExitLine({ loop }: { readonly loop: Loop }): ReactElement {
  const { lastExit, nextRestart, runningSince } = loop;
  const isFailing = FAILING_STATES.some((state) => state === loop.state);
  return (
    <p className="exit-line">
      <Icon name={STATE_SIGNS[loop.state].icon} tone={STATE_SIGNS[loop.state].tone} />
      {lastExit === null ? (
        <span>
          <b>{loop.status}</b>
          {loop.state === 'never-started' ? ' · no container ran, so there is no exit and no restart' : ''}
        </span>
      ) : (
        <span>
          <b title={describeExit(lastExit.exitCode, lastExit.reason)}>exit {lastExit.exitCode}</b>
          {exitWords(lastExit)}
          {lastExit.livedMs === null ? '' : ` · lived ${lived(lastExit.livedMs)}`}
          {lastExit.finishedAt === null ? null : (
            <>
              {' · '}
              <Since at={lastExit.finishedAt} text={ago} />
            </>
          )}
          {nextRestart ? (
            <>
              {' · '}
              <b>
                <Ticking text={(now) => nextRestartWords(nextRestart, now)} />
              </b>
            </>
          ) : runningSince !== null && isFailing ? (
            <>
              {' · '}
              <b>
                running again for <Since at={runningSince} text={(elapsed) => lived(Math.max(0, elapsed))} />
              </b>
            </>
          ) : null}
        </span>
      )}
    </p>
  );
}

/** " · OOMKilled", " · SIGTERM": the runtime's word where it tells more than the code. */
function exitWords({ reason, signal }: NonNullable<Loop['lastExit']>): string {
  const words = [reason, signal ?? ''].filter((word) => word !== '');
  return words.map((word) => ` · ${word}`).join('');
}

function StateLine({
  loop,
  verdict,
}: {
  readonly loop: Loop;
  readonly verdict: VerdictBody | undefined;
}): ReactElement {
  return (
    <p className="state-line muted">
      <time dateTime={loop.since}>
        <Ticking text={(now) => sinceWords(loop, now)} />
      </time>
      {` · ${replicasWords(loop)} · `}
      <span title="STATUS, as kubectl prints it">{loop.status}</span>
      {' · '}
      <span title="RESTARTS, as kubectl prints it" className="nowrap">
        <Ticking text={(now) => restartsWords(loop, now)} />
      </span>
      {verdict ? (
        <>
          {' · '}
          <Link className="link" prefetch={false} href={causePath(verdict.cause)} title={CAUSES[verdict.cause].title}>
            {verdict.cause === 'unknown' ? 'cause unknown' : verdict.cause}
          </Link>
          {verdict.cause === 'unknown' ? '' : `, ${categoryWords(verdict.category)}`}
        </>
      ) : null}
    </p>
  );
}

function Switcher({
  loops,
  loop,
  places,
}: {
  readonly loops: readonly Loop[];
  readonly loop: Loop;
  readonly places: PlaceOpener;
}): ReactElement {
  return (
    <nav className="switcher" aria-label="Containers of this workload">
      {loops.map((other) => {
        const change = { container: other.container, pod: null, tab: null, run: null, line: null, event: null };
        return (
          <a
            key={other.id}
            href={places.href(change)}
            aria-current={other.id === loop.id ? 'page' : undefined}
            onClick={(event) => {
              if (!isPlainPress(event)) return;
              event.preventDefault();
              places.move(change);
            }}
          >
            <Icon name={STATE_SIGNS[other.state].icon} tone={STATE_SIGNS[other.state].tone} />
            {other.container}
            <span className="label">
              {other.containerType === 'app' ? '' : `${other.containerType} · `}
              {other.status}
            </span>
          </a>
        );
      })}
    </nav>
  );
}
