import 'server-only';
import type { Affected, CauseBody, CausesPage } from '@/lib/contract/cause';
import { docsOfCause } from '@/lib/diagnosis/cause-docs';
import { CAUSE_IDS, CAUSES, type CauseId } from '@/lib/domain/causes';
import { UnloopError } from '@/lib/domain/unloop-error';
import { clustersOf } from '@/server/runtime-slot';
import type { ReadContext } from './context';
import { listLoops } from './list-loops';

/** The vocabulary of causes with each rule's documentation, and who fails for each now, over all clusters that the viewer may see. */
export function listCauses(context: ReadContext): CausesPage {
  const affected = affectedNow(context);
  return { asOf: new Date().toISOString(), causes: CAUSE_IDS.map((id) => causeBody(id, affected.get(id) ?? [])) };
}

/** One cause. Throws `not-found` for a word that is none. */
export function getCause(context: ReadContext, { id }: { readonly id: string }): CauseBody {
  const known = CAUSE_IDS.find((one) => one === id);
  if (known === undefined) {
    throw new UnloopError('not-found', `there is no cause "${id.slice(0, 80)}"`, 'GET /api/v1/causes lists them all.');
  }
  return causeBody(known, affectedNow(context).get(known) ?? []);
}

function causeBody(id: CauseId, affected: readonly Affected[]): CauseBody {
  const { title, category, meaning } = CAUSES[id];
  return {
    id,
    title,
    category,
    meaning,
    docs: docsOfCause(id).map((doc) => ({ ...doc, steps: [...doc.steps] })),
    affected: [...affected],
  };
}

function affectedNow(context: ReadContext): ReadonlyMap<string, readonly Affected[]> {
  const affected: Affected[] = [];
  for (const cluster of clustersOf(context.viewer).keys()) {
    for (const loop of listLoops(context, { cluster, namespaces: null }).loops) {
      if (loop.state === 'recovered' || loop.state === 'gone') continue;
      const { id, workload, container, state, replicas, verdict, since } = loop;
      affected.push({ cluster, id, workload, container, state, replicas, verdict, since });
    }
  }
  return Map.groupBy(affected, (loop) => loop.verdict?.cause ?? 'unknown');
}
