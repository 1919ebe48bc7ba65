import { z } from 'zod';

/** The version of the shape below. A reader of a later version reads every earlier one. */
export const MANIFEST_VERSION = 1;

/** Names one stored text: the hash of its content in the store, its file in a capture. */
const NameSchema = z.string().min(1);

/** A part by name, or the sentence that says why it was not collected. */
const PartSchema = z.union([z.strictObject({ name: NameSchema }), z.strictObject({ missing: z.string() })]);
const ListSchema = z.union([z.strictObject({ names: z.array(NameSchema) }), z.strictObject({ missing: z.string() })]);

const RunIdSchema = z.string().nullable();

/**
 * Which log, and where its text is: kept with its run in the history, or under a name of its own. A text of its own holds head and
 * tail with a sentence between them where lines were left out; both lengths are in UTF-16 code units.
 */
const LogSchema = z.union([
  z.strictObject({ run: RunIdSchema, missing: z.string() }),
  z.strictObject({ run: z.string(), held: z.literal('run') }),
  z.strictObject({
    run: RunIdSchema,
    name: NameSchema,
    headLength: z.number().int().nonnegative(),
    tailLength: z.number().int().nonnegative(),
    skippedLines: z.number().int().nonnegative(),
    stamped: z.boolean(),
  }),
]);

const SaidSchema = z.object({
  ruleset: z.string(),
  cause: z.string(),
  confidence: z.string(),
  what: z.string(),
  sentence: z.string(),
});

/**
 * The best verdict when the evidence was gathered, and by which rules: what a reader was told then. `cause` is an id of the
 * vocabulary of that time.
 */
export type Said = z.infer<typeof SaidSchema>;

/**
 * What was collected of one loop, part by part, each by name or missing with its reason. Names stand for texts that lie beside
 * it: in the store each under the hash of its content, so that what did not change is stored once; in a capture as files.
 */
export const ManifestSchema = z.object({
  unloopRecord: z.literal(MANIFEST_VERSION),
  /** When it was collected, epoch milliseconds. */
  at: z.number(),
  cluster: z.string(),
  workload: z.object({ kind: z.string(), namespace: z.string(), name: z.string() }),
  container: z.string(),
  /** The pod, a Kubernetes object. */
  pod: NameSchema,
  /** Known runs of the pod's container, oldest first: a list of `RecordedRunSchema`. */
  runs: NameSchema,
  /** A Kubernetes List of core/v1 Events. */
  events: PartSchema,
  node: PartSchema,
  owner: PartSchema,
  /** Lists of Kubernetes objects, each a List in one text: these change together, or belong to the whole namespace. */
  siblings: PartSchema,
  services: PartSchema,
  policies: PartSchema,
  /** One text for each object. */
  revisions: ListSchema,
  references: ListSchema,
  claims: ListSchema,
  logs: z.object({ previous: LogSchema, current: LogSchema, first: LogSchema }),
  /** null where no rule fired: the container ran well. */
  said: SaidSchema.nullable(),
});
export type Manifest = z.infer<typeof ManifestSchema>;
export type ManifestPart = z.infer<typeof PartSchema>;
export type ManifestList = z.infer<typeof ListSchema>;
export type ManifestLog = z.infer<typeof LogSchema>;

/** A run as a record holds it; times are epoch milliseconds. */
export const RecordedRunSchema = z.object({
  id: z.string(),
  loopId: z.string(),
  podUid: z.string(),
  podName: z.string(),
  namespace: z.string(),
  container: z.string(),
  containerType: z.enum(['init', 'sidecar', 'app']),
  containerId: z.string(),
  restartIndex: z.number(),
  startedAt: z.number().nullable(),
  finishedAt: z.number().nullable(),
  exitCode: z.number().nullable(),
  reason: z.string(),
  message: z.string(),
  nodeName: z.string(),
  image: z.string(),
  missedBefore: z.number(),
  observedAt: z.number().nullable(),
});

/** Every name that a manifest refers to, each once. */
export function namesOf(manifest: Manifest): readonly string[] {
  const { events, node, owner, siblings, services, policies, revisions, references, claims, logs } = manifest;
  const parts = [events, node, owner, siblings, services, policies, logs.previous, logs.current, logs.first];
  const lists = [revisions, references, claims];
  return [
    ...new Set([
      manifest.pod,
      manifest.runs,
      ...parts.flatMap((part) => ('name' in part ? [part.name] : [])),
      ...lists.flatMap((list) => ('names' in list ? list.names : [])),
    ]),
  ];
}

/** The same manifest with every name replaced. */
export function renamed(manifest: Manifest, rename: (name: string) => string): Manifest {
  const part = (one: ManifestPart): ManifestPart => ('name' in one ? { name: rename(one.name) } : one);
  const list = (one: ManifestList): ManifestList => ('names' in one ? { names: one.names.map(rename) } : one);
  const log = (one: ManifestLog): ManifestLog => ('name' in one ? { ...one, name: rename(one.name) } : one);
  const { logs } = manifest;
  return {
    ...manifest,
    pod: rename(manifest.pod),
    runs: rename(manifest.runs),
    events: part(manifest.events),
    node: part(manifest.node),
    owner: part(manifest.owner),
    siblings: part(manifest.siblings),
    services: part(manifest.services),
    policies: part(manifest.policies),
    revisions: list(manifest.revisions),
    references: list(manifest.references),
    claims: list(manifest.claims),
    logs: { previous: log(logs.previous), current: log(logs.current), first: log(logs.first) },
  };
}
