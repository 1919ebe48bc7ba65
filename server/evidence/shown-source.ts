import type { EvidenceSource, KubeObject, Part } from '@/lib/diagnosis/evidence-source';
import { redactObject } from '@/lib/domain/redact/objects';

function withoutVersion(object: KubeObject): KubeObject {
  const { metadata } = object;
  if (metadata === null || typeof metadata !== 'object') return object;
  const { resourceVersion: _, ...rest } = metadata as KubeObject;
  return { ...object, metadata: rest };
}

/** A node's kubelet renews the heartbeat of each condition every five minutes, changed or not. */
function withoutHeartbeats(node: KubeObject): KubeObject {
  const status = node.status as { readonly conditions?: unknown } | null | undefined;
  if (!Array.isArray(status?.conditions)) return node;
  const conditions = status.conditions.map((condition: unknown) => {
    if (condition === null || typeof condition !== 'object') return condition;
    const { lastHeartbeatTime: _, ...rest } = condition as KubeObject;
    return rest;
  });
  return { ...node, status: { ...status, conditions } };
}

/** Of a ConfigMap's binary entries only the names are read. */
function withoutBinaries(map: KubeObject): KubeObject {
  const { binaryData } = map;
  if (binaryData === null || typeof binaryData !== 'object') return map;
  return { ...map, binaryData: Object.fromEntries(Object.keys(binaryData).map((name) => [name, ''])) };
}

const shown = (object: KubeObject): KubeObject => withoutVersion(redactObject(withoutBinaries(object)));

function of<T, U>(part: Part<T>, change: (value: T) => U): Part<U> {
  return 'missing' in part ? part : { value: change(part.value) };
}

/**
 * Gives the source as it may be kept and shown: credentials redacted, and without what changes all the time and says nothing
 * (resource versions of all but the pod, a node's heartbeats), so that an object which did not change is the same text again.
 */
export function shownSource(source: EvidenceSource): EvidenceSource {
  const list = (part: Part<readonly KubeObject[]>) => of(part, (objects) => objects.map(shown));
  return {
    ...source,
    pod: redactObject(source.pod),
    node: of(source.node, (node) => withoutHeartbeats(shown(node))),
    owner: of(source.owner, shown),
    siblings: list(source.siblings),
    revisions: list(source.revisions),
    references: list(source.references),
    services: list(source.services),
    claims: list(source.claims),
    policies: list(source.policies),
  };
}
