import { z } from 'zod';
import type { StepBody } from '@/lib/contract/step';
import { CATEGORIES, CAUSE_IDS, type CauseId } from '@/lib/domain/causes';
import { redactObject } from '@/lib/domain/redact/objects';
import { UnloopError } from '@/lib/domain/unloop-error';
import type { DiagnosisBody } from './diagnosis-body';

/*
 * What versions of Unloop stored before they kept evidence: a diagnosis as it was shown. These shapes were written and never change,
 * whatever the API says today.
 */

const PlaceSchema = z.discriminatedUnion('tab', [
  z.object({ tab: z.literal('logs'), runId: z.string(), line: z.number() }),
  z.object({ tab: z.literal('events'), eventUid: z.string() }),
  z.object({ tab: z.literal('spec'), path: z.string() }),
  z.object({ tab: z.literal('status'), path: z.string() }),
  z.object({ tab: z.literal('runs') }),
]);
const step = { title: z.string(), text: z.string(), doneWhen: z.string().optional() };
const StepSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('look'), ...step, place: PlaceSchema }),
  z.object({ kind: z.literal('run'), ...step, command: z.string() }),
  z.object({
    kind: z.literal('patch'),
    ...step,
    command: z.string(),
    target: z.object({ kind: z.string(), namespace: z.string(), name: z.string() }),
    patchType: z.enum(['strategic', 'merge', 'json']),
    patch: z.unknown(),
  }),
  z.object({ kind: z.literal('rollback'), ...step, command: z.string() }),
  z.object({ kind: z.literal('decide'), ...step }),
]);
const VerdictSchema = z.object({
  cause: z.enum(CAUSE_IDS as unknown as [CauseId, ...CauseId[]]),
  category: z.enum(CATEGORIES),
  confidence: z.enum(['certain', 'likely', 'possible']),
  what: z.string(),
  loopId: z.string(),
  ruleId: z.string(),
  sentence: z.string(),
  facts: z.array(z.object({ text: z.string(), source: z.string(), value: z.string(), place: PlaceSchema })),
  steps: z.array(StepSchema),
});
const BudgetSchema = z.object({ fromMs: z.number(), toMs: z.number() });
const PresentationSchema = z.object({
  verdicts: z.array(VerdictSchema),
  evidence: z.array(z.object({ part: z.string(), state: z.enum(['present', 'partial', 'missing']), text: z.string() })),
  spec: z
    .object({
      yaml: z.string(),
      pod: z.string(),
      marks: z.array(z.object({ line: z.number(), path: z.string(), text: z.string() })),
    })
    .nullable(),
  specText: z.string(),
  eventsText: z.string(),
  probes: z
    .array(
      z.object({
        kind: z.enum(['startup', 'liveness', 'readiness']),
        initialDelay: z.number(),
        period: z.number(),
        timeout: z.number(),
        failureThreshold: z.number(),
        budget: BudgetSchema.nullable(),
      }),
    )
    .default([]),
  revisions: z.array(z.object({ number: z.string(), hash: z.string() })).default([]),
});

/**
 * Reads a diagnosis of before evidence was kept.
 * @throws UnloopError `store-failed` for anything that no version of Unloop wrote
 */
export function readPresentation(text: string): DiagnosisBody {
  try {
    const { verdicts, ...rest } = PresentationSchema.parse(redactObject(JSON.parse(text)));
    return {
      ...rest,
      verdicts: verdicts.map((verdict) => ({ ...verdict, steps: verdict.steps.map(toStep) })),
    };
  } catch (cause) {
    throw new UnloopError('store-failed', 'A stored diagnosis cannot be read: its row is damaged.', '', { cause });
  }
}

function toStep({ doneWhen, ...rest }: z.infer<typeof StepSchema>): StepBody {
  return { id: '', ...rest, ...(doneWhen !== undefined && { doneWhen }) };
}
