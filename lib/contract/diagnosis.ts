import { z } from 'zod';
import { FactPlaceSchema } from './fact-place';
import { InstantSchema, LoopSchema, VerdictSummarySchema } from './loop';
import { StepSchema } from './step';
import { TimelineSchema } from './timeline';

export const FactSchema = z.object({ text: z.string(), source: z.string(), value: z.string(), place: FactPlaceSchema });

export const VerdictSchema = VerdictSummarySchema.extend({
  loopId: z.string(),
  ruleId: z.string(),
  /** The headline sentence. */
  sentence: z.string(),
  facts: z.array(FactSchema),
  steps: z.array(StepSchema),
});
export type VerdictBody = z.infer<typeof VerdictSchema>;

export const RunSchema = z.object({
  id: z.string(),
  loopId: z.string(),
  pod: z.string(),
  podUid: z.string(),
  container: z.string(),
  restartIndex: z.number().int(),
  startedAt: InstantSchema.nullable(),
  finishedAt: InstantSchema.nullable(),
  livedMs: z.number().nullable(),
  exitCode: z.number().int().nullable(),
  signal: z.string().nullable(),
  reason: z.string(),
  message: z.string(),
  node: z.string(),
  missedBefore: z.number().int(),
  /** `held`: its log can be read; `pending`: being fetched; `missing`: see `logText`. */
  log: z.enum(['held', 'pending', 'missing', 'running']),
  logText: z.string(),
  logLines: z.number().int().nullable(),
});
export type RunBody = z.infer<typeof RunSchema>;

export const EventSchema = z.object({
  uid: z.string(),
  type: z.string(),
  reason: z.string(),
  message: z.string(),
  object: z.string(),
  container: z.string(),
  first: InstantSchema.nullable(),
  last: InstantSchema.nullable(),
  count: z.number().int(),
});
export type EventBody = z.infer<typeof EventSchema>;

/** "What Unloop saw": one line for each kind of evidence. */
export const EvidenceLineSchema = z.object({
  part: z.string(),
  state: z.enum(['present', 'partial', 'missing']),
  text: z.string(),
});
export type EvidenceLine = z.infer<typeof EvidenceLineSchema>;

export const PodReplicaSchema = z.object({
  pod: z.string(),
  uid: z.string(),
  node: z.string(),
  /** kubectl's STATUS and RESTARTS of the pod. */
  status: z.string(),
  restarts: z.number().int(),
  ready: z.boolean(),
  alive: z.boolean(),
  restartPolicy: z.string(),
});

/** The pod's YAML, server-redacted, without managedFields; `marks` are lines (from 1) that decided. */
export const SpecSchema = z.object({
  yaml: z.string(),
  pod: z.string(),
  marks: z.array(z.object({ line: z.number().int(), path: z.string(), text: z.string() })),
});

export type Spec = z.infer<typeof SpecSchema>;

/** What the verdicts of one loop stand on, and by which rules they were made. */
export const BasisSchema = z.object({
  /**
   * `record`: judged for this answer from the evidence as it was collected. `presentation`: as an earlier version of Unloop showed it;
   * its evidence was not kept. `none`: nothing is stored, or what is stored cannot be read.
   */
  kind: z.enum(['record', 'presentation', 'none']),
  /** When the evidence was collected. */
  at: InstantSchema.nullable(),
  /** The version of the rules that made the verdicts: equal versions judge alike. */
  ruleset: z.string(),
  /** The best verdict when the evidence was collected, where the rules say something else of it now. */
  saidThen: z
    .object({ cause: z.string(), confidence: z.string(), what: z.string(), sentence: z.string(), ruleset: z.string() })
    .nullable(),
  /** Rules that failed on this evidence: what they would have said is not known. */
  brokenRules: z.array(z.object({ ruleId: z.string(), error: z.string() })),
  /** Why what is stored cannot be read; else empty. */
  problem: z.string(),
});
export type Basis = z.infer<typeof BasisSchema>;

/** What was collected about one loop beside its verdicts. */
const CollectedSchema = z.object({
  basis: BasisSchema,
  evidence: z.array(EvidenceLineSchema),
  eventsText: z.string(),
  spec: SpecSchema.nullable(),
  specText: z.string(),
});

export const DiagnosisSchema = z.object({
  cluster: z.string(),
  asOf: InstantSchema,
  sequence: z.number().int(),
  /** The end as at which all of this is shown; null for now. */
  past: z
    .object({
      endedAt: InstantSchema,
      state: z.enum(['recovered', 'gone']),
      endedBy: z.string().nullable(),
      cameBackAt: InstantSchema.nullable(),
    })
    .nullish(),
  workload: z.object({ kind: z.string(), namespace: z.string(), name: z.string(), replicas: z.number().int() }),
  loops: z.array(LoopSchema),
  verdicts: z.array(VerdictSchema),
  runs: z.array(RunSchema),
  /** One for each loop. */
  timelines: z.array(TimelineSchema),
  evidence: z.array(EvidenceLineSchema),
  steps: z.array(StepSchema),
  /** Of the first loop, as evidence, spec and the two texts. */
  basis: BasisSchema,
  events: z.array(EventSchema),
  eventsText: z.string(),
  pods: z.array(PodReplicaSchema),
  spec: SpecSchema.nullable(),
  specText: z.string(),
  /** The same five of the other loops; those above are the first loop's. */
  collected: z.array(CollectedSchema.extend({ loopId: z.string() })),
});
export type Diagnosis = z.infer<typeof DiagnosisSchema>;
