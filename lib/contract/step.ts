import { z } from 'zod';
import { FactPlaceSchema } from './fact-place';
import { InstantSchema } from './loop';

const ObjectRefSchema = z.object({ kind: z.string(), namespace: z.string(), name: z.string() });

const CreationSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.enum(['ConfigMap', 'Secret']),
    namespace: z.string(),
    name: z.string(),
    keys: z.array(z.string()).readonly(),
  }),
  z.object({ kind: z.literal('PullSecret'), namespace: z.string(), name: z.string(), registry: z.string() }),
  z.object({ kind: z.literal('Job'), namespace: z.string(), name: z.string(), image: z.string() }),
  z.object({
    kind: z.literal('Grant'),
    namespace: z.string(),
    name: z.string(),
    verbs: z.array(z.string()).readonly(),
    resource: z.string(),
    group: z.string(),
    account: z.object({ namespace: z.string(), name: z.string() }),
  }),
]);

const FieldChangeSchema = z.object({
  /** Keys from the object's root; `{ key, is }` is the item of a list whose field `key` has the value `is`. */
  path: z.array(z.union([z.string(), z.object({ key: z.string(), is: z.string() })])).readonly(),
  value: z.unknown(),
});

/** What a step does, as data. */
export const OperationSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('patch'),
    target: ObjectRefSchema,
    patchType: z.enum(['strategic', 'merge']),
    changes: z.tuple([FieldChangeSchema], FieldChangeSchema).readonly(),
    fill: z.array(z.string()).readonly(),
  }),
  z.object({ kind: z.literal('edit'), target: ObjectRefSchema }),
  z.object({ kind: z.literal('rollback'), target: ObjectRefSchema }),
  z.object({ kind: z.literal('restart'), target: ObjectRefSchema }),
  z.object({ kind: z.literal('delete-pod'), namespace: z.string(), pod: z.string() }),
  z.object({ kind: z.literal('delete-failed-pods'), namespace: z.string() }),
  z.object({ kind: z.literal('end-container'), namespace: z.string(), pod: z.string(), container: z.string() }),
  z.object({ kind: z.literal('create'), object: CreationSchema }),
  z.object({ kind: z.literal('look'), place: FactPlaceSchema }),
  z.object({
    kind: z.literal('run'),
    words: z.tuple([z.string()], z.string()).readonly(),
    pipes: z.array(z.array(z.string()).readonly()).readonly().optional(),
  }),
  z.object({ kind: z.literal('decide') }),
]);
export type OperationBody = z.infer<typeof OperationSchema>;

const SINGLE_CONDITIONS = [
  z.object({ kind: z.literal('run-outlives'), ms: z.number() }),
  z.object({ kind: z.literal('container-starts') }),
  z.object({ kind: z.literal('container-ready'), ms: z.number() }),
  z.object({ kind: z.literal('starts-without-restart') }),
  z.object({ kind: z.literal('init-ends'), container: z.string() }),
  z.object({ kind: z.literal('pod-completes') }),
  z.object({ kind: z.literal('image-pulled') }),
  z.object({ kind: z.literal('pod-scheduled'), notOn: z.string().nullable() }),
  z.object({ kind: z.literal('no-pods') }),
  z.object({
    kind: z.literal('object-exists'),
    object: z.enum(['ConfigMap', 'Secret']),
    name: z.string(),
    key: z.string().nullable(),
  }),
  z.object({ kind: z.literal('endpoints-ready'), namespace: z.string(), service: z.string() }),
  z.object({ kind: z.literal('limit-at-least'), resource: z.string(), quantity: z.string() }),
  z.object({ kind: z.literal('node-condition'), node: z.string(), condition: z.string(), status: z.string() }),
  z.object({ kind: z.literal('seen-by-person'), text: z.string() }),
] as const;
const SingleConditionSchema = z.discriminatedUnion('kind', SINGLE_CONDITIONS);

/** When a step counts as done. */
export const DoneConditionSchema = z.discriminatedUnion('kind', [
  ...SINGLE_CONDITIONS,
  z.object({ kind: z.literal('all'), of: z.tuple([SingleConditionSchema], SingleConditionSchema).readonly() }),
]);

/** Whether it is: `at` when it came true, `by` the recorded change that came before it, each null where not known. */
export const DoneStateSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('open') }),
  z.object({ state: z.literal('done'), at: InstantSchema.nullable(), by: z.string().nullable() }),
  z.object({ state: z.literal('unknown') }),
]);
export type DoneStateBody = z.infer<typeof DoneStateSchema>;

/** What was stored before a step was data has neither `id` nor the optional parts. */
const common = {
  /** Kebab-case, unique within its verdict, kept once shipped; empty in what earlier versions stored. */
  id: z.string().default(''),
  title: z.string(),
  text: z.string(),
  operation: OperationSchema.optional(),
  condition: DoneConditionSchema.optional(),
  /** The condition in words, to follow "Done when". */
  doneWhen: z.string().optional(),
  done: DoneStateSchema.optional(),
  /** What to put into Git, where the step changes or makes objects. */
  yaml: z.string().optional(),
  /** Words in `command` and `yaml` that the reader replaces. */
  fill: z.array(z.string()).readonly().optional(),
};

/** One step of the fix. `command` is the operation as a line for a POSIX shell. */
export const StepSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('look'), ...common, place: FactPlaceSchema }),
  z.object({ kind: z.literal('run'), ...common, command: z.string() }),
  z.object({
    kind: z.literal('patch'),
    ...common,
    command: z.string(),
    target: ObjectRefSchema,
    patchType: z.enum(['strategic', 'merge', 'json']),
    patch: z.unknown(),
  }),
  z.object({ kind: z.literal('rollback'), ...common, command: z.string() }),
  z.object({ kind: z.literal('decide'), ...common }),
]);
export type StepBody = z.infer<typeof StepSchema>;
