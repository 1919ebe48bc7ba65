import 'server-only';
import type { Affected, CauseBody, CausesPage } from '@/lib/contract/cause';
import { docsOfCause } from '@/lib/diagnosis/cause-docs';
import { CAUSE_IDS, CAUSES, type CauseId } from '@/lib/domain/causes';
import { UnloopError } from '@/lib/domain/unloop-error';
import { listClusters } from './list-clusters';
import { listLoops } from './list-loops';

/** The vocabulary of causes with each rule's documentation, and who fails for each now, over all clusters. */
export function listCauses(): CausesPage {
  const affected = affectedNow();
  return { asOf: new Date().toISOString(), causes: CAUSE_IDS.map((id) => causeBody(id, affected.get(id) ?? [])) };
}

/** One cause. Throws `not-found` for a word that is none. */
export function getCause(id: string): CauseBody {
  const known = CAUSE_IDS.find((one) => one === id);
  if (known === undefined) {
    throw new UnloopError('not-found', `there is no cause "${id.slice(0, 80)}"`, 'GET /api/v1/causes lists them all.');
  }
  return causeBody(known, affectedNow().get(known) ?? []);
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

function affectedNow(): ReadonlyMap<string, readonly Affected[]> {
  const affected: Affected[] = [];
  for (const { id: cluster } of listClusters()) {
    for (const loop of listLoops(cluster, { namespaces: null }).loops) {
      if (loop.state === 'recovered' || loop.state === 'gone') continue;
      const { id, workload, container, state, replicas, verdict, since } = loop;
      affected.push({ cluster, id, workload, container, state, replicas, verdict, since });
    }
  }
  return Map.groupBy(affected, (loop) => loop.verdict?.cause ?? 'unknown');
}
