import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CAUSE_IDS } from '@/lib/domain/causes';
import { DerivedImageSchema, pushDerivedImage } from './derived-image';
import { applyManifest, deleteNow, type Kube, listNames } from './kube';
import { waitUntil } from './wait-until';

const REGISTRY = '127.0.0.1:5000';
const LABEL = 'unloop.test/scenario';
const FOLDER = join(import.meta.dirname, '..', 'scenarios');

const CauseSchema = z.enum(CAUSE_IDS);

/** What is true of a scenario, told beside its manifest. */
const TruthSchema = z.strictObject({
  /** null: nothing is wrong, it must not be on the board. */
  cause: CauseSchema.nullable(),
  /** Causes that are as right. */
  also: z.array(CauseSchema),
  workload: z.strictObject({ kind: z.string(), namespace: z.string(), name: z.string() }),
  container: z.string(),
  /** Texts of which the verdict quotes at least one. */
  decisive: z.array(z.string()),
  /** A text of the crashed run's log; null where a run leaves no log. */
  log: z.string().nullable(),
  /** `holding`: crashes first, then runs for good. */
  state: z.enum(['looping', 'never-started', 'holding', 'healthy']),
  /** True where neither STATUS nor an event tells that it fails, only time: it comes late. */
  isSilent: z.boolean().default(false),
  /** What surprised when it ran on a real cluster. */
  notes: z.string().optional(),
});
export type Truth = z.infer<typeof TruthSchema>;

export interface Scenario {
  readonly id: string;
  readonly manifest: string;
  readonly truth: Truth;
}

/** All scenarios of `e2e/scenarios`, by id; `ids` chooses some. Throws where a truth is malformed or an id unknown. */
export function loadScenarios(ids?: readonly string[]): readonly Scenario[] {
  const all = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const names = ids ?? all.map((entry) => entry.name).sort();
  return names.map((id) => ({
    id,
    manifest: readFileSync(join(FOLDER, id, 'manifest.yaml'), 'utf8'),
    truth: TruthSchema.parse(JSON.parse(readFileSync(join(FOLDER, id, 'truth.json'), 'utf8'))),
  }));
}

/** Applies a scenario, its derived image first where it has one. */
export async function applyScenario(kube: Kube, scenario: Scenario): Promise<void> {
  const image = join(FOLDER, scenario.id, 'image.json');
  if (existsSync(image)) {
    await pushDerivedImage(REGISTRY, DerivedImageSchema.parse(JSON.parse(readFileSync(image, 'utf8'))));
  }
  await applyManifest(kube, scenario.manifest);
}

/** Deletes a namespace and its pods without grace. */
async function removeNamespace(kube: Kube, name: string): Promise<void> {
  await deleteNow(kube, `/api/v1/namespaces/${name}`).catch(refuseUnlessGone);
  for (const pod of await listNames(kube, `/api/v1/namespaces/${name}/pods`)) {
    await deleteNow(kube, `/api/v1/namespaces/${name}/pods/${pod}`).catch(refuseUnlessGone);
  }
}

/** A namespace that ends already says 409, and may have taken the object first: 404. */
function refuseUnlessGone(error: unknown): void {
  if (!(error instanceof Error && /: (404|409) /.test(error.message))) throw error;
}

/** Deletes a scenario's namespace; does not wait until it is gone. */
export async function removeScenario(kube: Kube, scenario: Scenario): Promise<void> {
  await removeNamespace(kube, scenario.truth.workload.namespace);
}

/** Deletes every scenario's namespace and waits until they are gone, so that a run starts from nothing. */
export async function removeScenarios(kube: Kube): Promise<void> {
  const path = `/api/v1/namespaces?labelSelector=${LABEL}`;
  for (const name of await listNames(kube, path)) await removeNamespace(kube, name);
  await waitUntil('the namespaces of the scenarios are gone', 280_000, async () => {
    return (await listNames(kube, path)).length === 0;
  });
}
