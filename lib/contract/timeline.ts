import { z } from 'zod';
import { WAIT_KINDS } from '@/lib/domain/backoff';
import { LIFETIME_PATTERNS } from '@/lib/domain/lifetime';
import { CHANGE_KINDS } from '@/lib/domain/loop-changes';
import { InstantSchema } from './loop';

/**
 * One recorded run and the wait after it, short, because a loop of two weeks has thousands:
 * `[restart index, start, end, exit code, restarts missed before it, kind of the wait, nominal wait, waited too long]`.
 * Times are epoch seconds, null where unknown or, of the end, where it runs; the wait is null while it runs. An end without an
 * exit code is no crash: the pod was deleted.
 */
export const TimelineRunSchema = z.tuple([
  z.number().int(),
  z.number().nullable(),
  z.number().nullable(),
  z.number().int().nullable(),
  z.number().int(),
  z.enum(WAIT_KINDS).nullable(),
  z.number(),
  z.boolean(),
]);
export type TimelineRun = z.infer<typeof TimelineRunSchema>;

/** When a replica that waits is started again. The window is the kubelet's; past `to` it is overdue. */
const NextSchema = z.object({
  from: InstantSchema,
  to: InstantSchema,
  /** The end that the wait counts from, and the kubelet's delay in milliseconds. */
  since: InstantSchema,
  nominalMs: z.number(),
  basis: z.enum(['announced', 'replayed', 'formula']),
  /** The kubelet forgets the back-off before the delay is over: the restart comes early, the curve is fresh afterwards. */
  isCollected: z.boolean(),
});

/** An image that cannot be pulled: a back-off of its own, apart from that of restarts. */
const PullSchema = z.object({
  failures: z.number().int(),
  lastAt: InstantSchema,
  nominalMs: z.number(),
  from: InstantSchema,
  to: InstantSchema,
});

/** One replica: its pod, and the pod of an earlier revision that it replaced. */
export const TimelineLaneSchema = z.object({
  pod: z.string(),
  podUid: z.string(),
  node: z.string(),
  /** Number of its revision, or empty where unknown. */
  revision: z.string(),
  createdAt: InstantSchema.nullable(),
  /** When it was deleted, as far as seen. */
  deletedAt: InstantSchema.nullable(),
  /** First start of the container that an event tells of; earlier than the first recorded run where that one was not seen. */
  firstStartAt: InstantSchema.nullable(),
  isAlive: z.boolean(),
  isReady: z.boolean(),
  /** kubectl's RESTARTS and STATUS of the pod; of a gone one what was last recorded. */
  restarts: z.number().int(),
  status: z.string(),
  /** Oldest first. */
  runs: z.array(TimelineRunSchema),
  next: NextSchema.nullable(),
  pull: PullSchema.nullable(),
  /** How the image came to the node before the first run, in the kubelet's words; empty where no event tells. */
  pullText: z.string(),
  replaced: z
    .object({ pod: z.string(), revision: z.string(), createdAt: InstantSchema.nullable(), deletedAt: InstantSchema })
    .nullable(),
});
export type TimelineLane = z.infer<typeof TimelineLaneSchema>;

export const TimelineChangeSchema = z.object({
  kind: z.enum(CHANGE_KINDS),
  at: InstantSchema,
  /** In words: "rev 14: image shop/checkout:2.31.0". */
  text: z.string(),
  /** What a marker has room for: "rev 14". */
  short: z.string(),
  /** `started`: the newest change before the first crash; `ended`: the newest one before it ran well again. */
  role: z.enum(['started', 'ended']).nullable(),
});
export type TimelineChange = z.infer<typeof TimelineChangeSchema>;

const BudgetSchema = z.object({ fromMs: z.number(), toMs: z.number() });

/** A probe of the container as its spec has it; seconds. */
export const ProbeTimingSchema = z.object({
  kind: z.enum(['startup', 'liveness', 'readiness']),
  initialDelay: z.number(),
  period: z.number(),
  timeout: z.number(),
  failureThreshold: z.number(),
  /** How long a container lives that never passes; null for readiness, which kills nothing. */
  budget: BudgetSchema.nullable(),
});
export type ProbeTimingBody = z.infer<typeof ProbeTimingSchema>;

/** All that is drawn of one loop on one time axis. */
export const TimelineSchema = z.object({
  loopId: z.string(),
  lanes: z.array(TimelineLaneSchema),
  /** More runs are recorded, older than these. */
  isCut: z.boolean(),
  /** Oldest first. */
  changes: z.array(TimelineChangeSchema),
  /** The back-off that the waits are measured against, and how well they fit it. */
  backoff: z.object({
    baseMs: z.number(),
    capMs: z.number(),
    basis: z.enum(['announced', 'observed', 'assumed']),
    /** Waits of this loop that it explains, of those that have ended and are known in full. */
    explained: z.number().int(),
    total: z.number().int(),
  }),
  lifetime: z
    .object({
      pattern: z.enum(LIFETIME_PATTERNS),
      runs: z.number().int(),
      minMs: z.number(),
      medianMs: z.number(),
      maxMs: z.number(),
      changeMsPerRun: z.number(),
      probe: z.enum(['startup', 'liveness']).nullable(),
      budget: BudgetSchema.extend({ runsWithin: z.number().int() }).nullable(),
    })
    .nullable(),
  /** Null before the spec was read. */
  probes: z.array(ProbeTimingSchema).nullable(),
});
export type Timeline = z.infer<typeof TimelineSchema>;
