import type { StepBody } from '@/lib/contract/step';
import { formatClockOrDay } from '@/lib/format/clock';

/** Index of the step to take now: the first that is not done; -1 where all that can be seen done is done. */
export function currentStep(steps: readonly StepBody[]): number {
  const isAllDone = steps.some(isDone) && steps.every((step) => step.condition === undefined || isDone(step));
  return isAllDone ? -1 : steps.findIndex((step) => !isDone(step));
}

/** Tells whether what is observed says that the step is done. */
export function isDone(step: StepBody): boolean {
  return step.done?.state === 'done';
}

/** "Done at 12:20:00: a run lasts longer than 10m, after rev 4: image web:2", "Done when a run lasts longer than 10m"; null where nothing is to be said. */
export function doneWords(step: StepBody, now: number): string | null {
  const { done, doneWhen } = step;
  if (done?.state !== 'done') return doneWhen === undefined ? null : `Done when ${doneWhen}.`;
  const at = done.at === null ? 'Done' : `Done at ${formatClockOrDay(Date.parse(done.at), now)}`;
  const by = done.by === null ? '' : `, after ${done.by}`;
  return `${at}${doneWhen === undefined ? '' : `: ${doneWhen}`}${by}.`;
}
