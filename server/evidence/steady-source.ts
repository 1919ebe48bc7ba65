import type { EvidenceSource, KubeObject, Part } from '@/lib/diagnosis/evidence-source';

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

const steady = (object: KubeObject): KubeObject => withoutVersion(withoutBinaries(object));

function of<T, U>(part: Part<T>, change: (value: T) => U): Part<U> {
  return 'missing' in part ? part : { value: change(part.value) };
}

/**
 * The source without what changes all the time and says nothing (resource versions of all but the pod, a node's heartbeats)
 * and without binaries, so that an object which did not change is the same text again. Credentials were withheld where it was read.
 */
export function steadySource(source: EvidenceSource): EvidenceSource {
  const list = (part: Part<readonly KubeObject[]>) => of(part, (objects) => objects.map(steady));
  return {
    ...source,
    node: of(source.node, (node) => withoutHeartbeats(steady(node))),
    owner: of(source.owner, steady),
    siblings: list(source.siblings),
    revisions: list(source.revisions),
    references: list(source.references),
    services: list(source.services),
    claims: list(source.claims),
    policies: list(source.policies),
  };
}
