'use client';

import { useSearchParams } from 'next/navigation';
import { useQueryStates } from 'nuqs';
import { type ReactElement, useCallback, useEffect, useMemo, useState } from 'react';
import { BackoffFigure } from '@/components/backoff/backoff-figure';
import { SpecView } from '@/components/spec/spec-view';
import { TimelineSection } from '@/components/timeline/timeline-section';
import type { Diagnosis, RunBody } from '@/lib/contract/diagnosis';
import type { Loop } from '@/lib/contract/loop';
import {
  type DiagnosisKey,
  type DiagnosisTab,
  type DiagnosisView as DiagnosisViewParams,
  diagnosisParams,
} from '@/lib/url/diagnosis';
import { overlaps, type TimeSpan } from '@/lib/url/time-span';
import { chooseLoop, chooseTab, decisiveTabs, loopsOf, ofLoop, runsOf, verdictsOf } from './choose-view';
import { CoverageList } from './coverage-list';
import { DiagnosisHead } from './diagnosis-head';
import { EventsPanel } from './events-panel';
import { EvidenceTabs } from './evidence-tabs';
import { GuidedFix } from './guided-fix';
import { LogPanel } from './log-panel';
import { lostParams } from './lost-params';
import { eventsIn, mergeEvents } from './merge-events';
import { hrefWith, type PlaceOpener, type ViewChange } from './place-link';
import { useDiagnosis } from './use-diagnosis';
import { useDiagnosisKeys } from './use-diagnosis-keys';
import { useRunChoice } from './use-run-choice';

/** One workload's diagnosis, live. The page seeds the cache; everything that is chosen stands in the address. */
export function DiagnosisView({ diagnosisKey }: { readonly diagnosisKey: DiagnosisKey }): ReactElement {
  const whole = useDiagnosis(diagnosisKey);
  const [view, setView] = useQueryStates(diagnosisParams, { history: 'replace' });
  const loops = useMemo(() => loopsOf(whole), [whole]);
  const loop = chooseLoop(whole, view);
  const diagnosis = useMemo(() => (loop ? ofLoop(whole, loop.id) : whole), [whole, loop]);
  const opened = useBringIntoView();

  const places = useMemo(
    (): PlaceOpener => ({
      href: (change) => hrefWith(view, change),
      open: (change) => {
        void setView(change, { history: 'push' });
        opened();
      },
      move: (change) => void setView(change),
      show: opened,
    }),
    [view, setView, opened],
  );

  if (loop === undefined) {
    return (
      <div className="diagnosis">
        <DiagnosisHead
          diagnosis={diagnosis}
          loops={[]}
          loop={undefined}
          verdicts={[]}
          firstStep={undefined}
          lost={[]}
          places={places}
          backoff={null}
        />
      </div>
    );
  }
  return <LoopDiagnosis key={loop.id} diagnosis={diagnosis} loops={loops} loop={loop} view={view} places={places} />;
}

