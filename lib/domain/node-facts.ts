import type { BackoffOptions } from './backoff';
import { type BackoffParams, DEFAULT_BACKOFF } from './backoff-curve';
import type { BackoffFit } from './backoff-fit';

/** What is known of a node's kubelet: its minor version, or null, and the base and cap that the waits of its containers fit. */
export interface NodeFacts {
  readonly kubeletMinor: number | null;
  readonly fit: BackoffFit;
}

/** Facts by the node's name; a node of which nothing is known yet is not in it. */
export type NodeFactsByName = ReadonlyMap<string, NodeFacts>;

/** Of a node that has not been asked about: any minor, the common base and cap. */
export const NOTHING_KNOWN: NodeFacts = {
  kubeletMinor: null,
  fit: { params: DEFAULT_BACKOFF, basis: 'assumed', explained: 0, total: 0 },
};

/** The options of the back-off model for a node: the widest slack and the defaults until more is known. */
export function backoffOf(nodes: NodeFactsByName, node: string): BackoffOptions & { readonly params: BackoffParams } {
  const { kubeletMinor, fit } = nodes.get(node) ?? NOTHING_KNOWN;
  return { kubeletMinor, params: fit.params };
}
