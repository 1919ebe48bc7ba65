import { z } from 'zod';

/** Where a fact was read, or where a step has to be looked at: a tab of the diagnosis and the place in it. */
export const FactPlaceSchema = z.discriminatedUnion('tab', [
  /** `runId` is the recorded run whose log is meant. */
  z.object({ tab: z.literal('logs'), runId: z.string(), line: z.number().int() }),
  z.object({ tab: z.literal('events'), eventUid: z.string() }),
  z.object({ tab: z.literal('spec'), path: z.string() }),
  z.object({ tab: z.literal('status'), path: z.string() }),
  z.object({ tab: z.literal('runs') }),
]);
export type FactPlaceBody = z.infer<typeof FactPlaceSchema>;
