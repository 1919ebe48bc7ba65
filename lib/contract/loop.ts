import { z } from 'zod';
import { CATEGORIES, CAUSE_IDS, type CauseId } from '@/lib/domain/causes';
import { LOOP_STATES } from '@/lib/domain/loop';

/** ISO-8601 UTC text of an instant. */
export const InstantSchema = z.iso.datetime();

const CauseIdSchema = z.enum(CAUSE_IDS as unknown as [CauseId, ...CauseId[]]);

export const VerdictSummarySchema = z.object({
  cause: CauseIdSchema,
  category: z.enum(CATEGORIES),
  confidence: z.enum(['certain', 'likely', 'possible']),
  /** For a board row: "killed at its memory limit, 512Mi". */
  what: z.string(),
});

/** One row of the board: one container of one workload, over all its replicas. */
export const LoopSchema = z.object({
  /** `<plural>/<namespace>/<name>/<container>`, unique in its cluster. */
  id: z.string(),
  workload: z.object({ kind: z.string(), namespace: z.string(), name: z.string() }),
  container: z.string(),
  containerType: z.enum(['init', 'sidecar', 'app']),
  state: z.enum(LOOP_STATES),
  /** kubectl's STATUS of the replica that restarted most. */
  status: z.string(),
  /** kubectl's RESTARTS number of that replica (its pod), and its newest termination, for "13 (4m ago)". */
  restarts: z.number().int(),
  lastRestartAt: InstantSchema.nullable(),
  /** That replica. */
  pod: z.string(),
  replicas: z.object({ failing: z.number().int(), total: z.number().int() }),
  verdict: VerdictSummarySchema.nullable(),
  lastExit: z
    .object({
      exitCode: z.number().int(),
      /** Name such as `SIGKILL`, derived from the code; null where the code names none. */
      signal: z.string().nullable(),
      reason: z.string(),
      startedAt: InstantSchema.nullable(),
      finishedAt: InstantSchema.nullable(),
      livedMs: z.number().nullable(),
    })
    .nullable(),
  nextRestart: z.object({ from: InstantSchema, to: InstantSchema, overdue: z.boolean() }).nullable(),
  since: InstantSchema,
  /** Start of the run that is alive in that replica, or null. */
  runningSince: InstantSchema.nullable(),
  change: z.object({ kind: z.string(), at: InstantSchema.nullable(), text: z.string() }).nullable(),
  nodes: z.array(z.string()),
  /** Where its replicas are, at most 20 nodes, those where it fails first; absent in rows of before it was told. */
  placement: z.array(z.object({ node: z.string(), failing: z.number().int(), total: z.number().int() })).optional(),
  /** Loops with one fingerprint fail in the same way for the same reason; null before the first diagnosis. */
  fingerprint: z.string().nullish(),
  image: z.string(),
  /** The last hour of that replica, oldest first: `[startedAt, finishedAt | null]` in epoch seconds, at most 60 runs. */
  strip: z.array(z.tuple([z.number().nullable(), z.number().nullable()])),
});
export type Loop = z.infer<typeof LoopSchema>;

/** What part of a cluster is watched, and what cannot be seen. */
export const CoverageSchema = z.object({
  resource: z.string(),
  /** `*` or a namespace. */
  namespace: z.string(),
  state: z.enum(['connecting', 'syncing', 'live', 'stale', 'forbidden']),
  /** In words, with the remedy where there is one; empty when live. */
  text: z.string(),
  since: InstantSchema.nullable(),
});
export type Coverage = z.infer<typeof CoverageSchema>;

export const TotalsSchema = z.object({
  looping: z.number().int(),
  neverStarted: z.number().int(),
  recovered24h: z.number().int(),
  replicasFailing: z.number().int(),
  replicasTotal: z.number().int(),
  pods: z.number().int(),
  namespaces: z.number().int(),
  /** Since when crashes are recorded, as far as they are still held; null before the first, absent where it is not known yet. */
  recordedSince: InstantSchema.nullish(),
  /** 24 hours ending now, oldest first; each hour's crashes by category. */
  crashesPerHour: z.array(
    z.object({ at: InstantSchema, counts: z.partialRecord(z.enum(CATEGORIES), z.number().int()) }),
  ),
});
export type Totals = z.infer<typeof TotalsSchema>;

export const LoopsPageSchema = z.object({
  cluster: z.string(),
  asOf: InstantSchema,
  sequence: z.number().int(),
  coverage: z.array(CoverageSchema),
  totals: TotalsSchema,
  /** Namespaces with pods, with their number of loops. */
  namespaces: z.array(z.object({ name: z.string(), loops: z.number().int() })),
  loops: z.array(LoopSchema),
});
export type LoopsPage = z.infer<typeof LoopsPageSchema>;