function LoopDiagnosis({
  diagnosis,
  loops,
  loop,
  view,
  places,
}: {
  readonly diagnosis: Diagnosis;
  readonly loops: readonly Loop[];
  readonly loop: Loop;
  readonly view: DiagnosisViewParams;
  readonly places: PlaceOpener;
}): ReactElement {
  const search = useSearchParams();
  const runs = useMemo(() => runsOf(diagnosis, loop.id), [diagnosis, loop.id]);
  const verdicts = useMemo(() => verdictsOf(diagnosis, loop.id), [diagnosis, loop.id]);
  const [verdict] = verdicts;
  const [openingTab] = useState(() => chooseTab(null, verdict, runs));
  const tab = view.tab ?? openingTab;
  const choice = useRunChoice(diagnosis, loop, runs, verdict, view, (change) =>
    places.move({ tab: 'logs', line: null, event: null, ...change }),
  );
  const eventCount = useMemo(
    () => mergeEvents(eventsIn(diagnosis.events, view.time)).length,
    [diagnosis.events, view.time],
  );
  const steps = verdict?.steps ?? diagnosis.steps;

  const onTab = useCallback((next: DiagnosisTab) => places.move({ tab: next, line: null, event: null }), [places]);
  const runChange = (run: RunBody): ViewChange => ({ tab: 'logs', run: run.id, pod: null, line: null, event: null });
  const onRun = useCallback(
    (run: RunBody) => places.move({ tab: 'logs', run: run.id, pod: null, line: null, event: null }),
    [places],
  );
  const timeline = diagnosis.timelines.find(({ loopId }) => loopId === loop.id);
  const onSelection = useCallback(
    (time: TimeSpan | null) => {
      const isIn = ({ finishedAt }: RunBody) => finishedAt !== null && overlaps(time, null, Date.parse(finishedAt));
      // What is read must lie in what was chosen: the newest crash of the stretch, where the one that is shown lies outside.
      const next = time === null || (choice.run && isIn(choice.run)) ? null : runs.findLast(isIn);
      places.move(next ? { time, run: next.id, pod: null, line: null } : { time });
    },
    [places, runs, choice.run],
  );
  const onZoom = useCallback((zoom: TimeSpan | null) => places.move({ zoom }), [places]);
  const onTabKey = useCallback(
    (next: DiagnosisTab) => {
      onTab(next);
      places.show();
    },
    [places, onTab],
  );
  useDiagnosisKeys({
    earlier: choice.earlier,
    later: choice.later,
    onTab: onTabKey,
    onRun,
    board: `/c/${encodeURIComponent(diagnosis.cluster)}${diagnosis.past ? '/history' : ''}`,
  });
  // A line in the address belongs to the tab and the run that stand beside it.
  const lineHref = (line: number) =>
    places.href(tab === 'logs' && choice.run ? { tab, run: choice.run.id, line } : { tab, line });
  const onLine = (line: number) =>
    places.move(tab === 'logs' && choice.run ? { tab, run: choice.run.id, line } : { tab, line });

  const panels: Readonly<Record<DiagnosisTab, () => ReactElement>> = {
    logs: () => (
      <LogPanel
        diagnosis={diagnosis}
        loop={loop}
        runs={runs}
        verdicts={verdicts}
        choice={choice}
        selection={view.time}
        line={view.tab === 'logs' || view.tab === null ? view.line : null}
        hrefOf={lineHref}
        onLine={onLine}
      />
    ),
    events: () => <EventsPanel diagnosis={diagnosis} verdict={verdict} event={view.event} selection={view.time} />,
    spec: () => (
      <SpecView
        spec={diagnosis.spec}
        text={diagnosis.specText}
        line={view.tab === 'spec' ? view.line : null}
        hrefOf={lineHref}
        onLine={onLine}
      />
    ),
  };

  return (
    <div className="diagnosis">
      <DiagnosisHead
        diagnosis={diagnosis}
        loops={loops}
        loop={loop}
        verdicts={verdicts}
        firstStep={steps[0]}
        lost={lostParams(diagnosis, loops, loop, runs, view, search)}
        places={places}
        backoff={timeline ? <BackoffFigure timeline={timeline} loop={loop} /> : null}
      />
      {timeline ? (
        <TimelineSection
          loop={loop}
          timeline={timeline}
          events={diagnosis.events}
          endedAt={diagnosis.past ? Date.parse(diagnosis.past.endedAt) : null}
          runs={runs}
          selectedRun={choice.run}
          selection={view.time}
          zoom={view.zoom}
          hrefOf={(run) => `${places.href(runChange(run))}#evidence`}
          onRun={onRun}
          onSelection={onSelection}
          onZoom={onZoom}
        />
      ) : null}
      <EvidenceTabs
        tab={tab}
        notes={{ events: eventCount === 0 ? 'none' : String(eventCount) }}
        decisive={decisiveTabs(verdict, diagnosis.spec)}
        onTab={onTab}
      >
        {panels[tab]()}
      </EvidenceTabs>
      <aside className="rail" id="fix" aria-label="Guided fix and coverage">
        <GuidedFix key={loop.id} steps={steps} spec={diagnosis.spec} places={places} />
        {verdict ? <CoverageList evidence={diagnosis.evidence} /> : null}
      </aside>
    </div>
  );
}

/** The function that brings the evidence into view and hands it the focus, once the next render has shown it. */
function useBringIntoView(): () => void {
  const [count, setCount] = useState(0);
  useEffect(() => {
    if (count === 0) return;
    const evidence = document.getElementById('evidence');
    if (!evidence) return;
    const { top } = evidence.getBoundingClientRect();
    if (top < 0 || top > window.innerHeight / 2) evidence.scrollIntoView({ block: 'start' });
    document.getElementById('evidence-panel')?.focus({ preventScroll: true });
  }, [count]);
  return useCallback(() => setCount((before) => before + 1), []);
}
