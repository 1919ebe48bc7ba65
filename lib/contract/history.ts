import { z } from 'zod';
import { CATEGORIES } from '@/lib/domain/causes';
import { InstantSchema, LoopSchema } from './loop';

/** How a loop ended, and whether the end lasted. `came-back`: it has failed again since, whatever its end was. */
export const OUTCOMES = ['recovered', 'gone', 'came-back'] as const;
export const OutcomeSchema = z.enum(OUTCOMES);
export type Outcome = z.infer<typeof OutcomeSchema>;

/** One ended episode of a loop: from its first failure until it recovered or was gone. */
export const EndedLoopSchema = z.object({
  /** The row as the board showed it at the end. */
  loop: LoopSchema.omit({ strip: true, nextRestart: true, runningSince: true }),
  outcome: OutcomeSchema,
  /** null where nothing ever ran, so nothing crashed. */
  firstCrashAt: InstantSchema.nullable(),
  lastCrashAt: InstantSchema.nullable(),
  /** Crashes that were recorded; not those that nobody saw. */
  crashes: z.number().int(),
  /** From the first failure to the last one, or to the end where nothing crashed. */
  failedMs: z.number(),
  endedAt: InstantSchema,
  /** What ended it, in words, where that is known. */
  endedBy: z.string().nullable(),
  cameBackAt: InstantSchema.nullable(),
  /** How often this loop has come back, over all its episodes. */
  cameBack: z.number().int(),
});
export type EndedLoop = z.infer<typeof EndedLoopSchema>;

export const HistoryPageSchema = z.object({
  cluster: z.string(),
  asOf: InstantSchema,
  /** Newest end first. */
  ended: z.array(EndedLoopSchema),
  /** Ends among those looked through whose stored row cannot be read: they are logged and left out. */
  unreadable: z.number().int(),
  /** `before` of the next page; null where nothing older is left in the period. */
  next: InstantSchema.nullable(),
  /** Of the whole period and the chosen namespaces, the filter text left aside. */
  totals: z.object({
    recovered: z.number().int(),
    gone: z.number().int(),
    cameBack: z.number().int(),
    /** Spans of equal length, oldest first, each with its ends by category of the cause. */
    spanMs: z.number().int(),
    spans: z.array(z.object({ at: InstantSchema, counts: z.partialRecord(z.enum(CATEGORIES), z.number().int()) })),
  }),
  /** Namespaces in which something ended in the period. */
  namespaces: z.array(z.object({ name: z.string(), loops: z.number().int() })),
  /** What the record holds, and how long. */
  kept: z.object({
    /** Since when ends are recorded, as far as they are still held; null while nothing has ended. */
    since: InstantSchema.nullable(),
    days: z.number(),
    bytes: z.number(),
    /** True where it is lost with the process. */
    inMemory: z.boolean(),
    /** Why it lives in memory, in words without a full stop; null where it does not, or nobody knows. */
    memoryReason: z.string().nullable(),
  }),
});
export type HistoryPage = z.infer<typeof HistoryPageSchema>;
