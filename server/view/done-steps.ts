import type { VerdictBody } from '@/lib/contract/diagnosis';
import type { DoneStateBody, StepBody } from '@/lib/contract/step';
import { type DoneState, evaluateCondition, type Observed } from '@/lib/diagnosis/steps/evaluate-condition';
import { toInstant } from '@/lib/domain/time';

/** Verdicts whose steps say whether their conditions hold by what is observed now. Steps without a condition stay as they are. */
export function withDoneSteps(verdicts: readonly VerdictBody[], observed: Observed): VerdictBody[] {
  return verdicts.map((verdict) => ({ ...verdict, steps: verdict.steps.map((step) => withDone(step, observed)) }));
}

function withDone(step: StepBody, observed: Observed): StepBody {
  if (step.condition === undefined) return step;
  return { ...step, done: stateBody(evaluateCondition(step.condition, observed)) };
}

function stateBody(state: DoneState): DoneStateBody {
  return state.state === 'done' ? { ...state, at: toInstant(state.at) } : state;
}
