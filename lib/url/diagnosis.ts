import { createLoader, createSerializer, parseAsInteger, parseAsString, parseAsStringLiteral } from 'nuqs/server';
import type { FactPlaceBody } from '@/lib/contract/fact-place';
import { parseAsTimeSpan, type TimeSpan } from './time-span';

/** The evidence tabs that exist. The order is the order on the page. */
export const DIAGNOSIS_TABS = ['logs', 'events', 'spec'] as const;
export type DiagnosisTab = (typeof DIAGNOSIS_TABS)[number];

/** `run` for the log of the container that is alive, read from the cluster, not from the record. */
export const LIVE_RUN = 'current';

/**
 * The view of one diagnosis. Everything is optional: an absent value is chosen by the page (the worst loop, the tab of the
 * first fact, the run that the verdict was read from, its decisive line). `event` is an event's UID, `line` counts from 1
 * in the log of `run` or in the YAML of the spec. `at` is the end (ISO-8601) of an earlier loop of the workload, which is then
 * shown as it was.
 */
export const diagnosisParams = {
  pod: parseAsString,
  container: parseAsString,
  tab: parseAsStringLiteral(DIAGNOSIS_TABS),
  run: parseAsString,
  line: parseAsInteger,
  event: parseAsString,
  at: parseAsString,
  /** The stretch of time that narrows logs, runs and events; and the one that the timeline shows, absent for the whole. */
  time: parseAsTimeSpan,
  zoom: parseAsTimeSpan,
};

/** What `diagnosisParams` gives: one value or null for each. */
export interface DiagnosisView {
  readonly pod: string | null;
  readonly container: string | null;
  readonly tab: DiagnosisTab | null;
  readonly run: string | null;
  readonly line: number | null;
  readonly event: string | null;
  readonly at: string | null;
  readonly time: TimeSpan | null;
  readonly zoom: TimeSpan | null;
}

/** Reads the view from a request's search parameters. Unknown values become null. */
export const loadDiagnosisView = createLoader(diagnosisParams);

/** The query (`?tab=…`, or empty) of a view. */
export const diagnosisSearch = createSerializer(diagnosisParams);

/** The path of a diagnosis under the base path. The parts are encoded. */
export function diagnosisPath(key: DiagnosisKey): string {
  return `/c/${[key.cluster, key.plural, key.namespace, key.name].map(encodeURIComponent).join('/')}`;
}

/** Identity of a diagnosis: the workload of a cluster. `plural` is the URL's word for the kind, e.g. `deployments`. */
export interface DiagnosisKey {
  readonly cluster: string;
  readonly plural: string;
  readonly namespace: string;
  readonly name: string;
  /** The end of an earlier loop (ISO-8601), for the diagnosis as it was then. */
  readonly at?: string;
}

/**
 * The part of a view that opens the place a fact was read from, or null where no tab shows it (the timeline does for
 * `runs`). `specLine` finds the YAML line of a field path, null where it is not among the marked ones.
 */
export function viewOfPlace(
  place: FactPlaceBody,
  specLine: (path: string) => number | null,
): Pick<DiagnosisView, 'tab' | 'run' | 'line' | 'event'> | null {
  switch (place.tab) {
    case 'logs':
      return { tab: 'logs', run: place.runId, line: place.line, event: null };
    case 'events':
      return { tab: 'events', run: null, line: null, event: place.eventUid };
    case 'spec':
      return { tab: 'spec', run: null, line: specLine(place.path), event: null };
    case 'status': {
      const line = specLine(place.path);
      return line === null ? null : { tab: 'spec', run: null, line, event: null };
    }
    case 'runs':
      return null;
  }
}
