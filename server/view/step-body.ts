import type { FactPlaceBody } from '@/lib/contract/fact-place';
import type { OperationBody, StepBody } from '@/lib/contract/step';
import { commandOf } from '@/lib/diagnosis/steps/command-of';
import { conditionWords } from '@/lib/diagnosis/steps/condition';
import { patchBody } from '@/lib/diagnosis/steps/field-changes';
import { gitYamlOf } from '@/lib/diagnosis/steps/git-yaml';
import { type Operation, wordsToFill } from '@/lib/diagnosis/steps/operation';
import type { FactPlace, Step } from '@/lib/diagnosis/verdict';
import type { LogRuns } from '@/server/evidence/pack-record';

/** A place as the API says it: a log is that of a recorded run. */
export function placeBody(place: FactPlace, runs: LogRuns): FactPlaceBody {
  if (place.tab !== 'logs') return place;
  const runId = runs[place.log] ?? place.log;
  return { tab: 'logs', runId, line: place.line };
}

/** A step as the API says it: its data, and what is made from them for a reader. */
export function stepBody(step: Step, runs: LogRuns): StepBody {
  const { id, title, text, operation, done } = step;
  const yaml = gitYamlOf(operation);
  const fill = wordsToFill(operation);
  const common = {
    id,
    title,
    text,
    operation: operationBody(operation, runs),
    ...(done !== undefined && { condition: done, doneWhen: conditionWords(done) }),
    ...(yaml !== null && { yaml }),
    ...(fill.length > 0 && { fill }),
  };
  const command = commandOf(operation);
  if (operation.kind === 'look') return { kind: 'look', ...common, place: placeBody(operation.place, runs) };
  if (command === null) return { kind: 'decide', ...common };
  if (operation.kind === 'rollback') return { kind: 'rollback', ...common, command };
  if (operation.kind !== 'patch' || operation.target.kind === 'Node') return { kind: 'run', ...common, command };
  const { target, patchType, changes } = operation;
  return { kind: 'patch', ...common, command, target, patchType, patch: patchBody(changes) };
}

function operationBody(operation: Operation, runs: LogRuns): OperationBody {
  return operation.kind === 'look' ? { kind: 'look', place: placeBody(operation.place, runs) } : operation;
}
