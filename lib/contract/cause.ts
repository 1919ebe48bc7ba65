import { z } from 'zod';
import { CATEGORIES } from '@/lib/domain/causes';
import { InstantSchema, LoopSchema } from './loop';

/** What a rule says of its cause, in sentences; `code` in backticks. */
export const CauseDocSchema = z.object({
  ruleId: z.string(),
  title: z.string(),
  describe: z.string(),
  logs: z.string(),
  steps: z.array(z.string()),
  prevention: z.string(),
  url: z.string(),
});

/** A loop that fails for a cause now. */
export const AffectedSchema = LoopSchema.pick({
  id: true,
  workload: true,
  container: true,
  state: true,
  replicas: true,
  verdict: true,
  since: true,
}).extend({ cluster: z.string() });
export type Affected = z.infer<typeof AffectedSchema>;

/** One cause of the public vocabulary. */
export const CauseSchema = z.object({
  id: z.string(),
  title: z.string(),
  category: z.enum(CATEGORIES),
  meaning: z.string(),
  /** One for each rule that names the cause; empty where no rule does yet. */
  docs: z.array(CauseDocSchema),
  /** Over all clusters, worst first. */
  affected: z.array(AffectedSchema),
});
export type CauseBody = z.infer<typeof CauseSchema>;

export const CausesSchema = z.object({ asOf: InstantSchema, causes: z.array(CauseSchema) });
export type CausesPage = z.infer<typeof CausesSchema>;
