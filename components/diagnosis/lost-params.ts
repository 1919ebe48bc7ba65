import type { Diagnosis, RunBody } from '@/lib/contract/diagnosis';
import type { Loop } from '@/lib/contract/loop';
import { DIAGNOSIS_TABS, type DiagnosisView } from '@/lib/url/diagnosis';

/** Parameters that hold a line, a tab or a stretch of time, and what a reader can write there. */
const SHAPED = {
  tab: `one of ${DIAGNOSIS_TABS.join(', ')}`,
  line: 'a number',
  time: 'a stretch of time',
  zoom: 'a stretch of time',
} as const;

/** A value of an address as it may be quoted in a sentence. */
function quoted(value: string): string {
  return `"${value.length > 60 ? `${value.slice(0, 60)}…` : value}"`;
}

/**
 * Tells in sentences which parts of an address name nothing on this page, so that the page shows something else in their place: a
 * container, pod or event that is not recorded here, a value that cannot be read. Empty where everything was found. A run that is
 * no longer recorded is told beside the log, where another one is shown.
 */
export function lostParams(
  diagnosis: Pick<Diagnosis, 'pods' | 'events'>,
  loops: readonly Loop[],
  loop: Loop,
  runs: readonly RunBody[],
  view: DiagnosisView,
  search: Pick<URLSearchParams, 'get'>,
): readonly string[] {
  const lost: string[] = [];
  if (view.container !== null && !loops.some((one) => one.container === view.container)) {
    lost.push(`No container ${quoted(view.container)} of this workload loops: this is ${loop.container}.`);
  }
  if (view.pod !== null && !runs.some((run) => run.pod === view.pod)) {
    const isThere = diagnosis.pods.some((pod) => pod.pod === view.pod);
    lost.push(
      isThere
        ? `No run of ${loop.container} in pod ${quoted(view.pod)} is recorded: the runs of the other pods are shown.`
        : `No pod ${quoted(view.pod)} of this workload is recorded: the runs of its other pods are shown.`,
    );
  }
  if (view.event !== null && !diagnosis.events.some(({ uid }) => uid === view.event)) {
    lost.push('The event in this address is no longer recorded.');
  }
  for (const [name, wanted] of Object.entries(SHAPED)) {
    const value = search.get(name);
    if (value !== null && value !== '' && view[name as keyof typeof SHAPED] === null) {
      lost.push(`${name}=${quoted(value)} in this address cannot be read: it takes ${wanted}.`);
    }
  }
  return lost;
}
