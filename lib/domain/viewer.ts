/**
 * What may be seen of a namespace, by the words of Kubernetes' own rights. `objects`: what a diagnosis reads beside the pod, its logs and
 * its events, such as owners, revisions, ConfigMaps, Services and claims.
 */
export const SEEN_KINDS = ['pods', 'pods/log', 'events', 'objects'] as const;
export type SeenKind = (typeof SEEN_KINDS)[number];

/** A right to see some kinds in some namespaces of one cluster. */
export interface Grant {
  readonly cluster: string;
  /** null: in all of them. */
  readonly namespaces: readonly string[] | null;
  readonly kinds: readonly SeenKind[];
}

/**
 * Who asks, and what they may see. `local`: whoever reaches an Unloop that serves its own machine; sees all that Unloop's own account
 * sees. `person`: sees what the grants say and nothing else.
 */
export type Viewer =
  | { readonly kind: 'local' }
  | { readonly kind: 'person'; readonly name: string; readonly grants: readonly Grant[] };

export const LOCAL_VIEWER: Viewer = { kind: 'local' };

/** What is to be seen. */
export interface Sought {
  readonly cluster: string;
  /** null: in any of its namespaces. */
  readonly namespace: string | null;
  readonly kind: SeenKind;
}

/** Whether the viewer may see it: the one decision behind every answer of Unloop and every frame of its stream. */
export function canSee(viewer: Viewer, { cluster, namespace, kind }: Sought): boolean {
  if (viewer.kind === 'local') return true;
  return viewer.grants.some(
    (grant) =>
      grant.cluster === cluster &&
      grant.kinds.includes(kind) &&
      (namespace === null || grant.namespaces === null || grant.namespaces.includes(namespace)),
  );
}

/** Whether a cluster is there for the viewer: some of its pods may be seen. */
export function canSeeCluster(viewer: Viewer, cluster: string): boolean {
  return canSee(viewer, { cluster, namespace: null, kind: 'pods' });
}

/** What of one cluster an answer is made from: what its viewer may see and has asked for. */
export interface Sight {
  readonly cluster: string;
  readonly viewer: Viewer;
  /** Namespaces whose pods and loops are shown, for queries of the store; null: all. */
  readonly namespaces: readonly string[] | null;
  /** Sights with one key see the same. */
  readonly key: string;
  /** Whether pods and loops of the namespace are shown. */
  shows(namespace: string): boolean;
  /** Whether the viewer may see this kind in the namespace, asked for or not. */
  canSee(namespace: string, kind: SeenKind): boolean;
  /** Whether the viewer may see all that a diagnosis in the namespace stands on, and so what it says. */
  canExplain(namespace: string): boolean;
}

/** Narrows a cluster to what the viewer may see of it and asks for; `asked` null: for all of that. */
export function sightOf(viewer: Viewer, cluster: string, asked: readonly string[] | null): Sight {
  const seen = (namespace: string, kind: SeenKind) => canSee(viewer, { cluster, namespace, kind });
  const granted = viewer.kind === 'local' ? [] : viewer.grants.filter((grant) => grant.cluster === cluster);
  const isEverywhere =
    viewer.kind === 'local' || granted.some(({ namespaces, kinds }) => namespaces === null && kinds.includes('pods'));
  const named = isEverywhere ? asked : (asked ?? granted.flatMap(({ namespaces }) => namespaces ?? []));
  const shown = named === null ? null : new Set(named.filter((namespace) => seen(namespace, 'pods')));
  const namespaces = shown === null ? null : [...shown].sort();
  return {
    cluster,
    viewer,
    namespaces,
    key: JSON.stringify([viewer.kind, granted, namespaces]),
    shows: (namespace) => shown === null || shown.has(namespace),
    canSee: seen,
    canExplain: (namespace) => SEEN_KINDS.every((kind) => seen(namespace, kind)),
  };
}
